// A cold request with pg over pg-cloudflare, as Cloudflare's documentation shows it: a Client for each request.

import pg from "pg";
import type { Contestant } from "../harness/contestant.ts";
import { inFlight } from "../harness/contestant.ts";

export const contestant: Contestant = async (_, { services }) => {
  const { hostname: host, port, database, users } = services.postgres;
  const { username: user, password } = users.scram;
  const once = async (): Promise<void> => {
    const client = new pg.Client({ host, port, database, user, password, ssl: true });
    await client.connect();
    await client.query("select name from bench_people where id = $1", [7]);
    await client.end();
  };
  return { run: inFlight(1, once), close: () => {} };
};
