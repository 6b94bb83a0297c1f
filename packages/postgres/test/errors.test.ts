// What errors are called, and transactions that are run again, against a real server.

import type {} from "@landline/services/provided";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import {
  isCheckViolation,
  isDeadlock,
  isExclusionViolation,
  isForeignKeyViolation,
  isLockNotAvailable,
  isNotNullViolation,
  isQueryCanceled,
  isSerializationFailure,
  isUniqueViolation,
  postgres,
} from "../src/index.ts";
import { DIVISION_BY_ZERO, UNDEFINED_TABLE } from "../src/sqlstate.ts";

const sql = postgres(inject("services").postgres.url);
const table = `errors_${crypto.randomUUID().slice(0, 8)}`;

beforeAll(async () => {
  await sql`
    create table ${sql(table)} (
      id int primary key check (id > 0), parent int references ${sql(table)}, n int not null default 0,
      span int4range, exclude using gist (span with &&))`;
  await sql`insert into ${sql(table)} (id, span) values (1, '[1,5)'), (2, null)`;
});
afterAll(async () => {
  await sql`drop table ${sql(table)}`;
  await sql.end();
});

const QUESTIONS = {
  isUniqueViolation,
  isForeignKeyViolation,
  isNotNullViolation,
  isCheckViolation,
  isExclusionViolation,
  isSerializationFailure,
  isDeadlock,
  isLockNotAvailable,
  isQueryCanceled,
};

test.each<[keyof typeof QUESTIONS, string]>([
  ["isUniqueViolation", "insert into T (id) values (1)"],
  ["isForeignKeyViolation", "insert into T (id, parent) values (9, 99)"],
  ["isNotNullViolation", "insert into T (id, n) values (9, null)"],
  ["isCheckViolation", "insert into T (id) values (-1)"],
  ["isExclusionViolation", "insert into T (id, span) values (9, '[4,6)')"],
  ["isSerializationFailure", "do $$ begin raise sqlstate '40001'; end $$"],
  ["isDeadlock", "do $$ begin raise sqlstate '40P01'; end $$"],
  ["isLockNotAvailable", "do $$ begin raise sqlstate '55P03'; end $$"],
  ["isQueryCanceled", "set statement_timeout = 20; select pg_sleep(3600)"],
])("%s, and nothing else", async (name, text) => {
  const query = sql.unsafe(text.replace("T ", `${table} `));
  const error: unknown = await query.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Error);
  const answers = Object.entries(QUESTIONS).filter(([, ask]) => ask(error));
  expect(answers.map(([asked]) => asked)).toEqual([name]);
});

test("codes by name", async () => {
  await expect(sql`select 1 / 0`).rejects.toMatchObject({ code: DIVISION_BY_ZERO });
  await expect(sql`select * from no_such_table`).rejects.toMatchObject({ code: UNDEFINED_TABLE });
  for (const ask of Object.values(QUESTIONS)) expect(ask(new Error("40001"))).toBe(false);
});

test("transactions that met are run again, and each happens once", async () => {
  let runs = 0;
  const both = Promise.withResolvers<void>();
  const add = (): Promise<void> =>
    sql.begin({ modes: "isolation level serializable", retries: 10 }, async (tx) => {
      const [row] = await tx<{ n: number }>`select n from ${tx(table)} where id = 2`;
      // Both have read before either writes, so that one of them has to give way.
      if (++runs === 2) both.resolve();
      await both.promise;
      await tx`update ${tx(table)} set n = ${(row?.n ?? 0) + 1} where id = 2`;
    });
  await Promise.all([add(), add()]);
  expect(runs).toBe(3);
  expect(await sql`select n from ${sql(table)} where id = 2`).toEqual([{ n: 2 }]);
});

test("only so often, only for that, and not after an abort", async () => {
  let runs = 0;
  const fail = (code: string, options: object): Promise<unknown> =>
    sql.begin(options, async (tx) => {
      runs++;
      await tx.unsafe(`do $$ begin raise sqlstate '${code}'; end $$`);
    });
  await expect(fail("40001", { retries: 2 })).rejects.toMatchObject({ code: "40001" });
  expect(runs).toBe(3);
  runs = 0;
  await expect(fail("40001", {})).rejects.toMatchObject({ code: "40001" });
  await expect(fail("23505", { retries: 2 })).rejects.toMatchObject({ code: "23505" });
  expect(runs).toBe(2);
  await expect(fail("40001", { retries: -1 })).rejects.toThrow(TypeError);
  runs = 0;
  const controller = new AbortController();
  const reason = new Error("enough");
  const aborted = sql.begin({ retries: 1000, signal: controller.signal }, async (tx) => {
    if (++runs === 3) controller.abort(reason);
    await tx.unsafe(`do $$ begin raise sqlstate '40P01'; end $$`);
  });
  await expect(aborted).rejects.toBe(reason);
  expect(runs).toBe(3);
});
