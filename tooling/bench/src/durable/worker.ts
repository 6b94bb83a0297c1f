// The Worker under load: the same work by each of the strategies, one path for each.

import { durablePostgres, PostgresPool, type PostgresPoolOptions } from "@landline/durable/postgres";
import { durableRedis, RedisPool, type RedisPoolOptions } from "@landline/durable/redis";
import { postgres, type Sql } from "@landline/postgres";
import type { Target } from "../harness/contestant.ts";
import { nextId, SELECT_ONE } from "../postgres/workload.ts";
import { KEY } from "../redis/workload.ts";

interface Env {
  readonly TARGET: Target & { readonly max?: number };
  readonly PG: Parameters<typeof durablePostgres>[0];
  readonly KV: Parameters<typeof durableRedis>[0];
}

export class KV extends RedisPool<Env> {
  options({ TARGET }: Env): RedisPoolOptions {
    return { url: TARGET.services.redis.url, max: TARGET.max ?? 32 };
  }
}

export class PG extends PostgresPool<Env> {
  options({ TARGET }: Env): PostgresPoolOptions {
    return { url: TARGET.services.postgres.url, max: TARGET.max ?? 32 };
  }
}

const acts: Readonly<Record<string, (env: Env) => Promise<unknown>>> = {
  direct: ({ TARGET }) => withClient(postgres({ url: TARGET.services.postgres.url, max: 1 }), select),
  bouncer: ({ TARGET }) => withClient(behindPgBouncer(TARGET), select),
  "bouncer-tx": ({ TARGET }) => withClient(behindPgBouncer(TARGET), transact),
  pool: (env) => select(poolOf(env)),
  "direct-tx": ({ TARGET }) => withClient(postgres({ url: TARGET.services.postgres.url, max: 1 }), transact),
  "pool-tx": (env) => transact(poolOf(env)),
  "pool-batch": (env) => {
    const sql = poolOf(env);
    return sql.batch([one(sql), one(sql), one(sql)]);
  },
  "redis-shared": ({ KV: binding }) => durableRedis(binding).get(KEY),
  "redis-leased": async ({ KV: binding }) => {
    await using own = await durableRedis(binding, { commandTimeout: 30_000 }).reserve();
    await own.get(KEY);
  },
  /** Ten milliseconds of a connection. */
  ten: (env) => poolOf(env)`select pg_sleep(0.01)`,
  hundred: (env) => poolOf(env)`select pg_sleep(0.1)`,
};

/** The same user and the same certificate, at another port. */
function behindPgBouncer({ services, ports }: Target): Sql {
  const url = new URL(services.postgres.url);
  url.port = String(ports["bouncer"]);
  return postgres({ url: url.href, max: 1, pooling: "transaction" });
}

function poolOf({ PG: binding }: Env): Sql {
  return durablePostgres(binding);
}

function one(sql: Pick<Sql, "unsafe">): ReturnType<Sql["unsafe"]> {
  return sql.unsafe(`${SELECT_ONE}$1`, [nextId()]);
}

async function select(sql: Sql): Promise<void> {
  await one(sql);
}

function transact(sql: Sql): Promise<unknown> {
  return sql.begin(async (tx) => {
    await one(tx as unknown as Sql);
    await one(tx as unknown as Sql);
    await one(tx as unknown as Sql);
  });
}

async function withClient(sql: Sql, work: (sql: Sql) => Promise<unknown>): Promise<void> {
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 0 });
  }
}

export const worker: { fetch(request: Request, env: Env): Promise<Response> } = {
  async fetch(request: Request, env: Env): Promise<Response> {
    try {
      await acts[new URL(request.url).pathname.slice(1)]?.(env);
      return new Response("done");
    } catch (error) {
      return new Response(String((error as Error).stack ?? error), { status: 503 });
    }
  },
};
