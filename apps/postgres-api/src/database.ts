// The database of one request, and its tables, which are made when they are first missed.

import { isLandlineError } from "@landline/core";
import { postgres, type Sql } from "@landline/postgres";
import type { Env } from "./env.ts";

const TIMEOUT = 5_000;
const UNDEFINED_TABLE = "42P01";

/** One request's client: `await using sql = openDatabase(env)`. Does nothing until the first query. */
export function openDatabase(env: Env): Sql {
  const url = env.HYPERDRIVE?.connectionString ?? env.DATABASE_URL;
  const pooling = env.HYPERDRIVE === undefined ? "session" : "transaction";
  return postgres({ url, pooling, connectTimeout: TIMEOUT, queryTimeout: TIMEOUT });
}

/**
 * Runs `work`, and once more after having made the tables when it missed them. They cost nothing while they are there. The
 * lock is for requests that race: of two that find no table, the second would trip over the catalogue's unique index.
 */
export async function withTables<T>(sql: Sql, work: () => PromiseLike<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isLandlineError(error) || error.code !== UNDEFINED_TABLE) throw error;
  }
  await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtext('postgres-api'))`;
    await tx`
      create table if not exists accounts (
        id bigint generated always as identity primary key,
        name text not null,
        balance numeric(14, 2) not null check (balance >= 0)
      )`;
    await tx`
      create table if not exists transfers (
        id bigint generated always as identity primary key,
        key text not null unique,
        source bigint not null references accounts,
        target bigint not null references accounts,
        amount numeric(14, 2) not null check (amount > 0),
        made_at timestamptz not null default now()
      )`;
  });
  return work();
}
