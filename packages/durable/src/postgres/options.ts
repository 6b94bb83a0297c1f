// What options() of a pool object returns, checked and completed. Times are in milliseconds.

import type { PostgresOptions } from "@landline/postgres";
import { parseOptions, type Settings } from "@landline/postgres/wire";
import type { PoolOptions } from "@landline/core/pool";
import { checkLifetime, within } from "../within.ts";

/** Options of a pool object: where the database is, how many connections, and for how long they are lent. */
export interface PostgresPoolOptions extends Omit<
  PostgresOptions,
  "pooling" | "maxStatements" | "queryTimeout" | "types" | "onNotice"
> {
  /**
   * Connections that all objects of the pool may have together, at every instant, and over how many objects it is spread.
   * Instead of `max`. Each object takes half of its share: while one restarts, its old connections are still there.
   */
  readonly budget?: { readonly connections: number; readonly shards: number } | undefined;
  /** The longest that one query may take, once it has a connection. Default 60,000. */
  readonly runTimeout?: number | undefined;
  /** How long a transaction or a reservation may be silent before it is rolled back. Default 5,000. */
  readonly leaseIdleTimeout?: number | undefined;
  /** How long a transaction or a reservation may take in all. Default 30,000. */
  readonly leaseTimeout?: number | undefined;
  /** How long a COPY may take in all, as long as there is progress. Default 600,000. */
  readonly streamTimeout?: number | undefined;
  /** How many statements each connection keeps prepared; 0 for none. Default 100. */
  readonly maxStatements?: number | undefined;
  /** The most bytes that the reply to one query may have. Default 8 MiB, at most 31 MiB: RPC carries 32. */
  readonly maxReplyBytes?: number | undefined;
}

/** Everything decided. */
export interface PoolSettings {
  readonly postgres: Settings;
  readonly pool: PoolOptions;
  readonly runTimeout: number;
  readonly leaseIdleTimeout: number;
  readonly leaseTimeout: number;
  readonly streamTimeout: number;
  readonly maxStatements: number;
  readonly maxReplyBytes: number;
}

const DEFAULT_MAX = 5;
const DEFAULT_RUN_TIMEOUT = 60_000;
const DEFAULT_LEASE_IDLE_TIMEOUT = 5_000;
const DEFAULT_LEASE_TIMEOUT = 30_000;
const DEFAULT_STREAM_TIMEOUT = 600_000;
const DEFAULT_MAX_STATEMENTS = 100;
const MOST_STATEMENTS = 10_000;
const MIB = 1024 * 1024;
const DEFAULT_MAX_REPLY_BYTES = 8 * MIB;
const MOST_REPLY_BYTES = 31 * MIB;
const DEFAULT_OVERLOAD_TARGET = 100;
const LONGEST = 0x7fff_ffff;
/** A caller waits a little longer than a login may take, so that it hears what went wrong with that. */
const GRACE = 1_000;

/** @throws TypeError that names the option; never shows a value that might be secret. */
export function parsePoolOptions(options: PostgresPoolOptions): PoolSettings {
  if (typeof options !== "object" || options === null)
    throw new TypeError("options() of the pool object must return an object");
  const { maxStatements: _, budget, ...given } = options;
  const postgres = parseOptions({ applicationName: "landline-pool", ...given });
  checkLifetime(postgres.pool.maxLifetime);
  return {
    postgres,
    pool: {
      acquireTimeout: postgres.connectTimeout + GRACE,
      // Under overload, some are refused at once, so that the rest are served in time.
      overloadTarget: DEFAULT_OVERLOAD_TARGET,
      ...postgres.pool,
      max: maxOf(postgres.max, budget),
      createTimeout: Infinity, // connectTimeout bounds it, and says more about what took so long
    },
    runTimeout: within("runTimeout", options.runTimeout ?? DEFAULT_RUN_TIMEOUT, LONGEST),
    leaseIdleTimeout: within("leaseIdleTimeout", options.leaseIdleTimeout ?? DEFAULT_LEASE_IDLE_TIMEOUT, LONGEST),
    leaseTimeout: within("leaseTimeout", options.leaseTimeout ?? DEFAULT_LEASE_TIMEOUT, LONGEST),
    streamTimeout: within("streamTimeout", options.streamTimeout ?? DEFAULT_STREAM_TIMEOUT, LONGEST),
    maxStatements: within("maxStatements", options.maxStatements ?? DEFAULT_MAX_STATEMENTS, MOST_STATEMENTS, 0),
    maxReplyBytes: within("maxReplyBytes", options.maxReplyBytes ?? DEFAULT_MAX_REPLY_BYTES, MOST_REPLY_BYTES),
  };
}

/** @throws TypeError when both are given, or the budget has not a connection for each shard. */
function maxOf(max: number | undefined, budget: PostgresPoolOptions["budget"]): number {
  if (budget === undefined) return max ?? DEFAULT_MAX;
  if (max !== undefined) throw new TypeError("give max or a budget, not both");
  const { connections, shards } = budget;
  const share = Math.floor(connections / shards / 2);
  if (!(share >= 1)) throw new TypeError("the budget must have two connections for each shard: one is for its restart");
  return share;
}
