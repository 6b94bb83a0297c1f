// Reading rows in batches, one by one, raw, or not at all, against a real server: nobody makes more rows than are asked for,
// and every connection comes back in order, however the reading ends.

import type {} from "@landline/services/provided";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { postgres, type Query, type Tag } from "../src/index.ts";

const { postgres: server } = inject("services");
const sql = postgres({ url: server.url, max: 1 });
const suffix = crypto.randomUUID().slice(0, 8);
const table = `cursor_${suffix}`;
const sequence = `cursor_seq_${suffix}`;

beforeAll(async () => {
  await sql`create table ${sql(table)} (id int)`;
  await sql`create sequence ${sql(sequence)}`;
});
afterAll(async () => {
  await sql`drop table ${sql(table)}`;
  await sql`drop sequence ${sql(sequence)}`;
  await sql.end();
});

interface Row {
  readonly n: number;
}

async function pid(tag: Tag = sql): Promise<number> {
  const [row] = await tag<{ pid: number }>`select pg_backend_pid() as pid`;
  return row?.pid as number;
}

/** How many rows the server has made of a query over the sequence. */
async function made(): Promise<number> {
  const [row] = await sql<{ n: string }>`select last_value as n from ${sql(sequence)}`;
  return Number(row?.n);
}

describe("cursor", () => {
  test("every row once, in batches", async () => {
    const sizes: number[] = [];
    const seen: number[] = [];
    for await (const rows of sql<Row>`select n from generate_series(1, ${25}::int) n`.cursor(10)) {
      sizes.push(rows.length);
      seen.push(...rows.map(({ n }) => n));
    }
    expect(sizes).toEqual([10, 10, 5]);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
  });

  test("a number of rows that the batch size divides ends without an empty batch", async () => {
    const sizes: number[] = [];
    for await (const rows of sql`select generate_series(1, 20)`.cursor(10)) sizes.push(rows.length);
    for await (const rows of sql`select 1 where false`.cursor(10)) sizes.push(rows.length);
    expect(sizes).toEqual([10, 10]);
  });

  test("the server makes no more rows than are asked for", async () => {
    const before = await made();
    for await (const rows of sql`select nextval(${sequence}) from generate_series(1, 1000000)`.cursor(10)) {
      if (rows.length === 10) break;
    }
    expect((await made()) - before).toBeLessThanOrEqual(10);
  });

  test("an early end, by break or throw, gives the connection back in order", async () => {
    const before = await pid();
    for await (const rows of sql`select generate_series(1, 1000)`.cursor(10)) {
      if (rows.length > 0) break;
    }
    const reading = async (): Promise<void> => {
      for await (const rows of sql`select generate_series(1, 1000)`.cursor(10)) throw new Error(`seen ${rows.length}`);
    };
    await expect(reading()).rejects.toThrow("seen 10");
    expect(await pid()).toBe(before);
    expect(await sql`select count(*) as n from pg_cursors where name <> ''`).toEqual([{ n: "0" }]);
  });

  test("what it changed is committed, also after an early end", async () => {
    for await (const rows of sql`insert into ${sql(table)} select generate_series(1, 3) returning id`.cursor(2)) {
      expect(rows.length).toBe(2);
      break;
    }
    expect(await sql`select count(*) as n from ${sql(table)}`).toEqual([{ n: "3" }]);
    await sql`truncate ${sql(table)}`;
  });

  test("with a callback, which is awaited, and may end it", async () => {
    const seen: number[] = [];
    await sql<Row>`select generate_series(1, 5) as n`.cursor(2, async (rows) => {
      await Promise.resolve();
      seen.push(...rows.map(({ n }) => n));
    });
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    let calls = 0;
    await sql`select generate_series(1, 5)`.cursor(() => {
      calls++;
      return sql.CLOSE;
    });
    expect(calls).toBe(1);
    const reason = new Error("no more");
    await expect(
      sql`select 1`.cursor(() => {
        throw reason;
      }),
    ).rejects.toBe(reason);
  });

  test("a failure, at once or after some rows, is the loop's, and the connection goes on", async () => {
    const before = await pid();
    const read = async (query: Query): Promise<number> => {
      let count = 0;
      for await (const rows of query.cursor(10)) count += rows.length;
      return count;
    };
    await expect(read(sql`select * from no_such_table`)).rejects.toMatchObject({ code: "42P01" });
    await expect(read(sql`select 1 / (15 - n) from generate_series(1, 100) n`)).rejects.toMatchObject({
      code: "22012",
    });
    expect(await pid()).toBe(before);
  });

  test("its signal ends it with the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const reading = async (): Promise<void> => {
      const query = sql`select n, case when n > 10 then pg_sleep(3600)::text end from generate_series(1, 20) n`;
      for await (const rows of query.signal(controller.signal).cursor(10)) {
        if (rows.length > 0) queueMicrotask(() => queueMicrotask(() => controller.abort(reason)));
      }
    };
    await expect(reading()).rejects.toBe(reason);
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  });

  test("in a transaction it is part of that, several at a time, among other queries", async () => {
    await sql
      .begin(async (tx) => {
        const first = tx<Row>`select generate_series(1, 4) as n`.cursor(2);
        const second = tx<Row>`select generate_series(11, 14) as n`.cursor(2);
        const seen = [(await first.next()).value, (await second.next()).value, await tx<Row>`select 0 as n`];
        seen.push((await first.next()).value, (await second.next()).value);
        expect(seen.map((rows) => rows?.map(({ n }) => n))).toEqual([[1, 2], [11, 12], [0], [3, 4], [13, 14]]);
        await first.return();
        await second.return();
        expect(await tx`select count(*) as n from pg_cursors where name like 'landline%'`).toEqual([{ n: "0" }]);
        await tx`insert into ${tx(table)} values (1)`;
        throw new Error("undo");
      })
      .catch((error: Error) => expect(error.message).toBe("undo"));
    expect(await sql`select count(*) as n from ${sql(table)}`).toEqual([{ n: "0" }]);
  });

  test("one that outlives its transaction reads no more", async () => {
    const cursor = await sql.begin(async (tx) => {
      const rows = tx`select generate_series(1, 4)`.cursor(2);
      await rows.next();
      return { rows };
    });
    await expect(cursor.rows.next()).rejects.toMatchObject({ code: "TRANSACTION_OVER", outcome: "unsent" });
  });

  test("on a reserved connection, in a transaction of its own or in the one begun there", async () => {
    await using one = await sql.reserve();
    one`select 1`.execute();
    for await (const rows of one`select generate_series(1, 4)`.cursor(2)) expect(rows.length).toBe(2);
    one`begin`.execute();
    one`insert into ${one(table)} values (1)`.execute();
    for await (const rows of one`select generate_series(1, 4)`.cursor(2)) expect(rows.length).toBe(2);
    await one`rollback`;
    expect(await one`select count(*) as n from ${one(table)}`).toEqual([{ n: "0" }]);
  });

  test("a connection that is lost between two batches", async () => {
    await using client = postgres({ url: server.url, max: 1 });
    const cursor = client<{ pid: number }>`select pg_backend_pid() as pid from generate_series(1, 100)`.cursor(1);
    const { value } = await cursor.next();
    await using admin = postgres(server.adminUrl);
    await admin`select pg_terminate_backend(${value?.[0]?.pid}::int4, 5000)`;
    await expect(cursor.next()).rejects.toMatchObject({ code: expect.stringMatching(/57P01|CONNECTION_LOST/) });
    expect(await client`select 1 as one`).toEqual([{ one: 1 }]);
  });

  test("what makes no sense is a TypeError, before anything is sent", () => {
    expect(() => sql`select 1`.cursor(0)).toThrow(TypeError);
    expect(() => sql`select 1`.cursor(1.5)).toThrow(TypeError);
    expect(() => sql`select ${undefined}`.cursor(1)).toThrow(TypeError);
    expect(() => sql`select 1`.simple().cursor(1)).toThrow(TypeError);
    const used = sql`select 1`;
    used.cursor(1);
    expect(() => used.cursor(1)).toThrow(TypeError);
    return expect(used).rejects.toThrow(TypeError);
  });
});

describe("forEach", () => {
  test("hands over every row and keeps none", async () => {
    const seen: number[] = [];
    const result = await sql<Row>`select generate_series(1, 5) as n`.forEach(({ n }) => seen.push(n));
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    expect(result).toMatchObject({ length: 0, count: 5, command: "SELECT" });
  });

  test("what the callback throws cancels the query and is what it rejects with", async () => {
    const before = await pid();
    const reason = new Error("seen enough");
    let calls = 0;
    const query = sql`select generate_series(1, 100000000)`.forEach(() => {
      calls++;
      throw reason;
    });
    await expect(query).rejects.toBe(reason);
    expect(await pid()).toBe(before);
    expect(calls).toBe(1);
  });
});

test("raw: the bytes of the text form, cold and warm", async () => {
  const text = new TextDecoder();
  const read = async (): Promise<(string | null)[] | undefined> => {
    const [row] = await sql`select 7::int4, null::text, '\\x01'::bytea, true`.raw();
    return row?.map((value) => (value === null ? null : text.decode(value)));
  };
  await sql`select 7::int4, null::text, '\\x01'::bytea, true`;
  expect(await read()).toEqual(["7", null, "\\x01", "t"]);
  expect(await read()).toEqual(["7", null, "\\x01", "t"]);
  expect(await sql`select 7::int4, null::text, '\\x01'::bytea, true`.values()).toEqual([
    [7, null, Uint8Array.of(1), true],
  ]);
  for await (const [row] of sql`select 7`.raw().cursor(1)) expect(text.decode(row?.[0] as Uint8Array)).toBe("7");
});

describe("a description", () => {
  test("tells parameters and columns, and runs nothing", async () => {
    const description = await sql`insert into ${sql(table)} values (${1}) returning id, 'x'::text as x`.describe();
    expect(description.types).toEqual([23]);
    expect(description.columns.map(({ name, type }) => [name, type])).toEqual([
      ["id", 23],
      ["x", 25],
    ]);
    expect(description.string).toContain("values ($1)");
    expect(await sql`select count(*) as n from ${sql(table)}`).toEqual([{ n: "0" }]);
    expect((await sql`truncate ${sql(table)}`.describe()).columns).toEqual([]);
    await expect(sql`select nonsense`.describe()).rejects.toMatchObject({ code: "42703" });
  });

  test("first in a transaction", async () => {
    const types = await sql.begin(async (tx) => (await tx`select ${1}::int8`.describe()).types);
    expect(types).toEqual([20]);
  });
});
