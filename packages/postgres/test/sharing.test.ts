// Plain queries on a pool that is at work to its last connection, against a real server: they are pipelined behind each
// other, and never in anybody's way.

import type {} from "@landline/services/provided";
import { connect } from "@landline/core";
import { afterAll, describe, expect, inject, test } from "vitest";
import { postgres, type PostgresOptions, type Sql } from "../src/index.ts";

const { postgres: server } = inject("services");
const admin = postgres(server.adminUrl);
afterAll(() => admin.end());

let clients = 0;
const names = new WeakMap<Sql, string>();

function client(options: Partial<PostgresOptions> = {}): Sql {
  const applicationName = `sharing-${++clients}-${crypto.randomUUID().slice(0, 8)}`;
  const sql = postgres({ url: server.url, max: 1, applicationName, ...options });
  names.set(sql, applicationName);
  return sql;
}

/** Resolves once a backend of the client waits for a lock. */
async function blocked(sql: Sql): Promise<void> {
  const name = names.get(sql) as string;
  for (;;) {
    const rows = await admin`
      select from pg_stat_activity where application_name = ${name} and wait_event_type = 'Lock'`;
    if (rows.length > 0) return;
  }
}

/** An advisory lock that is held until `release()`. */
async function lock(): Promise<{ readonly key: number; release(): Promise<void> }> {
  const key = Math.floor(Math.random() * 2 ** 31);
  const one = await admin.reserve();
  await one`select pg_advisory_lock(${key}::int4)`;
  return {
    key,
    release: async () => {
      await one`select pg_advisory_unlock(${key}::int4)`;
      one.release();
    },
  };
}

describe("plain queries of a busy pool", () => {
  test("each have their own answer and their own error, on as many connections as there may be", async () => {
    await using sql = client({ max: 2 });
    const queries = Array.from({ length: 300 }, (_, n) =>
      n % 7 === 0 ? sql`select 1 / ${n % 1}::int4 as n` : sql`select ${n}::int4 as n, pg_backend_pid() as pid`,
    );
    const answers = await Promise.allSettled(queries.map((query) => query.execute()));
    const pids = new Set<unknown>();
    for (const [n, answer] of answers.entries()) {
      if (n % 7 === 0) expect(answer).toMatchObject({ status: "rejected", reason: { code: "22012" } });
      else {
        expect(answer).toMatchObject({ status: "fulfilled", value: [{ n }] });
        if (answer.status === "fulfilled") pids.add(answer.value[0]?.["pid"]);
      }
    }
    expect(pids.size).toBe(2);
  });

  test("are in flight together, the first of a fresh connection included", async () => {
    let written = 0;
    await using sql = client({
      tls: "off",
      connect: (address, options) => {
        const socket = connect(address, options);
        const counted = new TransformStream<Uint8Array, Uint8Array>({
          transform: (chunk, controller) => {
            written++;
            controller.enqueue(chunk);
          },
        });
        void counted.readable.pipeTo(socket.writable).catch(() => {});
        const { readable, opened, closed } = socket;
        return {
          readable,
          writable: counted.writable,
          opened,
          closed,
          upgraded: false,
          secureTransport: "off",
          startTls: () => socket.startTls(),
          close: () => socket.close(),
        };
      },
    });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => sql`select ${n}::int4 as n, ${"x"}`.execute()),
    );
    expect(answers.map(([row]) => row?.["n"])).toEqual(Array.from({ length: 20 }, (_, n) => n));
    // The startup message, the two of SCRAM, the first query, those behind it.
    expect(written).toBeLessThanOrEqual(6);
  });

  test("never run inside of a transaction, even one that should not be there: what is answered has been carried out", async () => {
    await using sql = client();
    const table = `sharing_${crypto.randomUUID().slice(0, 8)}`;
    await admin.unsafe(`create table ${table} (n int4); grant all on ${table} to public`);
    for (const text of ["begin", "/* a comment */ begin", "select 1; begin"]) {
      const stray = sql.unsafe(text).execute();
      const inside = Array.from({ length: 5 }, (_, n) => sql`insert into ${sql(table)} values (${n})`.execute());
      await expect(stray).rejects.toMatchObject({ code: "TRANSACTION_UNSAFE" });
      await Promise.all(inside);
    }
    expect(await admin`select count(*) from ${admin(table)}`).toEqual([{ count: "15" }]);
    await admin.unsafe(`drop table ${table}`);
  });

  test("keep out of begin(), reserve() and streams, and do not starve them", async () => {
    await using sql = client();
    const order: string[] = [];
    let stop = false;
    const busy = Array.from({ length: 20 }, async () => {
      while (!stop) await sql`select 1`;
    });
    await sql.begin(async (tx) => {
      const [before] = await tx<{ id: string }>`select pg_current_xact_id()::text as id`;
      const outside = sql<{ id: string }>`select pg_current_xact_id()::text as id`.execute();
      const [after] = await tx<{ id: string }>`select pg_current_xact_id()::text as id`;
      expect(after).toEqual(before);
      order.push("committing");
      void outside.then(([row]) => order.push(row?.id === before?.id ? "inside" : "outside"));
    });
    const reserved = await sql.reserve();
    await reserved`select 1`;
    reserved.release();
    const reader = (await sql`copy (select 1) to stdout`.readable()).getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read());
    stop = true;
    await Promise.all(busy);
    expect(order).toEqual(["committing", "outside"]);
  });

  test("that may be cancelled have nobody behind them, so that a cancellation hits nobody else", async () => {
    await using sql = client();
    await sql`select 1`;
    const held = await lock();
    const controller = new AbortController();
    const reason = new Error("enough");
    const head = sql`select pg_advisory_lock_shared(${held.key}::int4)`.signal(controller.signal).execute();
    const behind = Array.from({ length: 5 }, (_, n) => sql`select ${n}::int4 as n`.execute());
    await blocked(sql);
    controller.abort(reason);
    await expect(head).rejects.toBe(reason);
    // The lock is still held: they come because the head was cancelled.
    expect((await Promise.all(behind)).flat()).toEqual(Array.from({ length: 5 }, (_, n) => ({ n })));
    await held.release();
  });

  test("with one timeout for all, they time out with the one that they are behind, and the connection goes on", async () => {
    await using sql = client({ queryTimeout: 500 });
    const [row] = await sql<{ pid: number }>`select pg_backend_pid() as pid`;
    const held = await lock();
    const queries = [
      sql`select pg_advisory_lock_shared(${held.key}::int4)`,
      ...Array.from({ length: 5 }, (_, n) => sql`select ${n}::int4 as n`),
    ].map((query) => query.execute());
    for (const answer of await Promise.allSettled(queries)) {
      expect(answer).toMatchObject({ status: "rejected", reason: { code: "TIMEOUT", outcome: "unknown" } });
    }
    // The lock is still held: it was cancelled.
    expect(await sql`select pg_backend_pid() as pid`.timeout(Infinity)).toEqual([row]);
    await held.release();
  });

  test("given up while they wait for their turn, they are out of it, and the rest goes on", async () => {
    await using sql = client();
    const held = await lock();
    const head = sql`select pg_advisory_lock_shared(${held.key}::int4)`.execute();
    await blocked(sql);
    const controller = new AbortController();
    const given = sql`select 1`.signal(controller.signal).execute();
    const late = sql`select 1`.timeout(1).execute();
    const other = sql`select 2 as two`.execute();
    controller.abort(new Error("not any more"));
    await expect(given).rejects.toThrow("not any more");
    const never = sql`select 1`.signal(AbortSignal.abort(new Error("never")));
    await expect(never).rejects.toThrow("never");
    await held.release();
    await head;
    expect(await other).toEqual([{ two: 2 }]);
    await late.catch((error: unknown) => expect(error).toMatchObject({ code: "TIMEOUT" }));
  });

  test("a connection that stands still gets no more to do, while others move", async () => {
    await using sql = client({ max: 2 });
    await Promise.all([sql`select pg_sleep(0.01)`, sql`select pg_sleep(0.01)`]);
    const held = await lock();
    const head = sql`select pg_advisory_lock_shared(${held.key}::int4)`.execute();
    await blocked(sql);
    // Many more than would fit if half of them went behind the one that waits.
    for (let round = 0; round < 20; round++) {
      const before = await admin<{ now: string }>`select pg_sleep(0.005), clock_timestamp()::text as now`;
      expect(before.length).toBe(1);
    }
    for (let round = 0; round < 20; round++) {
      await Promise.all(Array.from({ length: 8 }, () => sql`select 1`));
    }
    await held.release();
    await head;
  });

  test("when the connection is cut, each learns its own outcome, once, and the pool goes on", async () => {
    await using sql = client();
    const [row] = await sql<{ pid: number }>`select pg_backend_pid() as pid`;
    const held = await lock();
    const queries = [
      sql`select pg_advisory_lock_shared(${held.key}::int4)`,
      ...Array.from({ length: 9 }, () => sql`select 1`),
    ].map((query) => query.execute());
    await blocked(sql);
    await admin`select pg_terminate_backend(${row?.pid}::int4, 5000)`;
    for (const answer of await Promise.allSettled(queries)) {
      expect(answer).toMatchObject({
        status: "rejected",
        reason: { outcome: expect.stringMatching(/unknown|unsent/) },
      });
    }
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
    await held.release();
  });

  test("a stale plan is made again for all who meet it", async () => {
    await using sql = client();
    const table = `sharing_${crypto.randomUUID().slice(0, 8)}`;
    await admin.unsafe(
      `create table ${table} (a int4); insert into ${table} values (1); grant select on ${table} to public`,
    );
    const read = (): Promise<unknown> => sql`select * from ${sql(table)}`.execute();
    await Promise.all([read(), read()]);
    await admin.unsafe(`alter table ${table} add column b text default 'new'`);
    for (const rows of await Promise.all([read(), read(), read(), read()])) expect(rows).toEqual([{ a: 1, b: "new" }]);
    await admin.unsafe(`drop table ${table}`);
  });

  test("end() lets those run that are on their way, and refuses the rest", async () => {
    const sql = client();
    const early = Array.from({ length: 5 }, (_, n) => sql`select ${n}::int4 as n`.execute());
    await early[0];
    const ending = sql.end();
    const late = sql`select 1`.execute();
    await expect(late).rejects.toMatchObject({ outcome: "unsent" });
    await Promise.all(early);
    await ending;
  });
});
