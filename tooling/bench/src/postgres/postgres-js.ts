// postgres (postgres.js). Settings, from its README (github.com/porsager/postgres):
// - prepare: true is the default, "Automatic creation of prepared statements";
// - max_pipeline: default 100; raised so that all callers of a scenario are in flight ("Max pipeline requests");
// - fetch_types: false, "Disables automatically fetching types on connection", a query less at the start;
// - idle_timeout: 0 (default), no timer;
// - ssl: "verify-full" on Node ("Connect with TLS"); in workerd "require", where the runtime verifies anyway.

import postgres from "postgres";
import { isSecure } from "../harness/contestant.ts";
import type { Contestant } from "../harness/contestant.ts";
import { trialOf } from "./run.ts";
import { connectionsOf } from "./workload.ts";

const WORKERD = navigator.userAgent === "Cloudflare-Workers";

export const contestant: Contestant = (scenario, { services }) => {
  const { hostname: host, port, database, users } = services.postgres;
  const { username, password } = users.scram;
  const verified = WORKERD ? "require" : "verify-full";
  const ssl = isSecure(scenario) ? verified : false;
  const options = { host, port, database, username, password, ssl, fetch_types: false, max_pipeline: 256 } as const;
  return trialOf(scenario, () => {
    const sql = postgres({ ...options, max: connectionsOf(scenario) });
    return {
      one: async (id) => sql`select id, name, email, score, active, created_at from bench_people where id = ${id}`,
      all: async () => sql`select id, name, email, score, active, created_at from bench_people order by id`,
      fresh: async (text, value) => sql.unsafe(text, [value], { prepare: true }),
      close: () => sql.end({ timeout: 0 }),
    };
  });
};
