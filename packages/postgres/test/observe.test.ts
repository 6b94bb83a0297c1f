// What an observer hears of a client at work: names, outcomes, and none of what is confidential unless it asks.

import type { Operation, OperationEnd } from "@landline/core";
import type {} from "@landline/services/provided";
import { expect, inject, test } from "vitest";
import { postgres } from "../src/index.ts";

const { postgres: server } = inject("services");

interface Heard {
  readonly operation: Operation;
  end?: OperationEnd;
}

function listening(url = server.url): { heard: Heard[]; sql: ReturnType<typeof postgres> } {
  const heard: Heard[] = [];
  const sql = postgres({
    url,
    observe: (operation) => {
      const entry: Heard = { operation };
      heard.push(entry);
      return (end) => void (entry.end = end);
    },
  });
  return { heard, sql };
}

const ofKind = (heard: readonly Heard[], kind: string): Heard[] =>
  heard.filter(({ operation }) => operation.kind === kind);

test("a query, the connection that it needs, and the pool", async () => {
  const { heard, sql } = listening();
  await using _ = sql;
  await sql`select ${"a secret"}::text as word`;
  const common = {
    "db.system.name": "postgresql",
    "db.namespace": server.database,
    "server.address": server.hostname,
    "server.port": server.port,
  };
  const [query] = ofKind(heard, "query");
  expect(query?.operation).toMatchObject({
    name: `SELECT ${server.database}`,
    attributes: { ...common, "db.operation.name": "SELECT", "db.query.text": "select $1::text as word" },
  });
  expect(query?.end).toEqual({ attributes: { "db.response.returned_rows": 1 } });
  expect(ofKind(heard, "connect")).toMatchObject([{ operation: { name: "connect", attributes: common }, end: {} }]);
  expect(ofKind(heard, "pool").map(({ operation }) => operation.name)).toEqual([
    "create",
    "wait",
    "created",
    "acquire",
    "release",
  ]);
});

test("nothing confidential, unless it is asked for", async () => {
  const { heard, sql } = listening();
  await using _ = sql;
  await sql`select ${"a secret"}::text, ${new Uint8Array(3)}::bytea, ${null}::text`;
  await sql.unsafe("select 'another secret'");
  await sql`select ${"a secret"}::int`.catch(() => {});
  const [first, second, third] = ofKind(heard, "query");
  const told = heard.map(({ operation, end }) => [operation.name, operation.attributes, end?.attributes]);
  expect(JSON.stringify(told)).not.toContain("secret");
  expect(JSON.stringify(told)).not.toContain(server.users.scram.password);
  expect(first?.operation.details()).toEqual({
    "db.query.text": "select $1::text, $2::bytea, $3::text",
    "db.query.parameter.0": "a secret",
    "db.query.parameter.1": "3 bytes",
    "db.query.parameter.2": "NULL",
  });
  expect(second?.operation.details()).toEqual({ "db.query.text": "select 'another secret'" });
  expect(third?.end).toMatchObject({ error: { code: "22P02" }, attributes: { "db.response.status_code": "22P02" } });
});

test("queries in a transaction and on a reserved connection, and a connection that cannot be made", async () => {
  const { heard, sql } = listening();
  await sql.begin(async (tx) => {
    await tx`select 1`;
    await tx`select 2`;
  });
  const own = await sql.reserve();
  await own`select 3`;
  own.release();
  await sql.end();
  expect(ofKind(heard, "query")).toHaveLength(3);

  const { heard: nothing, sql: nowhere } = listening("postgres://user:hidden-word@localhost:1/nowhere");
  await nowhere`select 1`.catch(() => {});
  expect(ofKind(nothing, "connect")[0]?.end).toMatchObject({ error: { outcome: "unsent" } });
  expect(ofKind(nothing, "query")[0]?.end).toMatchObject({ error: { outcome: "unsent" } });
  expect(JSON.stringify(nothing)).not.toContain("hidden-word");
});
