// A cold request with @landline/postgres, its defaults: STARTTLS, certificate verified, SCRAM.

import { postgres } from "@landline/postgres";
import type { Contestant } from "../harness/contestant.ts";
import { inFlight } from "../harness/contestant.ts";

export const contestant: Contestant = async (_, { services }) => {
  const { hostname: host, port, database, users } = services.postgres;
  const { username: user, password } = users.scram;
  const once = async (): Promise<void> => {
    const sql = postgres({ host, port, database, user, password });
    await sql`select name from bench_people where id = ${7}`;
    await sql.end();
  };
  return { run: inFlight(1, once), close: () => {} };
};
