// pg (node-postgres). Settings, from its documentation:
// - named statements (node-postgres.com/features/queries, "Prepared statements"): parsed once for each connection;
// - `contestant`: the defaults; `pipelined` (pg-pipeline.ts): the option `pipeline: true` of Client.

import pg from "pg";
import type { Contestant } from "../harness/contestant.ts";
import { trialOf } from "./run.ts";
import { POOL_SIZE, SELECT_ALL, SELECT_ONE } from "./workload.ts";

/** pg with further options of its Client. */
export function pgWith(more: object): Contestant {
  return async (scenario, { services }) => {
    const { hostname: host, port, database, users } = services.postgres;
    const { username: user, password } = users.scram;
    const options = { host, port, database, user, password, ssl: false, ...more };
    const client = scenario === "pool" ? new pg.Pool({ ...options, max: POOL_SIZE }) : new pg.Client(options);
    if (client instanceof pg.Client) await client.connect();
    return trialOf(scenario, {
      one: async (id) => (await client.query({ name: "one", text: `${SELECT_ONE}$1`, values: [id] })).rows,
      all: async () => (await client.query({ name: "all", text: SELECT_ALL })).rows,
      close: () => client.end(),
    });
  };
}

export const contestant: Contestant = pgWith({});
