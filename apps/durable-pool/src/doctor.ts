// /doctor: what only a real account can tell. Each check says what it found, and goes on to the next.

import { durablePostgres, poolConnector } from "@landline/durable/postgres";
import { postgres } from "@landline/postgres";
import type { Env } from "./env.ts";

/** One finding. */
export interface Finding {
  readonly check: string;
  readonly good: boolean;
  readonly found: string;
}

const CALLS = 20;

const CHECKS: Readonly<Record<string, (env: Env) => Promise<string>>> = {
  "the object reaches the database": async ({ PG }) => {
    const [row] = await durablePostgres(PG)<{ version: string }>`select current_setting('server_version') as version`;
    return `PostgreSQL ${row?.version}`;
  },
  "a connection outlives its request": async ({ PG }) => {
    const sql = durablePostgres(PG);
    const before = (await PG.get(PG.idFromName("pool")).stats())["created"] ?? 0;
    await sql`select 1`;
    const after = (await PG.get(PG.idFromName("pool")).stats())["created"] ?? 0;
    return after === before
      ? "the connection of the check before served this one"
      : `${after - before} more were opened`;
  },
  "how long a query by the object takes": async ({ PG }) => {
    const sql = durablePostgres(PG);
    const start = Date.now();
    for (let call = 0; call < CALLS; call++) await sql`select 1`;
    return `${((Date.now() - start) / CALLS).toFixed(1)} ms on average, of ${CALLS} one after the other`;
  },
  "more than six connections can be open at once": async ({ PG }) => {
    const sql = durablePostgres(PG, { name: "doctor" });
    await Promise.all(Array.from({ length: 8 }, () => sql`select pg_sleep(0.3)`));
    const { idle = 0 } = await PG.get(PG.idFromName("doctor")).stats();
    return `${idle} were open together`;
  },
  "sockets into the object": async ({ PG }) => {
    await using sql = postgres({ url: "postgres://any@pool/any?sslmode=disable", max: 1, connect: poolConnector(PG) });
    await sql`select 1`;
    return "an unmodified driver gets through";
  },
};

/** Runs all of them. Messages hold no secrets: the client's errors never do. */
export async function examine(env: Env): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [check, run] of Object.entries(CHECKS)) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, so that none disturbs the next
      findings.push({ check, good: true, found: await run(env) });
    } catch (error) {
      findings.push({ check, good: false, found: (error as Error).message });
    }
  }
  return findings;
}
