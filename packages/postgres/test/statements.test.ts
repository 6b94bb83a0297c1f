// Prepared statements against a real server: whether one was prepared before changes neither what a parameter means nor what
// comes back; the cache is bounded; what has gone stale is made anew once, and never inside of a transaction.

import type {} from "@landline/services/provided";
import fc from "fast-check";
import { afterAll, describe, expect, inject, test } from "vitest";
import { postgres, PostgresError, type ReservedSql, type Sql, type Tag } from "../src/index.ts";

const { postgres: server } = inject("services");
const admin = postgres(server.adminUrl);
const sql = postgres({ url: server.url, maxStatements: 4 });
afterAll(() => Promise.all([sql.end(), admin.end()]));

async function prepared(one: ReservedSql): Promise<string[]> {
  const rows = await one<{ name: string }>`select name from pg_prepared_statements where name like 's%'`.simple();
  return (rows as { name: string }[]).map(({ name }) => name);
}

describe("a connection's statements", () => {
  test("are bounded, the least recently used one goes first, and the server is told", async () => {
    await using one = await sql.reserve();
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 12; n++) {
        await one.unsafe(`select ${n}::int4 as n, $1::text as t`, ["x"]);
        await one`select 'often'::text as t`;
      }
    }
    expect((await prepared(one)).length).toBeLessThanOrEqual(4);
    // The one that is used again and again has not been prepared again and again.
    const [row] = await one<{ names: string }>`
      select string_agg(name, ',') as names from pg_prepared_statements where statement like 'select ''often''%'`;
    expect(row?.names).toMatch(/^s\d$/);
  });

  test("are none where a pooler changes the connection behind our back", async () => {
    await using client = postgres({ url: server.url, pooling: "transaction", max: 1 });
    await using one = await client.reserve();
    for (let round = 0; round < 3; round++) await one`select ${round}::int4 as n`;
    expect(await prepared(one)).toEqual([]);
  });
});

describe("a stale statement", () => {
  /** Runs `select * from <table>` until it is prepared, changes the table elsewhere, and gives the reader back. */
  async function stale(one: Tag, change: (table: string) => string): Promise<() => Promise<unknown>> {
    const table = `stale_${crypto.randomUUID().slice(0, 8)}`;
    await admin.unsafe(
      `create table ${table} (a int4); insert into ${table} values (1); grant all on ${table} to public`,
    );
    const read = (): Promise<unknown> => one`select * from ${one(table)}`.execute();
    await read();
    await read();
    await admin.unsafe(change(table));
    return read;
  }

  test.each([
    ["a column more", (table: string) => `alter table ${table} add b text default 'new'`, [{ a: 1, b: "new" }]],
    ["a column of another type", (table: string) => `alter table ${table} alter a type text`, [{ a: "1" }]],
    [
      "a column of a type without a binary form",
      (table: string) => `alter table ${table} alter a type aclitem using '=r/postgres'::aclitem`,
      [{ a: expect.any(String) }],
    ],
  ])("after %s is made anew", async (_, change, expected) => {
    const [row] = await admin<{ who: string }>`select current_user as who`;
    await using one = await sql.reserve();
    const read = await stale(one, (table) => change(table).replace("/postgres'", `/${row?.who}'`));
    expect(await read()).toEqual(expected);
    expect(await read()).toEqual(expected);
  });

  test("inside of a transaction is that transaction's error, and not run again", async () => {
    await using client = postgres({ url: server.url, max: 1 });
    const read = await stale(client, (table) => `alter table ${table} add b text`);
    void read;
    const again = client.begin(async (tx) => {
      const inside = await stale(tx, (table) => `select from ${table}`);
      return inside();
    });
    expect(await again).toEqual([{ a: 1 }]);
    const [{ table }] = (await admin`
      select relname as table from pg_class where relname like 'stale\\_%' and relnatts = 2 and relkind = 'r'
      order by oid desc limit 1`) as unknown as [{ table: string }];
    const broken = client.begin((tx) => tx`select * from ${tx(table)}`);
    await expect(broken).rejects.toMatchObject({ code: "0A000" });
    expect(await client`select * from ${client(table)}`).toEqual([{ a: 1, b: null }]);
  });

  test.each([
    ["of fewer parameters", "select 'not ours'::text as t"],
    ["of fewer columns", "select $1::text as t where false"],
    ["of more columns", "select $1::text as t, 2 as n, 3 as x, 4 as y where false"],
  ])("whose name has become another's, %s (08P01), is made anew", async (_, text) => {
    await using one = await sql.reserve();
    const read = (): Promise<unknown> => one`select ${"ours"}::text as t, 1 as n, true as yes`.execute();
    const expected = [{ t: "ours", n: 1, yes: true }];
    expect(await read()).toEqual(expected);
    expect(await read()).toEqual(expected);
    const [row] = await one<{ name: string }>`
      select name from pg_prepared_statements where statement like '%as t, 1 as n, true%' and name like 's%'`;
    const name = row?.name as string;
    await one.unsafe(`deallocate ${name}; prepare ${name} as ${text}`);
    expect(await read()).toEqual(expected);
    expect(await read()).toEqual(expected);
    // In a transaction it is that transaction's error.
    await one.unsafe(`begin; deallocate all; prepare ${name} as ${text}`);
    await expect(read()).rejects.toMatchObject({ outcome: "refused" });
    await one`rollback`.simple();
    expect(await read()).toEqual(expected);
  });

  test("that is gone, or whose name is another's, is made anew", async () => {
    await using one = await sql.reserve();
    const read = (): Promise<unknown> => one`select 'gone'::text as t`.execute();
    await read();
    await read();
    for (const command of ["deallocate all", "discard all"]) {
      await one.unsafe(command);
      expect(await read()).toEqual([{ t: "gone" }]);
      expect(await read()).toEqual([{ t: "gone" }]);
    }
    // The next name that a connection gives is taken already.
    await using other = await sql.reserve();
    const taken = Array.from({ length: 40 }, (_, n) => `prepare s${n} as select 'not this'`);
    await other.unsafe(["deallocate all", ...taken].join("; "));
    expect(await other`select 'ours'::text as t`).toEqual([{ t: "ours" }]);
  });
});

/** What a statement came to, errors included. */
async function outcome(one: Tag, text: string, value: unknown): Promise<unknown> {
  try {
    return [...(await one.unsafe(text, [value]))];
  } catch (error) {
    return error instanceof PostgresError ? error.code : String(error);
  }
}

/** One of each kind of parameter, and texts that some type or other reads. */
const KINDS: readonly unknown[] = [
  null,
  true,
  0,
  -0,
  1.5,
  NaN,
  Infinity,
  9007199254740993n,
  "",
  "t",
  "1",
  "-12345.678901234567890",
  "infinity",
  "2024-02-29",
  "0044-03-15 BC",
  "2024-02-29 12:34:56.789012+04:56:02",
  "12:34:56.789",
  "1 year 2 months -3 days 04:05:06.7",
  "{1,NULL,3}",
  "[0:1]={1,2}",
  '{"NULL",null,"a,b\\"c"}',
  "[1,5)",
  "empty",
  "{[1,3),[5,9)}",
  '{"a":[1,null,"x"]}',
  "0f8fad5b-d9cb-469f-a165-70867728950e",
  "192.168.0.0/16",
  "08:00:2b:01:02:03",
  "10101",
  "(1,2)",
  "((1,2),(3,4))",
  "<(1,2),3>",
  "'a' & 'b'",
  "$.a[*]",
  "\\xdeadbeef",
  "0/16B3748",
  "Grüße 🚲",
  new Date(Date.UTC(2024, 1, 29, 12, 34, 56, 789)),
  new Date(-1),
  Uint8Array.of(0, 255, 92, 39),
  [1, null, 3],
  [
    ["a", "NULL"],
    [null, ""],
  ],
  [],
  [true, false],
  [new Date(0)],
  { a: 1, b: [null, "x"] },
  sql.json([1, 2]),
  sql.json("x"),
  sql.array(["a", null]),
  sql.typed("7", 20),
  sql.typed("1.10", 1700),
];

describe("cold and warm are the same", () => {
  async function everyType(): Promise<string[]> {
    const rows = await admin<{ name: string }>`
      select format_type(oid, null) as name from pg_type
      where typtype in ('b', 'r', 'm') and typnamespace = 'pg_catalog'::regnamespace and typname not like 'pg\\_%'`;
    return rows.map(({ name }) => name);
  }

  async function compare(
    cold: Sql,
    warm: ReservedSql,
    types: readonly string[],
    values: readonly unknown[],
  ): Promise<void> {
    for (const type of types) {
      const text = `select $1::${type} as v, array[$1::${type}] as "list"`;
      // All at once: what differs with what is in flight would show as well.
      await Promise.all(
        values.map(async (value) => {
          const fresh = await outcome(cold, text, value);
          for (let round = 0; round < 2; round++) {
            expect(await outcome(warm, text, value), `${type} of ${String(value)}`).toEqual(fresh);
          }
        }),
      );
    }
  }

  test.each(["UTC", "Asia/Kolkata"])(
    "for each type and each kind of parameter, in %s",
    { timeout: 60_000 },
    async (zone) => {
      await using cold = postgres({ url: server.url, maxStatements: 0, max: 2, settings: { TimeZone: zone } });
      await using client = postgres({ url: server.url, max: 1, settings: { TimeZone: zone } });
      await using warm = await client.reserve();
      const types = await everyType();
      expect(types.length).toBeGreaterThan(100);
      await compare(cold, warm, types, KINDS);
    },
  );

  test("for any numbers, texts, dates and bytes", async () => {
    await using cold = postgres({ url: server.url, maxStatements: 0, max: 1 });
    await using client = postgres({ url: server.url, max: 1 });
    await using warm = await client.reserve();
    const value = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.string({ unit: "grapheme" }),
      fc.date({ noInvalidDate: true }),
      fc.uint8Array(),
      fc.json(),
      fc.array(fc.oneof(fc.integer(), fc.constant(null))),
    );
    const type = fc.constantFrom(
      "int2",
      "int4",
      "int8",
      "float4",
      "float8",
      "numeric",
      "text",
      "bytea",
      "timestamptz",
      "timestamp",
      "date",
      "time",
      "interval",
      "jsonb",
      "json",
      "uuid",
      "bool",
      "int4[]",
      "text[]",
      "numeric[]",
      "money",
    );
    await fc.assert(
      fc.asyncProperty(type, value, (one, given) => compare(cold, warm, [one], [given])),
      { numRuns: 150 },
    );
  });
});
