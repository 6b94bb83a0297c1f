import { durablePostgres, PostgresPool } from "@landline/durable/postgres";
import type { PoolNamespace, PostgresPoolOptions } from "@landline/durable/postgres";
import type { Env as Bindings, Services } from "./services.ts";

export interface Env extends Bindings {
  readonly PG: PoolNamespace;
}

export class PG extends PostgresPool<Env> {
  options(env: Env): PostgresPoolOptions {
    return { url: env.SERVICES.postgres.url, max: 1 };
  }
}

export async function use(_services: Services, env: Env): Promise<string> {
  await using sql = durablePostgres(env.PG);
  const [first] = await sql<{ pid: number }>`select pg_backend_pid() as pid`;
  await using again = durablePostgres(env.PG);
  const [second] = await again<{ pid: number }>`select pg_backend_pid() as pid`;
  return first?.pid === second?.pid ? "the connection stayed" : "the connection did not stay";
}
