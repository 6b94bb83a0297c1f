// Every type as it comes back from a real server: the first time, when results are text, and again from a known statement,
// when some are binary. Both must be the same.

import type {} from "@landline/services/provided";
import { afterAll, describe, expect, inject, test } from "vitest";
import { postgres } from "../src/index.ts";
import { bytes, utc, VALUES } from "./support/values.ts";

const sql = postgres(inject("services").postgres.url);
const zones = ["UTC", "America/New_York", "Asia/Kolkata"].map((TimeZone) =>
  postgres({ url: inject("services").postgres.url, max: 1, settings: { TimeZone } }),
);
afterAll(() => Promise.all([sql, ...zones].map((client) => client.end())));

describe("values of the server", () => {
  test.each(VALUES)("%s", async (expression, value) => {
    for (const zone of zones) {
      await using one = await zone.reserve();
      for (let round = 0; round < 3; round++) {
        const [row] = await one.unsafe<{ value: unknown }>(`select ${expression} as value where $1::bool`, [true]);
        expect(row?.value).toEqual(value);
        if (Object.is(value, -0)) expect(Object.is(row?.value, -0)).toBe(true);
      }
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

test("settings that change how a server writes do not change what comes", async () => {
  const settings = { bytea_output: "escape", standard_conforming_strings: "off", TimeZone: "Europe/Amsterdam" };
  await using client = postgres({ url: inject("services").postgres.url, max: 1, settings });
  for (let round = 0; round < 3; round++) {
    const [row] = await client`
      select ${bytes(0, 92, 255)} as bytes, ${"\\' \\\\"}::text as text, '1937-06-01 12:00:00+00:20'::timestamptz as odd`;
    expect(row).toEqual({ bytes: bytes(0, 92, 255), text: "\\' \\\\", odd: utc("1937-06-01T11:40:00Z") });
  }
});
