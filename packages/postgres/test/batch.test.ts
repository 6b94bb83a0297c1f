// sql.batch() against a real server.

import { expect, inject, test } from "vitest";
import { postgres, PostgresError, TransactionError } from "../src/index.ts";

const { url } = inject("services").postgres;

test("several queries are one transaction, and each has its own result", async () => {
  await using sql = postgres({ url, max: 1 });
  const [a, b, c] = await sql.batch([
    sql<{ n: number; tx: string }>`select ${1}::int as n, pg_current_xact_id()::text as tx`,
    sql`select pg_current_xact_id()::text as tx from generate_series(1, 2)`,
    sql`select 7 as n, 'x' as t`.values(),
  ]);
  expect(a[0]).toEqual({ n: 1, tx: expect.any(String) as string });
  expect([...b]).toEqual([{ tx: a[0]?.tx }, { tx: a[0]?.tx }]);
  expect([...c]).toEqual([[7, "x"]]);
  expect([a.command, b.count]).toEqual(["SELECT", 2]);
});

test("what one fails with undoes those before it, and those behind it are not run", async () => {
  await using sql = postgres({ url, max: 1 });
  await sql.unsafe("create temp table batched (n int primary key)");
  const failed = sql.batch([
    sql`insert into batched values (1)`,
    sql`insert into batched values (${1})`,
    sql`insert into batched values (2)`,
  ]);
  await expect(failed).rejects.toMatchObject({ code: "23505", outcome: "refused" });
  await expect(failed).rejects.toBeInstanceOf(PostgresError);
  expect([...(await sql`select n from batched`)]).toEqual([]);
});

test("a constraint that is checked at the end undoes all of it", async () => {
  await using sql = postgres({ url, max: 1 });
  await sql.unsafe("create temp table later (n int, unique (n) deferrable initially deferred)");
  const failed = sql.batch([sql`insert into later values (1)`, sql`insert into later values (1)`]);
  await expect(failed).rejects.toMatchObject({ code: "23505", outcome: "refused" });
  expect([...(await sql`select n from later`)]).toEqual([]);
});

test("a transaction that is left open is rolled back, and said so", async () => {
  await using sql = postgres({ url, max: 1 });
  const left = sql.batch([sql`begin`, sql`select 1`]);
  await expect(left).rejects.toBeInstanceOf(TransactionError);
  expect([...(await sql`select 1 as n`)]).toEqual([{ n: 1 }]);
});

test("a signal cancels it, and its connection goes on", async () => {
  await using sql = postgres({ url, max: 1 });
  await sql`select 1`;
  const controller = new AbortController();
  const reason = new Error("enough");
  const running = sql.batch([sql`select 1`, sql`select pg_sleep(30)`], { signal: controller.signal });
  controller.abort(reason);
  await expect(running).rejects.toBe(reason);
  expect([...(await sql`select 1 as n`)]).toEqual([{ n: 1 }]);
});

test("what is no query of the client, or has been run, is a TypeError", async () => {
  await using sql = postgres({ url, max: 2 });
  const run = sql`select 1`;
  await run;
  await expect(sql.batch([run])).rejects.toBeInstanceOf(TypeError);
  await expect(sql.batch([])).rejects.toBeInstanceOf(TypeError);
  await expect(sql.batch(["select 1"] as never)).rejects.toBeInstanceOf(TypeError);
  await sql.begin(async (tx) => {
    await expect(sql.batch([tx`select 1`])).rejects.toThrow("of the client itself");
  });
});
