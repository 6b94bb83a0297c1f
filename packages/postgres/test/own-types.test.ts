// Types that a client has to be told of, there and back, by a real server: the first time, when the lookup of their OIDs goes
// ahead of the query, and again from a known statement, with NULLs, in arrays and inside of each other.

import type {} from "@landline/services/provided";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { geometric } from "../src/geometric.ts";
import { at, OWN_VALUES } from "./support/values.ts";
import { postgres, type Sql, type TypeOptions } from "../src/index.ts";
import {
  byName,
  byOid,
  hstore,
  hstoreOf,
  Interval,
  interval,
  Range,
  ranges,
  rowOf,
  vector,
  vectorOf,
  type TypeCodec,
} from "../src/types.ts";

const { postgres: server } = inject("services");
const database = `types_${crypto.randomUUID().replaceAll("-", "")}`;
const admin = postgres({ url: server.adminUrl, max: 1 });

const SCHEMA = `
  create extension hstore;
  create extension citext;
  create type mood as enum ('sad', 'it''s "fine"', 'NULL', 'ha ppy');
  create domain positive as int check (value > 0);
  create domain tags as text[];
  create type address as (street text, "No." positive, moods mood[], at timestamptz);
  create type person as (name text, home address, "__proto__" jsonb, homes address[]);
  create type nothing as ();
  create type floatrange as range (subtype = float8);
  create type textrange as range (subtype = text, multirange_type_name = textranges);
  create schema shop;
  create type shop.size as enum ('S', 'M');
  -- Stands in for the extension pgvector, whose text form it has.
  create type vector;
  create function vector_in(cstring) returns vector language internal immutable strict as 'textin';
  create function vector_out(vector) returns cstring language internal immutable strict as 'textout';
  create type vector (input = vector_in, output = vector_out, like = text);`;

beforeAll(async () => {
  await admin.unsafe(`create database ${database}`);
  await using sql = client();
  await sql.unsafe(SCHEMA);
});
afterAll(async () => {
  await admin.unsafe(`drop database ${database} with (force)`);
  await admin.end();
});

function client(codecs: readonly TypeCodec[] = [], options: Partial<TypeOptions> = {}, settings = {}): Sql {
  return postgres({ url: server.adminUrl, database, max: 1, types: { ...options, codecs }, settings });
}

const NAMES = ["mood", "positive", "tags", "address", "person", "nothing", "floatrange", "textrange", "textranges"];
const ALL = [
  ...[...NAMES, "shop.size", "citext", "nowhere"].map((name) => byName(name)),
  hstore,
  interval,
  ranges,
  vector,
  geometric,
];

const home = { street: 'a "b", \\c', "No.": 7, moods: ["sad", null, "NULL"], at };
const person = { name: "Ada", home, ["__proto__"]: { admin: true }, homes: [home, null] };

describe.each(["UTC", "America/New_York", "Asia/Kolkata"])("in %s", (TimeZone) => {
  let sql: Sql;
  beforeAll(() => (sql = client(ALL, {}, { TimeZone })));
  afterAll(() => sql.end());

  test.each(OWN_VALUES)("%s %s", async (type, literal, value, ...sent) => {
    for (let round = 0; round < 3; round++) {
      const [row] = await sql.unsafe<Record<string, unknown>>(`select $1::${type} as value, null::${type} as nothing`, [
        literal,
      ]);
      expect(row).toEqual({ value, nothing: null });
    }
    const back = sent.length === 0 ? value : sent[0];
    const [row] = await sql.unsafe<{ value: unknown }>(`select $1::${type} as value`, [back]);
    expect(row?.value).toEqual(value);
  });

  test("composites in composites, with arrays of composites", async () => {
    const address = rowOf(home.street, 7, home.moods, at);
    const given = rowOf("Ada", address, sql.json({ admin: true }), [address, null]);
    for (let round = 0; round < 2; round++) {
      const [row] = await sql<{
        one: object;
        many: unknown;
      }>`select ${given}::person as one, array[${given}::person, null] as many`;
      expect(row).toEqual({ one: person, many: [person, null] });
      expect(Object.hasOwn(row?.one ?? {}, "__proto__")).toBe(true);
    }
  });
});

describe("the lookup", () => {
  test("goes ahead of the first query, whatever that is", async () => {
    const read = `select '{sad}'::mood[] as m`;
    const expected = [{ m: ["sad"] }];
    await using sql = client([byName("mood")]);
    expect(await sql.unsafe(read)).toEqual(expected);
    await using inTransaction = client([byName("mood")]);
    expect(await inTransaction.begin((tx) => tx.unsafe(read, []))).toEqual(expected);
    await using reserved = client([byName("mood")]);
    await using one = await reserved.reserve();
    expect(await one`select '{sad}'::mood[] as m`).toEqual(expected);
    await using cursor = client([byName("mood")]);
    for await (const rows of cursor`select '{sad}'::mood[] as m`.cursor(2)) expect(rows).toEqual(expected);
    await using batch = client([byName("mood")]);
    expect(await batch.batch([batch`select '{sad}'::mood[] as m`])).toEqual([expected]);
  });

  test("and of the first on each of several connections", async () => {
    await using sql = postgres({ url: server.adminUrl, database, max: 5, types: { codecs: [byName("mood")] } });
    const results = await Promise.all(
      Array.from({ length: 20 }, () => sql`select '{sad}'::mood[] as m, pg_sleep(0.01)`.values()),
    );
    for (const result of results) expect(result).toEqual([[["sad"], ""]]);
  });

  test("happens once", async () => {
    const counted = async (sql: Sql): Promise<unknown> => {
      const [row] =
        await sql`select count(*)::int as n from pg_prepared_statements where statement like '%to_regtype%' and statement not like '%prepared%'`;
      return row?.["n"];
    };
    await using sql = client([byName("mood"), byName("nowhere")]);
    for (let round = 0; round < 5; round++) await sql`select ${round}::int`;
    expect(await counted(sql)).toBe(1);
    await using without = client();
    expect(await counted(without)).toBe(0);
  });

  test("is repeated for a type that was not there yet", async () => {
    await using sql = client([byName("later")]);
    await sql`select 1`;
    await sql.unsafe("create type later as enum ('x')");
    expect(await sql`select '{x}'::later[] as l`).toEqual([{ l: "{x}" }]);
    expect(await sql`select '{x}'::later[] as again`).toEqual([{ again: ["x"] }]);
    await sql.unsafe("drop type later");
  });

  test("that the server refuses ends the query, and not with another value", async () => {
    await using owner = client();
    await owner`revoke select on pg_catalog.pg_range from public`;
    const { username: user, password } = server.users.scram;
    await using sql = postgres({ url: server.url, database, user, password, types: { codecs: [byName("mood")] } });
    await expect(sql`select '{sad}'::mood[] as m`).rejects.toMatchObject({
      code: /^PROTOCOL/,
      message: /could not be looked up: permission denied/,
    });
    await owner`grant select on pg_catalog.pg_range to public`;
    expect(await sql`select '{sad}'::mood[] as m`).toEqual([{ m: ["sad"] }]);
  });

  test("names that are none are refused before anything is sent", () => {
    for (const name of ["", "a.b.c", "a b", "int[]", "x'; drop table y", 'a"b', "nul\0", "numeric(3)"]) {
      expect(() => byName(name)).toThrow(TypeError);
    }
    for (const name of ["mood", "shop.size", '"Odd ""one"".x"', 'shop."Größe"', "größe"]) byName(name);
  });
});

test("types that a client was not told of are read as text", async () => {
  await using sql = client();
  const [row] = await sql.unsafe(
    `select '{sad}'::mood[] as m, '(a,1,,)'::address as a, '[1,2)'::int4range as r, 'a=>1'::hstore as h, '1 day'::interval as i, '(1,2)'::point as p`,
    [],
  );
  expect(row).toEqual({ m: "{sad}", a: "(a,1,,)", r: "[1,2)", h: '"a"=>"1"', i: "1 day", p: "(1,2)" });
});

test("types in a way of one's own, of the server and of the database", async () => {
  const even = byOid({ oid: 1700, array: 1231, parse: (text) => `#${text}` });
  const shout = byName("mood", (text) => text.toUpperCase());
  await using sql = client([even, shout, byName("address"), ranges]);
  for (let round = 0; round < 2; round++) {
    const [row] = await sql.unsafe(
      `select 1.50 as n, '{1.0,NULL}'::numeric[] as a, '[1,2)'::numrange as r, '(a,1,{sad},)'::address as m`,
      [],
    );
    expect(row).toEqual({
      n: "#1.50",
      a: ["#1.0", null],
      r: new Range("#1", "#2"),
      m: { street: "a", "No.": 1, moods: ["SAD"], at: null },
    });
  }
});

test("timestamptz as text keeps its microseconds", async () => {
  await using sql = client([], { timestamptz: "string" }, { TimeZone: "Asia/Kolkata" });
  for (let round = 0; round < 2; round++) {
    const [row] =
      await sql`select '2024-02-29 10:00:00.123456+00'::timestamptz as t, array['infinity'::timestamptz] as a`;
    expect(row).toEqual({ t: "2024-02-29 15:30:00.123456+05:30", a: ["infinity"] });
  }
});

test("an interval in the other style, and in one that is not read", async () => {
  const expected = new Interval({
    years: 1,
    months: 2,
    days: -3,
    hours: 4,
    minutes: 5,
    seconds: 6,
    microseconds: 789_000,
  });
  await using iso = client([interval], {}, { IntervalStyle: "iso_8601" });
  expect(await iso`select '1 year 2 mons -3 days 04:05:06.789'::interval as i`).toEqual([{ i: expected }]);
  await using verbose = client([interval], {}, { IntervalStyle: "postgres_verbose" });
  await expect(verbose`select '1 year'::interval as i`).rejects.toMatchObject({ code: /^PROTOCOL/ });
});

test("what has no text form is refused before anything is sent", () => {
  expect(() => new Interval({ days: 0.5 })).toThrow(TypeError);
  expect(() => vectorOf([Number.NaN])).toThrow(TypeError);
  expect(() => hstoreOf({ a: 1 } as never)).toThrow(TypeError);
  expect(() => new Range(1, 2, "<>" as never)).toThrow(TypeError);
});
