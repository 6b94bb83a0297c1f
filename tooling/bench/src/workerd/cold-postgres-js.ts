// A cold request with postgres.js in its Workers build: TLS, `fetch_types: false` (a query less), one connection.

import postgres from "postgres";
import type { Contestant } from "../harness/contestant.ts";
import { inFlight } from "../harness/contestant.ts";

export const contestant: Contestant = async (_, { services }) => {
  const { hostname: host, port, database, users } = services.postgres;
  const { username, password } = users.scram;
  const once = async (): Promise<void> => {
    const sql = postgres({ host, port, database, username, password, ssl: "require", max: 1, fetch_types: false });
    await sql`select name from bench_people where id = ${7}`;
    await sql.end();
  };
  return { run: inFlight(1, once), close: () => {} };
};
