// Rows through a Standard Schema: what it makes of them is what the caller gets, and what it refuses is told without values.

import type {} from "@landline/services/provided";
import { afterAll, describe, expect, inject, test } from "vitest";
import { postgres, RowError, type Query, type Result, type RowSchema } from "../src/index.ts";

const { postgres: server } = inject("services");
const sql = postgres({ url: server.url, max: 1 });
afterAll(() => sql.end());

interface Item {
  readonly n: bigint;
}

type Verdict = { readonly value: Item } | { readonly issues: readonly { message: string; path: string[] }[] };

/** Wants an even `n` from int8, and makes a bigint of it. */
function even(row: unknown): Verdict {
  const { n } = row as { n: string };
  if (Number(n) % 2 !== 0) return { issues: [{ message: "must be even", path: ["n"] }] };
  return { value: { n: BigInt(n) } };
}

const schema: RowSchema<Item> = { "~standard": { version: 1, vendor: "test", validate: even } };
const slow: RowSchema<Item> = {
  "~standard": { version: 1, vendor: "test", validate: (row) => Promise.resolve(even(row)) },
};
const numbers = (step: number): Query<Result> => sql`select n from generate_series(0, 4::int8, ${step}) n`;

describe("a schema", () => {
  test.each([
    ["synchronous", schema],
    ["asynchronous", slow],
  ])("that is %s makes the rows, of a query and of a cursor", async (_, one) => {
    const items = await numbers(2).as(one);
    expect([...items]).toEqual([{ n: 0n }, { n: 2n }, { n: 4n }]);
    expect(items).toMatchObject({ count: 3, command: "SELECT" });
    const seen: bigint[] = [];
    for await (const rows of numbers(2).as(one).cursor(2)) seen.push(...rows.map(({ n }) => n));
    expect(seen).toEqual([0n, 2n, 4n]);
  });

  test("of each row of forEach(), which cannot wait", async () => {
    const seen: bigint[] = [];
    await numbers(2)
      .as(schema)
      .forEach(({ n }) => seen.push(n));
    expect(seen).toEqual([0n, 2n, 4n]);
    await expect(
      numbers(2)
        .as(slow)
        .forEach(() => {}),
    ).rejects.toThrow(TypeError);
    await expect(
      numbers(1)
        .as(schema)
        .forEach(() => {}),
    ).rejects.toMatchObject({ code: "ROW_INVALID", row: 1 });
  });

  test("that refuses a row rejects with its issues, and without the row; a transaction is undone", async () => {
    const error: unknown = await numbers(1)
      .as(schema)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RowError);
    expect(error).toMatchObject({ code: "ROW_INVALID", row: 1, issues: [{ message: "must be even" }] });
    expect(String(error)).toContain("row 1 is not what its schema says: n: must be even");
    await sql`create temporary table kept (n int8)`;
    const work = sql.begin(async (tx) => {
      await tx`insert into kept values (3) returning n`.as(schema);
    });
    await expect(work).rejects.toBeInstanceOf(RowError);
    expect(await sql`select n from kept`).toEqual([]);
    await expect(
      (async () => {
        for await (const rows of numbers(1).as(schema).cursor(1)) expect(rows).toEqual([{ n: 0n }]);
      })(),
    ).rejects.toMatchObject({ code: "ROW_INVALID" });
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  });

  test("of each statement of the simple protocol", async () => {
    const both = await sql.unsafe("select 2::int8 as n; select 4::int8 as n").as(schema);
    expect(both).toEqual([[{ n: 2n }], [{ n: 4n }]]);
  });

  test("that is none is a TypeError, at once", () => {
    expect(() => sql`select 1`.as({} as RowSchema)).toThrow(TypeError);
    expect(() => sql`select 1`.as(undefined as unknown as RowSchema)).toThrow(TypeError);
  });
});
