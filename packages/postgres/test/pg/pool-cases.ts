// What programs do with pg-pool.

import type { Client, ClientConfig, Pool, PoolConfig } from "../../src/pg/index.ts";
import { heard, outcome, told, type Bench, type Case } from "./cases.ts";

/** Runs with a pool, and ends it. */
async function withPool(
  { pg, config }: Bench,
  more: PoolConfig,
  work: (pool: Pool) => Promise<unknown>,
): Promise<unknown> {
  const pool = new pg.Pool({ ...config, ...more });
  try {
    return await work(pool);
  } finally {
    if (!pool.ending) await pool.end();
  }
}

function counts({ totalCount, idleCount, waitingCount, expiredCount }: Pool): unknown {
  return { totalCount, idleCount, waitingCount, expiredCount };
}

/** By name. */
export const poolCases: Readonly<Record<string, Case>> = {
  queries: (bench) =>
    withPool(bench, {}, async (pool) => [
      (await pool.query("select 1 as a")).rows,
      (await pool.query("select $1::int as a", [2])).rows,
      (await pool.query({ text: "select 3 as a", rowMode: "array" })).rows,
      await outcome(pool.query("select nonsense")),
      await new Promise((resolve) => {
        pool.query("select $1::text as a", ["b"], (error: unknown, result: { rows: unknown }) =>
          resolve([error, result.rows]),
        );
      }),
      await new Promise((resolve) => {
        pool.query("select nonsense", (error: unknown, result: unknown) => resolve([told(error), result]));
      }),
      await outcome(pool.query(null as never)),
      counts(pool),
    ]),
  "a function for a query": (bench) =>
    withPool(
      bench,
      {},
      (pool) => new Promise((resolve) => pool.query(((error: unknown) => resolve(told(error))) as never)),
    ),
  "its counts": (bench) =>
    withPool(bench, { max: 2 }, async (pool) => {
      const seen = [counts(pool)];
      const [first, second] = [await pool.connect(), await pool.connect()];
      seen.push(counts(pool));
      const third = pool.connect();
      seen.push(counts(pool));
      first.release();
      const lent = await third;
      seen.push(counts(pool), lent === first);
      lent.release();
      second.release();
      seen.push(counts(pool));
      return seen;
    }),
  "its events": (bench) =>
    withPool(bench, { max: 1 }, async (pool) => {
      const events: unknown[] = [];
      for (const name of ["connect", "acquire", "release", "remove", "error"]) {
        pool.on(name as never, (first: unknown, second: unknown) =>
          events.push([name, first instanceof Error ? first.message : typeof first, typeof second]),
        );
      }
      const client = await pool.connect();
      client.release();
      const again = await pool.connect();
      const removed = heard(pool, "remove");
      again.release(new Error("broken"));
      await removed;
      await pool.query("select 1");
      return [...events];
    }),
  "the order of connect, callback and query": (bench) =>
    withPool(bench, {}, async (pool) => {
      const events: unknown[] = [];
      pool.on("connect", (client: Client) => {
        events.push("connect");
        void client.query("set application_name = 'from the event'");
      });
      await new Promise<void>((resolve) => {
        pool.connect((error: unknown, client: Client | undefined, done: () => void) => {
          events.push(["callback", error, typeof client]);
          done();
          resolve();
        });
      });
      events.push((await pool.query("show application_name")).rows);
      return events;
    }),
  "released twice": (bench) =>
    withPool(bench, {}, async (pool) => {
      const client = await pool.connect();
      client.release();
      try {
        client.release();
        return "nothing";
      } catch (error) {
        return told(error);
      }
    }),
  "released with true": (bench) =>
    withPool(bench, {}, async (pool) => {
      const client = await pool.connect();
      const removed = heard(pool, "remove");
      client.release(true);
      await removed;
      return counts(pool);
    }),
  "the last given back is the first lent": (bench) =>
    withPool(bench, { max: 3 }, async (pool) => {
      const clients = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
      for (const client of clients) client.release();
      const next = await pool.connect();
      next.release();
      return clients.indexOf(next);
    }),
  "waiters are served in order": (bench) =>
    withPool(bench, { max: 1 }, async (pool) => {
      const order: number[] = [];
      await Promise.all([1, 2, 3, 4].map((n) => pool.query("select $1::int", [n]).then(() => order.push(n))));
      return order;
    }),
  "no room in time": (bench) =>
    withPool(bench, { max: 1, connectionTimeoutMillis: 100 }, async (pool) => {
      const client = await pool.connect();
      const late = await outcome(pool.connect());
      const lateQuery = await outcome(pool.query("select 1"));
      client.release();
      return [late, lateQuery, (await pool.query("select 1 as a")).rows, counts(pool)];
    }),
  "nobody there": (bench) =>
    withPool(bench, { port: 1 }, async (pool) => {
      const [query, connect] = await Promise.all([
        pool.query("select 1").catch((error: unknown) => error),
        pool.connect().catch((error: unknown) => error),
      ]);
      return [(query as { code: unknown }).code, (connect as { code: unknown }).code, counts(pool)];
    }),
  "a wrong database": (bench) => withPool(bench, { database: "nowhere" }, (pool) => outcome(pool.query("select 1"))),
  ended: (bench) =>
    withPool(bench, {}, async (pool) => {
      await pool.query("select 1");
      const states: unknown[] = [pool.ending, pool.ended];
      await pool.end();
      states.push(pool.ending, pool.ended, counts(pool));
      return [
        states,
        await outcome(pool.connect()),
        await outcome(pool.query("select 1")),
        await outcome(pool.end()),
        await new Promise((resolve) => pool.end((error?: unknown) => resolve(told(error)))),
      ];
    }),
  "ended while a client is out": (bench) =>
    withPool(bench, {}, async (pool) => {
      const client = await pool.connect();
      const ended = pool.end();
      const rows = (await client.query("select 1 as a")).rows as unknown[];
      client.release();
      await ended;
      return [rows, pool.ended];
    }),
  "idle ones go": (bench) =>
    withPool(bench, { idleTimeoutMillis: 20 }, async (pool) => {
      await pool.query("select 1");
      await heard(pool, "remove");
      return counts(pool);
    }),
  "some stay": (bench) =>
    withPool(bench, { idleTimeoutMillis: 20, min: 1, max: 2 }, async (pool) => {
      const clients = [await pool.connect(), await pool.connect()];
      for (const client of clients) client.release();
      await heard(pool, "remove");
      return counts(pool);
    }),
  "used up": (bench) =>
    withPool(bench, { maxUses: 2, max: 1 }, async (pool) => {
      const pids: unknown[] = [];
      for (let use = 0; use < 4; use++) pids.push((await pool.query("select pg_backend_pid() as p")).rows[0].p);
      return [pids[0] === pids[1], pids[1] === pids[2], pids[2] === pids[3]];
    }),
  "too old": (bench) =>
    withPool(bench, { maxLifetimeSeconds: 1, idleTimeoutMillis: 60_000 }, async (pool) => {
      await pool.query("select 1");
      const before = counts(pool);
      await heard(pool, "remove");
      return [before, counts(pool)];
    }),
  "a hook for new ones": (bench) =>
    withPool(
      bench,
      { onConnect: async (client: Client) => void (await client.query("set application_name = 'hooked'")) },
      async (pool) => (await pool.query("show application_name")).rows,
    ),
  "a hook that fails": (bench) =>
    withPool(bench, { onConnect: () => Promise.reject(new Error("not this one")) }, async (pool) => [
      await outcome(pool.query("select 1")),
      counts(pool),
    ]),
  "a check of new ones": (bench) =>
    withPool(
      bench,
      {
        verify: (client, done) => {
          client.query("select 1/0", (error: Error) => done(error));
        },
      },
      (pool) => outcome(pool.query("select 1")),
    ),
  "an idle one that is lost": (bench) =>
    withPool(bench, {}, async (pool) => {
      const { rows } = await pool.query("select pg_backend_pid() as pid");
      const failed = heard(pool, "error");
      const killer = await bench.client();
      await killer.query("select pg_terminate_backend($1)", [rows[0].pid]);
      const [error] = (await failed) as [Error & { client?: unknown; code?: string }];
      return [error.message, error.code, typeof error.client, counts(pool), (await pool.query("select 1 as a")).rows];
    }),
  "a client of one's own": (bench) => {
    class Own extends bench.pg.Client {
      constructor(config?: ClientConfig) {
        super({ ...config, password: config?.password, application_name: "own" });
      }
    }
    return withPool(bench, { Client: Own }, async (pool) => {
      const client = await pool.connect();
      client.release();
      return [client instanceof Own, (await pool.query("show application_name")).rows];
    });
  },
  "a promise of one's own": (bench) => {
    class Own<T> extends Promise<T> {}
    return withPool(bench, { Promise: Own as unknown as PromiseConstructor }, async (pool) => {
      const [connecting, querying] = [pool.connect(), pool.query("select 1")];
      const failing = pool.query("select nonsense");
      const failed = outcome(failing);
      const all = [connecting instanceof Own, querying instanceof Own, failing instanceof Own];
      (await connecting).release();
      await querying;
      return [all, await failed];
    });
  },
  "what it was given": ({ pg }) => {
    const pool = new pg.Pool({ max: 3, database: "d", idleTimeoutMillis: 0 });
    const { options } = new pg.Pool();
    return Promise.resolve([
      pool.options.max,
      pool.options.database,
      pool.options.idleTimeoutMillis,
      options.max,
      options.min,
      options.maxUses,
      options.idleTimeoutMillis,
      options.allowExitOnIdle,
      options.maxLifetimeSeconds,
      pg.Pool.name.includes("Pool"),
    ]);
  },
  "transactions on one client": (bench) =>
    withPool(bench, {}, async (pool) => {
      const client = await pool.connect();
      try {
        await client.query("create temp table tx (a int)");
        await client.query("begin");
        await client.query("insert into tx values (1)");
        await client.query("savepoint s");
        await client.query("insert into tx values ('x')").catch(() => {});
        await client.query("rollback to savepoint s");
        await client.query("commit");
        return (await client.query("select * from tx")).rows;
      } finally {
        client.release();
      }
    }),
};
