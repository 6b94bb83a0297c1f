// pg (node-postgres). Settings, from its documentation:
// - named statements (node-postgres.com/features/queries, "Prepared statements"): parsed once for each connection;
// - `contestant`: the defaults; pg-pipeline.ts: the option `pipeline: true` of Client;
// - a Client for one connection (also for a cold request in a Worker, as Cloudflare's documentation shows it), a Pool for ten.

import pg from "pg";
import { isSecure } from "../harness/contestant.ts";
import type { Contestant } from "../harness/contestant.ts";
import { trialOf } from "./run.ts";
import { POOL_SIZE, SELECT_ALL, SELECT_ONE } from "./workload.ts";

/** pg with further options of its Client. */
export function pgWith(more: object): Contestant {
  return (scenario, { services }) => {
    const { hostname: host, port, database, users } = services.postgres;
    const { username: user, password } = users.scram;
    const options = { host, port, database, user, password, ssl: isSecure(scenario), ...more };
    return trialOf(scenario, async () => {
      const client = scenario === "pool" ? new pg.Pool({ ...options, max: POOL_SIZE }) : new pg.Client(options);
      if (client instanceof pg.Client) await client.connect();
      return {
        one: async (id) => (await client.query({ name: "one", text: `${SELECT_ONE}$1`, values: [id] })).rows,
        all: async () => (await client.query({ name: "all", text: SELECT_ALL })).rows,
        fresh: async (text, value) => (await client.query({ name: text, text, values: [value] })).rows,
        close: () => client.end(),
      };
    });
  };
}

export const contestant: Contestant = pgWith({});
