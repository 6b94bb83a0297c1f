// The three ways. Each is one line; what is done with `sql` is the same.

import { durablePostgres } from "@landline/durable/postgres";
import { postgres, type Sql } from "@landline/postgres";
import type { Env } from "./env.ts";

/** Their names, as the paths have them. */
export type Strategy = "direct" | "pooler" | "durable";

/** A client by one of them; `undefined` when it is not configured. */
export function clientOf(strategy: Strategy, env: Env): Sql | undefined {
  switch (strategy) {
    case "direct":
      return postgres(env.DATABASE_URL);
    case "pooler":
      return env.POOLER_URL ? postgres({ url: env.POOLER_URL, pooling: "transaction" }) : undefined;
    case "durable":
      return durablePostgres(env.PG);
  }
}

/** What one request did. */
export interface Sample {
  /** From the first byte to the last, as this Worker sees it; clocks of Workers stand still between I/O. */
  readonly milliseconds: number;
  /** The backend that served it: the same again and again where there is a pool. */
  readonly backend: number;
}

/** One request's work: a query. */
export async function sample(sql: Sql): Promise<Sample> {
  const start = Date.now();
  const [row] = await sql<{ backend: number }>`select pg_backend_pid() as backend`;
  return { milliseconds: Date.now() - start, backend: row?.backend ?? 0 };
}
