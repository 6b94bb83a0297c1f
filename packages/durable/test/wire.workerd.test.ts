// Unmodified clients over a socket into the pool object.

import { expect, test } from "vitest";
import { ask, backends, eventually, rowsOf, tabled } from "./asking.ts";

test("a client with prepared statements and transactions works as against a pooler", async () => {
  const table = await tabled("wired");
  const options = { max: 2 };
  const insert = `insert into ${table} values (1)`;
  const good = { backends: 1, one: { place: "in" }, failed: "22012", after: { place: "after" } };
  expect(await ask("wired", { act: "wired", text: insert, times: 5, options })).toEqual({ value: good });
  const both = await Promise.all([1, 2, 3].map(() => ask("wired", { act: "wired", text: insert, times: 5, options })));
  for (const { value, error } of both) {
    expect(error).toBeUndefined();
    expect(value).toMatchObject({ one: { place: "in" }, failed: "22012", after: { place: "after" } });
  }
  expect(await rowsOf(table)).toHaveLength(4);
  expect((await backends("wired")).length).toBeLessThanOrEqual(2);
});

test("a cancellation reaches the backend that the pool has given", async () => {
  const { value } = await ask("wired-cancel", { act: "wiredCancel", options: { max: 1 } });
  expect(value).toEqual({ name: "TimeoutError", after: [{ n: 1 }] });
});

test("a driver that leaves in the midst of a transaction is rolled back", async () => {
  const table = await tabled("wired_leave");
  const options = { max: 1, leaseIdleTimeout: 500 };
  expect(await ask("wired-leave", { act: "wiredLeave", text: `insert into ${table} values (1)`, options })).toEqual({
    value: "left",
  });
  const seen = await eventually(
    () => backends("wired-leave"),
    (found) => found.every(({ state }) => state === "idle"),
  );
  expect(seen.map(({ state }) => state)).not.toContain("idle in transaction");
  expect(await rowsOf(table)).toEqual([]);
  expect(await ask("wired-leave", { act: "query", text: "select 1 as n", options })).toEqual({ value: [{ n: 1 }] });
});
