// What options() of a Redis pool object returns, checked and completed. Times are in milliseconds.

import type { PoolOptions } from "@landline/core/pool";
import type { RedisOptions } from "@landline/redis";
import { settingsOf, type Settings } from "@landline/redis/wire";
import { checkLifetime, within } from "../within.ts";

/** Options of a pool object: where the server is, and how connections to it are lent. */
export interface RedisPoolOptions extends Omit<
  RedisOptions,
  "bytes" | "integers" | "commandTimeout" | "cache" | "failFast"
> {
  /** How many connections there may be for what cannot share one: what blocks, watches, subscribes. Default 10. */
  readonly max?: number | undefined;
  /** The longest that commands on the shared connection may take. Default 10,000. */
  readonly runTimeout?: number | undefined;
  /** How long a leased connection may have nothing to do. Default 5,000. */
  readonly leaseIdleTimeout?: number | undefined;
  /** How long a connection may be leased in all, for subscriptions too. Default 600,000. */
  readonly leaseTimeout?: number | undefined;
  /** The most bytes that the replies to one call may have. Default 8 MiB, at most 31 MiB: RPC carries 32. */
  readonly maxReplyBytes?: number | undefined;
}

/** Everything decided. */
export interface PoolSettings {
  readonly redis: Settings;
  readonly pool: PoolOptions;
  readonly runTimeout: number;
  readonly leaseIdleTimeout: number;
  readonly leaseTimeout: number;
  readonly idleTimeout: number;
  readonly maxLifetime: number;
  readonly maxInFlight: number;
  readonly maxReplyBytes: number;
}

const LONGEST = 0x7fff_ffff;
const MIB = 1024 * 1024;
const DEFAULT_MAX = 10;
const DEFAULT_IDLE_TIMEOUT = 30_000;
const DEFAULT_LIFETIME = 600_000;
const DEFAULT_MAX_IN_FLIGHT = 16_384;

/** @throws TypeError that names the option; never shows a value that might be secret. */
export function parsePoolOptions(options: RedisPoolOptions): PoolSettings {
  if (typeof options !== "object" || options === null)
    throw new TypeError("options() of the pool object must return an object");
  const { max, runTimeout, leaseIdleTimeout, leaseTimeout, maxReplyBytes, maxInFlight, ...given } = options;
  const redis = settingsOf(given);
  const { idleTimeout = DEFAULT_IDLE_TIMEOUT, maxLifetime = DEFAULT_LIFETIME } = given.pool ?? {};
  checkLifetime(maxLifetime);
  return {
    redis,
    pool: { ...redis.pool, max: within("max", max ?? DEFAULT_MAX, 10_000) },
    runTimeout: within("runTimeout", runTimeout ?? 10_000, LONGEST),
    leaseIdleTimeout: within("leaseIdleTimeout", leaseIdleTimeout ?? 5_000, LONGEST),
    leaseTimeout: within("leaseTimeout", leaseTimeout ?? 600_000, LONGEST),
    idleTimeout,
    maxLifetime,
    maxInFlight: maxInFlight ?? DEFAULT_MAX_IN_FLIGHT,
    maxReplyBytes: within("maxReplyBytes", maxReplyBytes ?? 8 * MIB, 31 * MIB),
  };
}
