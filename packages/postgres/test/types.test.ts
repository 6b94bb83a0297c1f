// Every type as it comes back from a real server: the first time, when results are text, and again from a known statement,
// when some are binary. Both must be the same.

import type {} from "@landline/services/provided";
import { afterAll, describe, expect, inject, test } from "vitest";
import { postgres } from "../src/index.ts";

const sql = postgres(inject("services").postgres.url);
afterAll(() => sql.end());

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const utc = (text: string): Date => new Date(text);

const VALUES: [expression: string, value: unknown][] = [
  ["true", true],
  ["false", false],
  ["null::bool", null],
  ["32767::int2", 32_767],
  ["(-32768)::int2", -32_768],
  ["2147483647", 2_147_483_647],
  ["(-2147483648)::int4", -2_147_483_648],
  ["9223372036854775807::int8", "9223372036854775807"],
  ["(-9223372036854775808)::int8", "-9223372036854775808"],
  ["(-1)::int8", "-1"],
  ["9007199254740993::int8", "9007199254740993"],
  ["(-9007199254740993)::int8", "-9007199254740993"],
  ["(-4294967296)::int8", "-4294967296"],
  ["4294967295::oid", 4_294_967_295],
  ["0.1::float8", 0.1],
  ["'-0'::float8", -0],
  ["'NaN'::float8", Number.NaN],
  ["'-Infinity'::float8", -Infinity],
  ["1e-320::float8", 1e-320],
  ["1.7976931348623157e308::float8", Number.MAX_VALUE],
  ["0.1::float4", 0.1],
  ["123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"],
  ["'NaN'::numeric", "NaN"],
  ["1.10::numeric", "1.10"],
  ["''::text", ""],
  ["'Grüße, 世界 🌍'::text", "Grüße, 世界 🌍"],
  ["repeat('ä', 100)::varchar", "ä".repeat(100)],
  ["'ab'::char(4)", "ab  "],
  ["E'\\uFEFFx'::text", "\ufeffx"],
  ["'\\x00ff10'::bytea", bytes(0, 255, 16)],
  ["''::bytea", bytes()],
  ["'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
  [`'{"a": [1, null, "x"]}'::json`, { a: [1, null, "x"] }],
  [`'{"a": [1, null, "x"]}'::jsonb`, { a: [1, null, "x"] }],
  ["'null'::jsonb", null],
  [`'"text"'::jsonb`, "text"],
  ["'2024-03-10'::date", "2024-03-10"],
  ["'infinity'::date", "infinity"],
  ["'0044-03-15 BC'::date", "0044-03-15 BC"],
  ["'2024-03-10 02:30:00.123456'::timestamp", "2024-03-10 02:30:00.123456"],
  ["'24:00:00'::time", "24:00:00"],
  ["'1 year 2 days 03:04:05.6'::interval", "1 year 2 days 03:04:05.6"],
  ["'2024-02-29 12:00:00.123456+02'::timestamptz", utc("2024-02-29T10:00:00.123Z")],
  ["'1969-12-31 23:59:59.9995+00'::timestamptz", utc("1969-12-31T23:59:59.999Z")],
  ["'1999-12-31 23:59:59.9999+00'::timestamptz", utc("1999-12-31T23:59:59.999Z")],
  ["'0001-01-01 00:00:00+00'::timestamptz", utc("0001-01-01T00:00:00Z")],
  ["'0044-03-15 12:00:00+00 BC'::timestamptz", utc("-000043-03-15T12:00:00Z")],
  ["'20000-01-01 00:00:00.001+00'::timestamptz", utc("+020000-01-01T00:00:00.001Z")],
  ["'4713-01-01 00:00:00.0005+00 BC'::timestamptz", utc("-004712-01-01T00:00:00.000Z")],
  ["'infinity'::timestamptz", Infinity],
  ["'-infinity'::timestamptz", -Infinity],
  ["'{1,NULL,3}'::int4[]", [1, null, 3]],
  ["'{}'::int4[]", []],
  [
    "'{{1,2},{3,4}}'::int4[]",
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ["'[0:1]={7,8}'::int4[]", [7, 8]],
  ["'[0:0][2:3]={{7,8}}'::int4[]", [[7, 8]]],
  [`'{NULL,"NULL","",a b,"q\\"\\\\,{}"}'::text[]`, [null, "NULL", "", "a b", 'q"\\,{}']],
  ["'{1.10,2.20}'::numeric[]", ["1.10", "2.20"]],
  ["'{9223372036854775807}'::int8[]", ["9223372036854775807"]],
  ["'{t,f,NULL}'::bool[]", [true, false, null]],
  ["array['\\x00ff'::bytea, null]", [bytes(0, 255), null]],
  [`array['{"a": 1}'::jsonb, '"x"']`, [{ a: 1 }, "x"]],
  ["array['2024-01-01 00:00+00'::timestamptz, 'infinity']", [utc("2024-01-01T00:00:00Z"), Infinity]],
  ["array[box '(1,2),(3,4)', box '(5,6),(7,8)']", ["(3,4),(1,2)", "(7,8),(5,6)"]],
  ["array['NaN'::float8, 'Infinity', '-0']", [Number.NaN, Infinity, -0]],
  ["'pg_class'::regclass", "pg_class"],
  ["'12.30'::money::numeric", "12.30"],
  ["row(1, 'a b', null)", '(1,"a b",)'],
  ["'192.168.0.1/24'::inet", "192.168.0.1/24"],
  ["b'1010'", "1010"],
  ["'[1,5)'::int4range", "[1,5)"],
];

describe("values of the server", () => {
  test.each(VALUES)("%s", async (expression, value) => {
    await using one = await sql.reserve();
    for (let round = 0; round < 3; round++) {
      const [row] = await one.unsafe<{ value: unknown }>(`select ${expression} as value where $1::bool`, [true]);
      expect(row?.value).toEqual(value);
      if (Object.is(value, -0)) expect(Object.is(row?.value, -0)).toBe(true);
    }
  });

  test("in any time zone, a date and a timestamp without zone stay what they are", async () => {
    await using client = postgres({ url: inject("services").postgres.url, settings: { TimeZone: "America/New_York" } });
    const [row] = await client`
      select '2024-03-10'::date as d, '2024-03-10 02:30'::timestamp as t, '2024-03-10 02:30+00'::timestamptz as z, '1880-01-01 00:00+00'::timestamptz as old`;
    expect(row).toEqual({
      d: "2024-03-10",
      t: "2024-03-10 02:30:00",
      z: utc("2024-03-10T02:30:00Z"),
      old: utc("1880-01-01T00:00:00Z"),
    });
  });

  test("int8 and numeric as the client is told", async () => {
    const { url } = inject("services").postgres;
    await using big = postgres({ url, types: { int8: "bigint" } });
    await using small = postgres({ url, types: { int8: "number", numeric: "number" } });
    for (let round = 0; round < 2; round++) {
      expect(await big`select 9007199254740993 as n, array[1::int8] as a`).toEqual([
        { n: 9_007_199_254_740_993n, a: [1n] },
      ]);
      expect(await small`select 42::int8 as n, 1.5 as x`).toEqual([{ n: 42, x: 1.5 }]);
    }
  });
});

describe("values of ours", () => {
  const BACK: [name: string, type: string, value: unknown, back?: unknown][] = [
    ["a number", "int4", -7],
    ["minus zero", "float8", -0],
    ["NaN", "float8", Number.NaN],
    ["Infinity", "float8", -Infinity],
    ["a bigint", "int8", 9_007_199_254_740_993n, "9007199254740993"],
    ["a string", "text", "Grüße '; -- \\ 🌍"],
    ["a string for a number", "numeric", "1.10"],
    ["a boolean", "bool", true],
    ["null", "text", null],
    ["bytes", "bytea", bytes(0, 1, 255)],
    ["an ArrayBuffer", "bytea", bytes(1, 2).buffer, bytes(1, 2)],
    ["a Date", "timestamptz", utc("2024-02-29T10:00:00.123Z")],
    ["a Date as timestamp", "timestamp", utc("2024-02-29T10:00:00.123Z"), "2024-02-29 10:00:00.123"],
    ["a Date before Christ", "timestamptz", utc("-000043-03-15T12:00:00Z")],
    ["a Date in year 0", "timestamptz", utc("0000-06-01T00:00:00Z")],
    ["a Date far away", "timestamptz", utc("+020000-01-01T00:00:00Z")],
    ["an object", "jsonb", { a: [1, { b: null }], ü: "\\" }],
    ["an array", "int4[]", [1, null, -3]],
    ["an empty array", "text[]", []],
    ["texts", "text[]", ["NULL", null, "", 'a"b\\c', "{},", " x "]],
    [
      "nested arrays",
      "int4[]",
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ["booleans", "bool[]", [true, false]],
    ["Dates", "timestamptz[]", [utc("2024-01-01T00:00:00Z")]],
    ["arrays of bytes", "bytea[]", [bytes(0, 255), bytes()]],
    ["objects", "jsonb[]", [{ a: 1 }, { a: "x" }]],
  ];

  test.each(BACK)("%s as %s", async (_, type, value, ...back) => {
    await using one = await sql.reserve();
    for (let round = 0; round < 2; round++) {
      const [row] = await one.unsafe<{ back: unknown }>(`select $1::${type} as back`, [value]);
      expect(row?.back).toEqual(back.length === 0 ? value : back[0]);
    }
  });

  test("json, array and typed say how", async () => {
    const [row] = await sql`
      select ${sql.json([1, 2])}::jsonb as a, ${sql.json("x")}::jsonb as b, ${sql.array([1, 2])}::int8[] as c, ${sql.typed("12", 1700)} as d, ${true} as e`;
    expect(row).toEqual({ a: [1, 2], b: "x", c: ["1", "2"], d: "12", e: true });
    expect(await sql`select n from generate_series(1, 5) as n where n = any(${[2, 4]})`).toEqual([{ n: 2 }, { n: 4 }]);
  });
});
