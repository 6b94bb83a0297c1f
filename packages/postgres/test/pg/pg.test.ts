// The facade on every runtime: a life of a Client and a Pool, and where it means to differ from node-postgres.

import { afterAll, describe, expect, inject, test } from "vitest";
import pg, { Client, Cursor, DatabaseError, Pool, Query, types } from "../../src/pg/index.ts";
import { heard, outcome } from "./cases.ts";

const { url } = inject("services").postgres;
const pool = new Pool({ connectionString: url, max: 3 });
afterAll(() => pool.end());

async function connected(config: ConstructorParameters<typeof Client>[0] = url): Promise<Client> {
  return new Client(config).connect();
}

test("a pool answers queries, with node-postgres' types", async () => {
  const { rows, rowCount, command, fields } = await pool.query(
    "select $1::int8 as big, $2::jsonb as json, $3::timestamptz as at, array[1, null] as list, interval '1 hour' as i",
    ["9007199254740993", { a: [1] }, new Date(5)],
  );
  expect({ rowCount, command, names: fields.map(({ name }) => name) }).toEqual({
    rowCount: 1,
    command: "SELECT",
    names: ["big", "json", "at", "list", "i"],
  });
  expect(rows).toEqual([
    { big: "9007199254740993", json: { a: [1] }, at: new Date(5), list: [1, null], i: { hours: 1 } },
  ]);
});

test("a client: transactions, errors with their fields, named statements, notifications", async () => {
  const client = await connected();
  await client.query("create temp table people (id serial primary key, name text unique)");
  await client.query("begin");
  await client.query("insert into people (name) values ($1)", ["Ada"]);
  await client.query("savepoint s");
  const error = await client.query("insert into people (name) values ($1)", ["Ada"]).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DatabaseError);
  expect(error).toMatchObject({ code: "23505", constraint: "people_name_key", table: "people", severity: "ERROR" });
  await client.query("rollback to savepoint s");
  await client.query("commit");
  for (const id of [1, 2]) {
    const { rows } = await client.query({ name: "by id", text: "select name from people where id = $1", values: [id] });
    expect(rows).toEqual(id === 1 ? [{ name: "Ada" }] : []);
  }
  await client.query("listen news");
  const notified = heard(client, "notification");
  await pool.query("notify news, 'hello'");
  expect(await notified).toMatchObject([{ channel: "news", payload: "hello" }]);
  await client.end();
});

test("a cursor reads in batches, on a client of the pool", async () => {
  const client = await pool.connect();
  const cursor = client.query(new Cursor<{ n: number }>("select n from generate_series(1, $1) n", [5]));
  expect(await Promise.all([cursor.read(2), cursor.read(2), cursor.read(2), cursor.read(2)])).toEqual([
    [{ n: 1 }, { n: 2 }],
    [{ n: 3 }, { n: 4 }],
    [{ n: 5 }],
    [],
  ]);
  await cursor.close();
  client.release();
});

test("the names and the default are one module", () => {
  expect(pg).toMatchObject({ Client, Pool, Query, Cursor, DatabaseError, types, native: null });
  expect(Pool.name).toBe("Pool");
});

test("what is read in binary is what is read as text", async () => {
  const client = await connected();
  for (const value of [
    "true",
    "'-2'::int2",
    "'-5'::int4",
    "'-9223372036854775808'::int8",
    "1.5::float4",
    "'-2.25'::float8",
    "'infinity'::timestamptz",
    "'2020-02-29 12:34:56.789'::timestamp",
    "'1969-07-20 20:17:40.123+00'::timestamptz",
    "array[1,null,-3]",
    "array[]::int4[]",
    "array['a',null]::text[]",
    "array[true,false]",
  ]) {
    const text = `select ${value} as v`;
    const binary = await client.query({ text, binary: true, queryMode: "extended" });
    expect(binary.fields[0]?.format).toBe("binary");
    expect([value, binary.rows]).toEqual([value, (await client.query(text)).rows]);
  }
  const { rows } = await client.query({ text: "select '-0.5'::numeric as v", binary: true, queryMode: "extended" });
  expect(rows).toEqual([{ v: -0.5 }]);
  await client.end();
});

describe("where it differs on purpose", () => {
  test("an error that nobody listens to does not end the process", async () => {
    const victim = await connected();
    const ended = heard(victim, "end");
    await pool.query("select pg_terminate_backend($1)", [victim.processID]);
    await ended;
    const query = new Query("select 1");
    victim.query(query);
    expect(await outcome(victim.query("select 1"))).toMatchObject({
      message: expect.stringContaining("not queryable"),
    });
  });

  test("a connection that could not be made, or was ended before it was, tells everybody", async () => {
    const away = new Client({ connectionString: url.replace(/:\d+\//, ":1/") });
    const early = outcome(away.query("select 1"));
    expect(await outcome(away.connect())).toHaveProperty("message");
    expect(await early).toHaveProperty("message");
    expect(await outcome(away.query("select 2"))).toMatchObject({ message: expect.stringContaining("not queryable") });
    const ended = new Client(url);
    const connecting = outcome(ended.connect());
    await ended.end();
    expect(await connecting).toMatchObject({ message: "Connection terminated" });
  });

  test("a value that cannot be sent leaves nothing behind", async () => {
    const client = await connected();
    const value = {
      toPostgres: () => {
        throw new Error("not today");
      },
    };
    expect(await outcome(client.query({ name: "n", text: "select $1::text", values: [value] }))).toMatchObject({
      message: "not today",
    });
    expect(await outcome(client.query("select '\0'"))).toMatchObject({ name: "TypeError" });
    expect((await client.query({ name: "n", text: "select $1::text as v", values: ["x"] })).rows).toEqual([{ v: "x" }]);
    await client.end();
  });

  test("an error between rows that come a few at a time does not hang", async () => {
    const client = await connected();
    const failing = client.query({ text: "select 10 / (4 - n) from generate_series(1, 9) n", rows: 2 });
    expect(await outcome(failing)).toMatchObject({ message: "division by zero" });
    expect((await client.query("select 1 as still")).rows).toEqual([{ still: 1 }]);
    await client.end();
  });

  test("COPY FROM by the extended protocol does not hang", async () => {
    const client = await connected();
    await client.query("create temp table c (a int)");
    expect(await outcome(client.query({ text: "copy c from stdin", queryMode: "extended" }))).toMatchObject({
      message: expect.stringContaining("No source stream defined"),
    });
    expect((await client.query("select 1 as still")).rows).toEqual([{ still: 1 }]);
    await client.end();
  });

  test.each([
    ["a socket in the file system", { host: "/var/run/postgresql" }, /hostname/],
    ["replication", { replication: "database" }, /replication/],
    ["TLS options that would be ignored", { ssl: { checkServerIdentity: () => undefined } }, /checkServerIdentity/],
  ])("it refuses %s", async (_, config, message) => {
    const client = new Client({ connectionString: url.replace(/\?.*/, ""), ...config } as never);
    if ("host" in config) Object.assign(client.connectionParameters, config);
    await expect(client.connect()).rejects.toThrow(message);
  });

  test.each([
    ["postgres://u:p@h/d?sslmode=sometimes", /sslmode/],
    ["postgres://u:p@h/d?sslrootcert=/etc/ca.pem", /sslrootcert/],
    ["postgres://u:p@h/d?uselibpqcompat=true&sslmode=require", /uselibpqcompat/],
    ["mysql://u:p@h/d", /postgres:\/\//],
  ])("it refuses %s, without repeating it", (text, message) => {
    expect(() => new Client(text)).toThrow(message);
    expect(() => new Client(text)).not.toThrow(/u:p/);
  });
});
