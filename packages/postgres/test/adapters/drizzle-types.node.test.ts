// Every column type of drizzle-orm/pg-core: what Drizzle reads over node-postgres itself is what it reads over ours, by the
// facade and by the driver of our own.

import { createRequire } from "node:module";
import { asc, sql } from "drizzle-orm";
import { drizzle as overPg } from "drizzle-orm/node-postgres";
import * as pg from "drizzle-orm/pg-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { drizzle } from "../../src/adapters/drizzle.ts";
import { postgres } from "../../src/index.ts";
import { Pool, type Pg } from "../../src/pg/index.ts";

const { ca, postgres: server } = inject("services");
const schema = `drizzle_types_${crypto.randomUUID().slice(0, 8)}`;
const mood = pg.pgSchema(schema).enum("mood", ["sad", "it's ok"]);

/** Values of each column, besides NULL. */
const COLUMNS = {
  bigintNumber: [pg.bigint({ mode: "number" }), [0, -9_007_199_254_740_991]],
  bigintBig: [pg.bigint({ mode: "bigint" }), [9_223_372_036_854_775_807n, -1n]],
  boolean: [pg.boolean(), [true, false]],
  char: [pg.char({ length: 4 }), ["ab", "ä€"]],
  cidr: [pg.cidr(), ["10.0.0.0/8", "2001:db8::/32"]],
  dateText: [pg.date(), ["2020-02-29", "1815-12-10"]],
  dateDate: [pg.date({ mode: "date" }), [new Date("2020-02-29"), new Date("1815-12-10")]],
  double: [pg.doublePrecision(), [0.1, -1e300]],
  enum: [mood(), ["sad", "it's ok"]],
  inet: [pg.inet(), ["192.168.0.1", "::1"]],
  integer: [pg.integer(), [1, -2_147_483_648]],
  interval: [pg.interval(), ["1 day", "1 year 2 mons -3 days 04:05:06.789"]],
  json: [pg.json(), [{ a: [1, null, 'q"'] }, ["x", 1]]],
  jsonb: [pg.jsonb(), [{ a: [1, null, 'q"'] }, "text", 5]],
  line: [pg.line(), [[1, 2, 3]]],
  lineAbc: [pg.line({ mode: "abc" }), [{ a: 1, b: -2, c: 3.5 }]],
  macaddr: [pg.macaddr(), ["08:00:2b:01:02:03"]],
  macaddr8: [pg.macaddr8(), ["08:00:2b:01:02:03:04:05"]],
  numeric: [pg.numeric(), ["12345678901234567890.000001", "-0.1"]],
  numericNumber: [pg.numeric({ mode: "number" }), [1.5, -2]],
  numericBig: [pg.numeric({ mode: "bigint" }), [12_345_678_901_234_567_890n]],
  point: [pg.point(), [[1.5, -2]]],
  pointXy: [pg.point({ mode: "xy" }), [{ x: 1.5, y: -2 }]],
  real: [pg.real(), [1.5, -0.25]],
  smallint: [pg.smallint(), [32_767, -32_768]],
  text: [pg.text(), ["ä€😀 \"q\" 'a' \\ {}", ""]],
  time: [pg.time(), ["12:34:56.789", "00:00:00"]],
  timetz: [pg.time({ withTimezone: true }), ["12:34:56+02"]],
  stampText: [pg.timestamp({ mode: "string" }), ["2020-02-29 12:34:56.789123"]],
  stampDate: [pg.timestamp(), [new Date("2020-02-29T12:34:56.789Z"), new Date(0)]],
  stamptzText: [pg.timestamp({ mode: "string", withTimezone: true }), ["2020-02-29 12:34:56.789123+05:30"]],
  stamptzDate: [pg.timestamp({ withTimezone: true }), [new Date("2020-02-29T12:34:56.789Z"), new Date("1890-01-01")]],
  uuid: [pg.uuid(), ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]],
  varchar: [pg.varchar({ length: 9 }), ["v", "NULL"]],
} as const;
/** And of arrays of it. */
const ARRAYS = {
  texts: [pg.text().array(), [["a,b", 'q"', "\\", "", "NULL"], []]],
  integers: [pg.integer().array(), [[1, -2]]],
  matrix: [
    pg.integer().array().array(),
    [
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ],
  bigints: [pg.bigint({ mode: "bigint" }).array(), [[9_223_372_036_854_775_807n]]],
  booleans: [pg.boolean().array(), [[true, false]]],
  numerics: [pg.numeric().array(), [["1.10", "-99999999999999999999.5"]]],
  doubles: [pg.doublePrecision().array(), [[0.1, 1e300]]],
  uuids: [pg.uuid().array(), [["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]]],
  moods: [mood().array(), [["sad", "it's ok"]]],
  jsons: [pg.jsonb().array(), [[{ a: 'q"' }, [1], "x"]]],
  dates: [pg.date().array(), [["2020-02-29"]]],
  stamps: [pg.timestamp({ mode: "string" }).array(), [["2020-02-29 12:34:56.789"]]],
  stampDates: [pg.timestamp({ withTimezone: true }).array(), [[new Date("2020-02-29T12:34:56.789Z")]]],
  intervals: [pg.interval().array(), [["1 day", "04:05:06"]]],
  inets: [pg.inet().array(), [["192.168.0.1"]]],
} as const;

type Columns = Record<string, readonly [column: pg.PgColumnBuilderBase, values: readonly unknown[]]>;
const columns: Columns = { ...COLUMNS, ...ARRAYS };
const table = pg.pgSchema(schema).table("kinds", {
  id: pg.serial().primaryKey(),
  big: pg.bigserial({ mode: "bigint" }),
  small: pg.smallserial(),
  ...Object.fromEntries(Object.entries(columns).map(([name, [column]]) => [name, column])),
});

const admin = postgres(server.url);
const url = new URL(server.url);
const Theirs = (createRequire(import.meta.url)("pg") as Pg).Pool;
const their = new Theirs({
  host: server.hostname,
  port: server.port,
  database: server.database,
  user: decodeURIComponent(url.username),
  password: decodeURIComponent(url.password),
  ssl: { ca: ca.pem },
});
const facade = new Pool({ connectionString: server.url });
const databases = {
  "node-postgres": overPg({ client: their as never, schema: { table } }),
  "the facade": overPg({ client: facade as never, schema: { table } }),
  "the sql client": drizzle(admin, { schema: { table } }),
} as const;
type Database = pg.PgDatabase<pg.PgQueryResultHKT, { table: typeof table }>;

beforeAll(async () => {
  await admin.unsafe(`create schema ${schema}; create type ${schema}.mood as enum ('sad', 'it''s ok')`);
  const list = pg.getTableConfig(table).columns.map((column) => {
    const type = column.getSQLType();
    return `"${column.name}" ${/mood/.test(type) ? `${schema}.${type}` : type}`;
  });
  await admin.unsafe(`create table ${schema}.kinds (${list.join()}, primary key (id))`);
});
afterAll(async () => {
  await admin.unsafe(`drop schema ${schema} cascade`);
  await Promise.all([admin.end(), their.end(), facade.end()]);
});

/** Everything that is written comes back by all ways in which Drizzle reads. */
async function roundTrip(db: Database): Promise<unknown> {
  await db.execute(sql`truncate ${table} restart identity`);
  const seen: unknown[] = [
    await db
      .insert(table)
      .values({} as never)
      .returning(),
  ];
  for (const [name, [, values]] of Object.entries(columns)) {
    for (const value of values) {
      const [row] = await db
        .insert(table)
        .values({ [name]: value } as never)
        .returning();
      seen.push([name, value, (row as Record<string, unknown>)[name]]);
    }
  }
  seen.push(await db.select().from(table).orderBy(asc(table.id)));
  seen.push(await db.query.table.findMany({ orderBy: asc(table.id) }));
  seen.push(((await db.execute(sql`select * from ${table} order by id`)) as unknown as { rows: unknown }).rows);
  return seen;
}

test("are read alike", async () => {
  const expected = await roundTrip(databases["node-postgres"] as unknown as Database);
  for (const name of ["the facade", "the sql client"] as const) {
    expect([name, await roundTrip(databases[name] as unknown as Database)]).toEqual([name, expected]);
  }
});
