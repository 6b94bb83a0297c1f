// What a query means and returns does not depend on whether its statement is known: any parameters of any kind, on a connection
// that prepares nothing and gets text, and again and again on one that prepares and gets binary where it can.

import fc from "fast-check";
import type {} from "@landline/services/provided";
import { afterAll, expect, inject, test } from "vitest";
import { postgres } from "../src/index.ts";

const { url } = inject("services").postgres;
const cold = postgres({ url, max: 1, maxStatements: 0 });
const warm = postgres({ url, max: 1 });
const pooled = postgres({ url, max: 1, pooling: "transaction" });
afterAll(() => Promise.all([cold.end(), warm.end(), pooled.end()]));

const storable = fc.string({ unit: "grapheme", maxLength: 40 }).filter((text) => !text.includes("\0"));
const days = fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true });
const float = fc.double({ noDefaultInfinity: false });
const json = fc.jsonValue({ maxDepth: 3 }).filter((value) => !JSON.stringify(value).includes("\\u0000"));

/** Type, and values for it, of each kind of JavaScript that fits. */
const KINDS: Record<string, fc.Arbitrary<unknown>> = {
  bool: fc.boolean(),
  int2: fc.integer({ min: -32_768, max: 32_767 }),
  int4: fc.oneof(fc.integer(), fc.integer().map(String)),
  int8: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.integer(), fc.maxSafeInteger()),
  oid: fc.integer({ min: 0, max: 4_294_967_295 }),
  float8: float,
  float4: fc.float().map((value) => (Math.abs(value) < 1e-37 ? 0 : value)),
  numeric: fc.oneof(fc.bigInt(), fc.integer(), fc.constant("NaN"), fc.constant("1.10")),
  text: storable,
  varchar: storable,
  bytea: fc.uint8Array({ maxLength: 40 }),
  uuid: fc.uuid(),
  timestamptz: days,
  timestamp: days,
  date: days,
  json,
  jsonb: json,
  interval: fc.integer({ min: -100_000, max: 100_000 }).map((seconds) => `${seconds} seconds`),
};

test.each(Object.keys(KINDS))("%s, alone, in arrays, and not there", async (type) => {
  const one = KINDS[type] as fc.Arbitrary<unknown>;
  const isJson = type.startsWith("json");
  const text = `select $1::${type} as one, $2::${type}[] as many, pg_typeof($1::${type})::text as kind`;
  await fc.assert(
    fc.asyncProperty(fc.option(one), fc.array(fc.option(one), { maxLength: 4 }), async (single, list) => {
      const sent = [isJson ? cold.json(single) : single, isJson ? list.map((item) => cold.json(item)) : list];
      const expected = await cold.unsafe(text, sent);
      for (const sql of [warm, warm, warm, pooled]) expect(await sql.unsafe(text, sent)).toEqual(expected);
    }),
    { numRuns: 25 },
  );
});
