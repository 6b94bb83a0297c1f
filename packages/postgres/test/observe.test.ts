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
  // The COMMIT is one of its own, since it may fail; BEGIN rides with the first.
  expect(ofKind(heard, "query").map(({ operation }) => operation.attributes["db.query.text"])).toEqual([
    "select 1",
    "select 2",
    undefined,
    "select 3",
  ]);
  expect(ofKind(heard, "query")[2]?.operation.name).toBe(`COMMIT ${server.database}`);

  const { heard: nothing, sql: nowhere } = listening("postgres://user:hidden-word@localhost:1/nowhere");
  await nowhere`select 1`.catch(() => {});
  expect(ofKind(nothing, "connect")[0]?.end).toMatchObject({ error: { outcome: "unsent" } });
  expect(ofKind(nothing, "query")[0]?.end).toMatchObject({ error: { outcome: "unsent" } });
  expect(JSON.stringify(nothing)).not.toContain("hidden-word");
});

test("a cursor is one operation, and so are a COPY and a batch, from their beginning to their end", async () => {
  const { heard, sql } = listening();
  await using _ = sql;
  for await (const rows of sql`select * from generate_series(1, 10)`.cursor(4)) {
    expect(rows.length).toBeGreaterThan(0);
    expect(ofKind(heard, "query")[0]?.end).toBeUndefined();
  }
  await new Response(await sql`copy (select repeat('x', 99)) to stdout`.readable()).text();
  await sql.batch([sql`select ${1}::int as n`, sql`select ${1}::int as n`]);
  await sql.batch([sql`select 1`, sql`values (2), (3)`]);
  await sql`select generate_series(1, 5)`.forEach(() => {});
  await sql.unsafe("select 1; select 2");
  await sql.unsafe("hidden").catch(() => {});
  expect(ofKind(heard, "query").map(({ operation, end }) => [operation.name, end?.attributes])).toEqual([
    [`SELECT ${server.database}`, { "db.response.returned_rows": 10 }],
    [`COPY ${server.database}`, { "landline.copy.bytes": 100 }],
    [`BATCH SELECT ${server.database}`, { "db.response.returned_rows": 2 }],
    [`BATCH ${server.database}`, { "db.response.returned_rows": 3 }],
    [`SELECT ${server.database}`, { "db.response.returned_rows": 5 }],
    [`SELECT ${server.database}`, { "db.response.returned_rows": 2 }],
    [`query ${server.database}`, { "db.response.status_code": "42601" }],
  ]);
  const [same, different] = ofKind(heard, "query").slice(2);
  expect(same?.operation.attributes).toMatchObject({
    "db.operation.name": "BATCH SELECT",
    "db.operation.batch.size": 2,
    "db.query.text": "select $1::int as n",
  });
  expect(different?.operation.attributes["db.query.text"]).toBe("select 1; values (2), (3)");
  expect(same?.operation.details()).toEqual({ "db.query.text": "select $1::int as n" });
});

test("a login that the server refuses is a connection that failed, also where a query went out ahead of the answer", async () => {
  const url = new URL(server.url);
  url.password = "hidden-word";
  const { heard, sql } = listening(url.href);
  await using _ = sql;
  await expect(sql`select 1`).rejects.toMatchObject({ code: "28P01" });
  const refused = { attributes: { "db.response.status_code": "28P01" } };
  expect(ofKind(heard, "connect")[0]?.end).toMatchObject(refused);
  expect(ofKind(heard, "query")[0]?.end).toMatchObject(refused);
});
