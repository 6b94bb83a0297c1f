// durablePostgres(): the client of @landline/postgres, over the connections of a pool object.

import { Observation, type Observer } from "@landline/core";
import type { Sql, TypeOptions } from "@landline/postgres";
import { createClient } from "@landline/postgres/wire";
import type { PoolNamespace } from "../binding.ts";
import { Shards, type ShardOptions } from "../shards.ts";
import { RemoteSessions } from "./remote-sessions.ts";

/** Options of {@link durablePostgres}. All times are in milliseconds. */
export interface DurablePostgresOptions extends ShardOptions {
  /** For each query, from when it is sent. Default: none but `runTimeout`. */
  readonly queryTimeout?: number | undefined;
  /** What the object is given for one query; it takes the smaller of this and its own. Default 60,000. */
  readonly runTimeout?: number | undefined;
  /** How some types are read. */
  readonly types?: TypeOptions | undefined;
  /** Hears of queries; see `@landline/core/tracing`. The object's own `observe` hears of connections. Default: nobody. */
  readonly observe?: Observer | undefined;
}

const DEFAULT_RUN_TIMEOUT = 60_000;

/**
 * A Postgres client whose connections a Durable Object keeps. Does nothing until the first query, so that it may be made at
 * module scope.
 *
 * @throws TypeError when the binding or an option is not valid.
 *
 * @example
 * const sql = durablePostgres(env.PG);
 * const [user] = await sql<{ name: string }>`select name from users where id = ${7}`;
 */
export function durablePostgres(binding: PoolNamespace, options: DurablePostgresOptions = {}): Sql {
  const { types, queryTimeout, runTimeout = DEFAULT_RUN_TIMEOUT, observe } = options;
  const shards = new Shards(binding, options, { name: "durablePostgres", binding: "env.PG" });
  const sessions = new RemoteSessions(shards, milliseconds("runTimeout", runTimeout));
  return createClient(sessions, {
    types,
    observation: new Observation("query", observe, { "db.system.name": "postgresql", ...shards.attributes }),
    // The object has its own bound for a query.
    queryTimeout: queryTimeout === undefined ? Infinity : milliseconds("queryTimeout", queryTimeout),
  });
}

function milliseconds(option: string, value: number): number {
  if (typeof value === "number" && value >= 1 && value < Infinity) return value;
  throw new TypeError(`${option} must be a number of at least 1`);
}
