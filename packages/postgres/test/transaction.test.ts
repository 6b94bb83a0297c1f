// Transactions against a real server: that they are atomic, that nothing leaks out of them, and what they cost.

import type {} from "@landline/services/provided";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { postgres, TransactionError, type TransactionSql } from "../src/index.ts";

const { postgres: server } = inject("services");
const sql = postgres(server.url);
const table = `tx_${crypto.randomUUID().slice(0, 8)}`;

beforeAll(async () => {
  await sql`create table ${sql(table)} (id int primary key)`;
});
beforeEach(async () => {
  await sql`truncate ${sql(table)}`;
});
afterAll(async () => {
  await sql`drop table ${sql(table)}`;
  await sql.end();
});

async function ids(): Promise<unknown[]> {
  return [...(await sql<[number]>`select id from ${sql(table)} order by id`.values())].map(([id]) => id);
}

describe("begin", () => {
  test("commits what it did and resolves to what the work returned", async () => {
    const answer = await sql.begin(async (tx) => {
      await tx`insert into ${tx(table)} values (1)`;
      await tx`insert into ${tx(table)} values (2)`;
      return "done";
    });
    expect(answer).toBe("done");
    expect(await ids()).toEqual([1, 2]);
  });

  test("rolls back when the work throws, and throws the same", async () => {
    const reason = new Error("no");
    const work = sql.begin(async (tx) => {
      await tx`insert into ${tx(table)} values (1)`;
      throw reason;
    });
    await expect(work).rejects.toBe(reason);
    expect(await ids()).toEqual([]);
  });

  test("is a transaction also when its first statement goes by the simple protocol", async () => {
    const work = sql.begin(async (tx) => {
      await Promise.all([tx.unsafe(`insert into ${table} values (1)`), tx`insert into ${tx(table)} values (2)`]);
      throw new Error("no");
    });
    await expect(work).rejects.toThrow("no");
    expect(await ids()).toEqual([]);
    await sql.begin((tx) => tx.unsafe(`insert into ${table} values (3); insert into ${table} values (4)`));
    expect(await ids()).toEqual([3, 4]);
    const nothing = sql.begin("isolation level nonsense", (tx) => tx.unsafe(`insert into ${table} values (5)`));
    await expect(nothing).rejects.toMatchObject({ code: "42601" });
    expect(await ids()).toEqual([3, 4]);
  });

  test("says so when the server answers COMMIT with ROLLBACK", async () => {
    const work = sql.begin(async (tx) => {
      await tx`insert into ${tx(table)} values (1)`;
      await tx`select 1 / 0`.catch(() => {});
    });
    await expect(work).rejects.toBeInstanceOf(TransactionError);
    await expect(work).rejects.toMatchObject({ code: "TRANSACTION_ROLLED_BACK", outcome: "refused" });
    expect(await ids()).toEqual([]);
  });

  test("runs the queries of a list that the work returns, together, and resolves to their results", async () => {
    const [first, second] = await sql.begin((tx) => [
      tx<{ id: string }>`select pg_current_xact_id()::text as id`,
      tx<{ id: string }>`select pg_current_xact_id()::text as id`,
    ]);
    expect(first?.[0]?.id).toMatch(/^\d+$/);
    expect(second).toEqual(first);
    const inner = sql.begin((tx) => tx.savepoint((save) => [save`select 1 as n`, save`select 1 / 0`]));
    await expect(inner).rejects.toMatchObject({ code: "22012" });
    expect(await sql.begin(async () => [1, "two"])).toEqual([1, "two"]);
  });

  test("takes statements that are not awaited, in their order", async () => {
    await sql.begin((tx) => {
      for (let id = 0; id < 20; id++) tx`insert into ${tx(table)} values (${id})`.execute();
    });
    expect(await ids()).toEqual(Array.from({ length: 20 }, (_, id) => id));
  });

  test("runs nothing when BEGIN fails, not even what came with it", async () => {
    const settled: string[] = [];
    const work = sql.begin("isolation level nonsense", async (tx) => {
      const both = [tx`insert into ${tx(table)} values (1)`, tx`insert into ${tx(table)} values (2)`];
      for (const { status } of await Promise.allSettled(both)) settled.push(status);
      throw new Error("seen");
    });
    await expect(work).rejects.toThrow("seen");
    expect(settled).toEqual(["rejected", "rejected"]);
    expect(await ids()).toEqual([]);
  });

  test("has the modes that were asked for, and only words for them", async () => {
    const [row] = await sql.begin("isolation level serializable read only", (tx) => tx`show transaction_isolation`);
    expect(row).toEqual({ transaction_isolation: "serializable" });
    await expect(sql.begin("; drop table x", () => {})).rejects.toThrow(TypeError);
  });

  test("asks the server nothing when there is nothing to do", async () => {
    expect(await sql.begin(() => 7)).toBe(7);
  });

  test("a handle that has ended stays ended", async () => {
    let leaked: TransactionSql | undefined;
    await sql.begin(async (tx) => {
      leaked = tx;
      await tx`select 1`;
    });
    await expect((leaked as unknown as TransactionSql)`insert into ${sql(table)} values (9)`).rejects.toMatchObject({
      code: "TRANSACTION_OVER",
      outcome: "unsent",
    });
    expect(await ids()).toEqual([]);
  });

  test("a transaction that was ended by hand runs nothing more", async () => {
    const work = sql.begin(async (tx) => {
      await tx`insert into ${tx(table)} values (1)`;
      await tx`rollback`;
      await tx`insert into ${tx(table)} values (2)`;
    });
    await expect(work).rejects.toMatchObject({ code: "TRANSACTION_OVER" });
    expect(await ids()).toEqual([]);
  });

  test("its signal rolls it back, even while the work is busy elsewhere", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const work = sql.begin({ signal: controller.signal }, async (tx) => {
      await tx`insert into ${tx(table)} values (1)`;
      controller.abort(reason);
      await new Promise(() => {});
    });
    await expect(work).rejects.toBe(reason);
    expect(await ids()).toEqual([]);
  });

  test("a statement that waits for BEGIN hears its own signal at once", async () => {
    await sql.begin(async (tx) => {
      const order: string[] = [];
      const controller = new AbortController();
      const first = tx`select pg_sleep(0.2)`.then(() => order.push("first"));
      const second = tx`insert into ${tx(table)} values (1)`
        .signal(controller.signal)
        .catch(() => order.push("second"));
      controller.abort();
      await Promise.all([first, second]);
      expect(order).toEqual(["second", "first"]);
    });
    expect(await ids()).toEqual([]);
  });

  test("its signal cancels what is running", async () => {
    const controller = new AbortController();
    const work = sql.begin({ signal: controller.signal }, async (tx) => {
      await tx`select 1`;
      const sleeping = tx`select pg_sleep(3600)`;
      sleeping.execute();
      controller.abort(new Error("enough"));
      await sleeping;
    });
    await expect(work).rejects.toThrow("enough");
    expect(await ids()).toEqual([]);
  });
});

test("BEGIN on the pool is refused, and nobody else gets into that transaction", async () => {
  await using client = postgres({ url: server.url, max: 1 });
  await expect(client`begin`).rejects.toMatchObject({ code: "TRANSACTION_UNSAFE", outcome: "refused" });
  await expect(client.unsafe(`begin; insert into ${table} values (1)`)).rejects.toMatchObject({
    code: "TRANSACTION_UNSAFE",
  });
  await client`insert into ${client(table)} values (2)`;
  expect(await ids()).toEqual([2]);
});

describe("savepoint", () => {
  test("undoes its own part alone", async () => {
    await sql.begin(async (tx) => {
      await tx`insert into ${tx(table)} values (1)`;
      await tx
        .savepoint(async (inner) => {
          await inner`insert into ${inner(table)} values (2)`;
          await inner`insert into ${inner(table)} values (2)`;
        })
        .catch(() => {});
      expect(
        await tx.savepoint("my point", (inner) => inner`insert into ${inner(table)} values (3) returning id`),
      ).toEqual([{ id: 3 }]);
    });
    expect(await ids()).toEqual([1, 3]);
  });

  test("may come first", async () => {
    await sql.begin((tx) => tx.savepoint((inner) => inner`insert into ${inner(table)} values (4)`));
    expect(await ids()).toEqual([4]);
  });
});
