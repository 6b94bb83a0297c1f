// durablePostgres(): the client of @landline/postgres, over the connections of a pool object.

import type { Sql, TypeOptions } from "@landline/postgres";
import { createClient } from "@landline/postgres/wire";
import { poolStub, type LocationHint, type PoolNamespace } from "../binding.ts";
import type { PoolStub } from "./channel.ts";
import { RemoteSessions } from "./remote-sessions.ts";

/** Options of {@link durablePostgres}. All times are in milliseconds. */
export interface DurablePostgresOptions {
  /** Which object of the namespace: each name has connections of its own. Default `"pool"`. */
  readonly name?: string | undefined;
  /** Where a new object is placed: near the database. Heeded when the name is used for the first time ever. */
  readonly locationHint?: LocationHint | undefined;
  /** For each query, from when it is sent. Default: none but `runTimeout`. */
  readonly queryTimeout?: number | undefined;
  /** What the object is given for one query; it takes the smaller of this and its own. Default 60,000. */
  readonly runTimeout?: number | undefined;
  /** How some types are read. */
  readonly types?: TypeOptions | undefined;
}

const DEFAULT_NAME = "pool";
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
  // A binding's methods are not its own properties, and one that is not configured is undefined.
  const given = binding as PoolNamespace | undefined;
  if (typeof given?.idFromName !== "function" || typeof given.get !== "function") {
    throw new TypeError("durablePostgres() takes the binding of a Durable Object namespace, such as env.PG");
  }
  const { name = DEFAULT_NAME, locationHint, types, queryTimeout, runTimeout = DEFAULT_RUN_TIMEOUT } = options;
  if (typeof name !== "string" || name === "") throw new TypeError("name must be a string that is not empty");
  const sessions = new RemoteSessions(
    () => poolStub(binding, { name, locationHint }) as PoolStub,
    milliseconds("runTimeout", runTimeout),
  );
  return createClient(sessions, {
    types,
    queryTimeout: queryTimeout === undefined ? undefined : milliseconds("queryTimeout", queryTimeout),
  });
}

function milliseconds(option: string, value: number): number {
  if (typeof value === "number" && value >= 1 && value < Infinity) return value;
  throw new TypeError(`${option} must be a number of at least 1`);
}
