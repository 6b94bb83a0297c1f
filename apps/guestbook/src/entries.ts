// The entries, in Postgres: one table, made when it is first missed.

import { isLandlineError } from "@landline/core";
import type { Sql } from "@landline/postgres";
import { postgres } from "@landline/postgres";
import type { Draft } from "./draft.ts";
import type { Env } from "./env.ts";

/** An entry as the API tells it. */
export interface Entry {
  /** Ever growing; a string, since Postgres's bigint is larger than a JavaScript number. */
  readonly id: string;
  readonly name: string;
  readonly message: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

/** Which entries to list: the newest `limit` of those with an id below `before` and above `after`. */
export interface Range {
  readonly limit: number;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly message: string;
  readonly created_at: Date;
}

const TIMEOUT = 5_000;
const UNDEFINED_TABLE = "42P01";
const LARGEST_ID = "9223372036854775807";

/** The database, for one request: `await using sql = openDatabase(env)`. */
export function openDatabase(env: Env): Sql {
  return postgres({ url: env.DATABASE_URL, connectTimeout: TIMEOUT, queryTimeout: TIMEOUT });
}

/** The entries of a range, newest first. */
export async function listEntries(sql: Sql, { limit, before, after }: Range): Promise<Entry[]> {
  const rows = await withTable(
    sql,
    () => sql<Row>`
    select id, name, message, created_at from guestbook_entries
    where id < ${before ?? LARGEST_ID} and id > ${after ?? "0"}
    order by id desc limit ${limit}`,
  );
  return rows.map(entryOf);
}

/** Writes an entry into the book. */
export async function addEntry(sql: Sql, { name, message }: Draft): Promise<Entry> {
  const [row] = await withTable(
    sql,
    () => sql<Row>`
    insert into guestbook_entries (name, message) values (${name}, ${message})
    returning id, name, message, created_at`,
  );
  if (row === undefined) throw new Error("the insert returned no row");
  return entryOf(row);
}

function entryOf({ id, name, message, created_at }: Row): Entry {
  return { id, name, message, createdAt: created_at.toISOString() };
}

// The table costs nothing while it is there. Missed, it is made under a lock, for `create table if not exists` alone
// fails when two requests race: both find no table, and the second trips over the catalogue's unique index.
async function withTable<T>(sql: Sql, query: () => PromiseLike<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (!isLandlineError(error) || error.code !== UNDEFINED_TABLE) throw error;
  }
  await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtext('guestbook_entries'))`;
    await tx`
      create table if not exists guestbook_entries (
        id bigint generated always as identity primary key,
        name text not null,
        message text not null,
        created_at timestamptz not null default now()
      )`;
  });
  return query();
}
