// What an observer hears of the facade: of connections, queries, cursors, and what others have made that runs on a Client.

import type { Operation, OperationEnd } from "@landline/core";
import type {} from "@landline/services/provided";
import copy from "pg-copy-streams";
import QueryStream from "pg-query-stream";
import { expect, inject, test } from "vitest";
import { Client, Cursor, Pool, Query, type ClientConfig } from "../../src/pg/index.ts";
import { heard as event, outcome } from "./cases.ts";

const { postgres: server } = inject("services");
const ROWS = "db.response.returned_rows";
const STATUS = "db.response.status_code";
const SERIES = "select n from generate_series(1, $1) n";

interface Heard {
  readonly operation: Operation;
  readonly ends: OperationEnd[];
}

/** A client that is connected, and what is heard of its queries. */
async function observed(config: ClientConfig = {}): Promise<{ client: Client; heard: Heard[] }> {
  const heard: Heard[] = [];
  const client = new Client({
    connectionString: server.url,
    observe: (operation) => {
      const ends: OperationEnd[] = [];
      if (operation.kind === "query") heard.push({ operation, ends });
      return (end) => void ends.push(end);
    },
    ...config,
  });
  return { client: await client.connect(), heard };
}

const named = (word: string): string => `${word} ${server.database}`;
/** What each was called, and how it ended: once, or not yet. */
const told = (heard: readonly Heard[]): unknown[] =>
  heard.map(({ operation, ends }) => [operation.name, ...ends.map(({ attributes }) => attributes)]);

test("a cursor is one operation, from the query to its end, with all rows that were read", async () => {
  const { client, heard } = await observed();
  const cursor = client.query(new Cursor(SERIES, [7]));
  for (const count of [3, 3, 1]) expect(await cursor.read(3)).toHaveLength(count);
  expect(await cursor.read(3)).toEqual([]);
  expect(heard[0]?.operation.attributes).toMatchObject({
    "db.system.name": "postgresql",
    "db.namespace": server.database,
    "db.operation.name": "SELECT",
    "db.query.text": SERIES,
  });
  expect(heard[0]?.operation.details()).toMatchObject({ "db.query.parameter.0": "7" });

  const early = client.query(new Cursor(SERIES, [100]));
  await early.read(2);
  expect(told(heard)).toEqual([[named("SELECT"), { [ROWS]: 7 }], [named("SELECT")]]);
  await early.close();
  const unread = client.query(new Cursor(SERIES, [100]));
  await unread.close();
  await client.end();
  expect(told(heard).slice(1)).toEqual([
    [named("SELECT"), { [ROWS]: 2 }],
    [named("SELECT"), { [ROWS]: 0 }],
  ]);
});

test("a cursor that fails: by the server, by a parser, by what waits too long, and with the connection", async () => {
  const { client, heard } = await observed({ query_timeout: 100 });
  const failing = client.query(new Cursor("select 10 / (3 - n) as q from generate_series(1, $1) n", [5]));
  await failing.read(1);
  expect(await outcome(failing.read(9))).toMatchObject({ fields: { code: "22012" } });
  const parsing = (): never => {
    throw new Error("a parser's");
  };
  const unread = client.query(new Cursor("select 1", [], { types: { getTypeParser: () => parsing } }));
  await expect(unread.read(1)).rejects.toThrow("a parser's");
  expect(told(heard)).toEqual([
    [named("SELECT"), { [STATUS]: "22012" }],
    [named("SELECT"), undefined],
  ]);
  expect(heard[1]?.ends).toMatchObject([{ error: { message: "a parser's" } }]);

  const first = client.query(new Cursor(SERIES, [100]));
  await first.read(1);
  const waiting = client.query(new Cursor(SERIES, [100]));
  await expect(waiting.read(1)).rejects.toThrow("Query read timeout");
  expect(heard[3]?.ends).toMatchObject([{ error: { message: "Query read timeout" } }]);
  expect(heard[2]?.ends).toEqual([]);
  await client.end();
  await expect(first.read(1)).rejects.toThrow("Connection terminated");
  expect(heard[2]?.ends).toMatchObject([{ error: { message: "Connection terminated" } }]);
});

test("what others have made: a stream of rows, a COPY, and a Query with events", async () => {
  const { client, heard } = await observed();
  const stream = client.query(new QueryStream(SERIES, [250]));
  let rows = 0;
  for await (const _ of stream) rows++;
  expect(rows).toBe(250);
  for await (const _ of client.query(copy.to("copy (select 1) to stdout"))) rows++;
  const events = client.query(new Query(SERIES, [3]));
  events.on("row", () => rows++);
  await event(events, "end");
  const refused = client.query(new Query("select nonsense"));
  await event(refused, "error");
  await client.query("select 1");
  await client.end();
  expect(rows).toBe(254);
  expect(told(heard)).toEqual([
    [named("SELECT"), { [ROWS]: 250 }],
    [named("COPY"), undefined],
    [named("SELECT"), { [ROWS]: 3 }],
    [named("SELECT"), { [STATUS]: "42703" }],
    [named("SELECT"), { [ROWS]: 1 }],
  ]);
  expect(heard[0]?.operation.attributes["db.query.text"]).toBe(SERIES);
});

test("a query's end, whichever way it is asked for; one that is not valid; and a login that is refused", async () => {
  const { client, heard } = await observed();
  await client.query("insert into nowhere_at_all values ($1)", ["a secret"]).catch(() => {});
  await new Promise((resolve) => client.query("select 1; select 2", resolve));
  await expect(client.query("select 1", "no list" as never)).rejects.toThrow("must be an array");
  await client.end();
  expect(told(heard)).toEqual([
    [named("INSERT"), { [STATUS]: "42P01" }],
    [named("SELECT"), { [ROWS]: 2 }],
    [named("SELECT"), undefined],
  ]);
  expect(JSON.stringify(told(heard))).not.toContain("a secret");

  const ends: OperationEnd[] = [];
  const url = new URL(server.url);
  url.password = "hidden-word";
  const pool = new Pool({ connectionString: url.href, observe: () => (end) => void ends.push(end) });
  await expect(pool.query("select 1")).rejects.toMatchObject({ code: "28P01" });
  await pool.end();
  expect(ends).toMatchObject([{ error: { code: "28P01" }, attributes: { [STATUS]: "28P01" } }]);
});
