// What the Worker is given: see wrangler.jsonc and .dev.vars.example.

import { redis } from "@landline/redis";
import type { Redis } from "@landline/redis";
import type { LiveBoard } from "./live.ts";

/** The bindings of this Worker. */
export interface Env {
  readonly REDIS_URL: string;
  readonly LIVE: DurableObjectNamespace<LiveBoard>;
}

/** A client for one request: `await using kv = openRedis(env)`. Nothing is dialled before the first command. */
export function openRedis(env: Env, clientName = "redis-rate-limit"): Redis {
  return redis({ url: env.REDIS_URL, clientName, connectTimeout: 3_000, commandTimeout: 3_000 });
}
