// @landline/postgres with its defaults. One connection that many callers share is a reserved one.

import { postgres, type PostgresOptions } from "@landline/postgres";
import { isFirst, isSecure } from "../harness/contestant.ts";
import type { Contestant } from "../harness/contestant.ts";
import { trialOf } from "./run.ts";
import { connectionsOf } from "./workload.ts";

/** The client with further options. */
export function landlineWith(more: Partial<PostgresOptions>): Contestant {
  return (scenario, { services }) => {
    const { hostname: host, port, database, users } = services.postgres;
    const { username: user, password } = users.scram;
    const tls = isSecure(scenario) ? "starttls" : "off";
    return trialOf(scenario, async () => {
      const sql = postgres({ host, port, database, user, password, tls, max: connectionsOf(scenario), ...more });
      const run = scenario === "pool" || isFirst(scenario) ? sql : await sql.reserve();
      return {
        one: (id) =>
          run`select id, name, email, score, active, created_at from bench_people where id = ${id}`.execute(),
        all: () => run`select id, name, email, score, active, created_at from bench_people order by id`.execute(),
        fresh: (text, value) => run.unsafe(text, [value]).execute(),
        close: () => sql.end({ timeout: 0 }),
      };
    });
  };
}

export const contestant: Contestant = landlineWith({});
