// Rows checked by a schema, with one made by hand: what a library would do is its own concern.

import type {} from "@landline/services/provided";
import { afterAll, expect, inject, test } from "vitest";
import { postgres, SchemaError, type RowSchema } from "../src/index.ts";

const sql = postgres(inject("services").postgres.url);
afterAll(() => sql.end());

const even: RowSchema<{ half: number }> = {
  "~standard": {
    validate: async (row) => {
      const { n } = row as { n: unknown };
      if (typeof n === "number" && n % 2 === 0) return { value: { half: n / 2 } };
      return { issues: [{ message: "is odd", path: ["n", { key: 0 }] }, { message: "really" }] };
    },
  },
};

test("rows become what the schema makes of them", async () => {
  const rows = await sql`select n * 2 as n from generate_series(1, 3) n`.parse(even);
  expect(rows).toEqual([{ half: 1 }, { half: 2 }, { half: 3 }]);
  expect(await sql.begin((tx) => tx`select 4 as n`.parse(even))).toEqual([{ half: 2 }]);
});

test("a row that does not fit is told, with its number and what is wrong", async () => {
  const error: unknown = await sql`select n from generate_series(2, 9) n`
    .parse(even)
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SchemaError);
  expect(error).toMatchObject({ code: "SCHEMA_MISMATCH", row: 1, message: /row 1 .*n\.0: is odd; really/ });
});

test("what is no schema is refused, and what the server says comes through", async () => {
  await expect(sql`select 1`.parse({} as never)).rejects.toBeInstanceOf(TypeError);
  await expect(sql`select 1 / 0 as n`.parse(even)).rejects.toMatchObject({ code: "22012" });
});
