// The work that every Postgres client does: the table, the two queries, and the ids to look for.

import { postgres } from "@landline/postgres";
import type { Services } from "@landline/services";

export const ROWS = 10_000;
/** Six columns of mixed types. */
const COLUMNS = "id, name, email, score, active, created_at";
export const SELECT_ONE = `select ${COLUMNS} from bench_people where id = `;
export const SELECT_ALL = `select ${COLUMNS} from bench_people order by id`;

/** Callers in flight on one connection, by scenario. */
export const IN_FLIGHT: Readonly<Record<string, number>> = { "1": 1, "16": 16, "128": 128 };
export const POOL_CALLERS = 128;
/** The scenario of statements that are all new, at once on one connection, and how many they are. */
export const DISTINCT = "distinct";
export const DISTINCT_QUERIES = 20;
export const POOL_SIZE = 10;

/** How many connections a scenario is allowed. */
export function connectionsOf(scenario: string): number {
  return scenario === "pool" ? POOL_SIZE : 1;
}

let last = 0;
/** The next id to look for; the same sequence for every client. */
export function nextId(): number {
  last = (last * 7919 + 104_729) % ROWS;
  return last + 1;
}

/** @throws when a client did not get what it asked for. */
export function expectRows(rows: readonly unknown[], count: number): void {
  if (rows.length !== count) throw new Error(`expected ${count} rows, got ${rows.length}`);
}

/** Makes the table anew. */
export async function preparePostgres({ postgres: { adminUrl }, ca }: Services): Promise<void> {
  await using sql = postgres({ url: adminUrl, tls: { ca: ca.pem }, max: 1 });
  await sql.unsafe(`
    drop table if exists bench_people;
    create table bench_people (
      id int primary key, name text not null, email text not null,
      score float8 not null, active bool not null, created_at timestamptz not null
    );
    insert into bench_people
      select i, 'Person number ' || i, 'person' || i || '@mail.example', i * 1.25, i % 2 = 0,
             timestamptz '2026-01-01 00:00:00Z' + i * interval '1 minute'
      from generate_series(1, ${ROWS}) i;
    grant select on bench_people to public;
    drop table if exists bench_copied;
    create table bench_copied (like bench_people);
    grant insert, truncate on bench_copied to public`);
  await sql.unsafe("vacuum analyze bench_people");
}
