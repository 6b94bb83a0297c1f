// Bun's own client, Bun.SQL. Settings, from bun.com/docs/runtime/sql: `prepare: true` is the default (named statements,
// pipelined); `max` is the size of its pool; `idleTimeout: 0` (default) for none.

import { isSecure } from "../harness/contestant.ts";
import type { Contestant } from "../harness/contestant.ts";
import { trialOf } from "./run.ts";
import { connectionsOf } from "./workload.ts";

type Tag = (strings: TemplateStringsArray, ...values: unknown[]) => Promise<readonly unknown[]>;
declare const Bun: {
  SQL: new (options: object) => Tag & {
    unsafe(text: string, values: readonly unknown[]): Promise<readonly unknown[]>;
    close(options?: object): Promise<void>;
  };
};

export const contestant: Contestant = (scenario, { services }) => {
  const { hostname, port, database, users } = services.postgres;
  const { username, password } = users.scram;
  const tls = isSecure(scenario) ? { rejectUnauthorized: true, ca: services.ca.pem } : false;
  const options = { adapter: "postgres", hostname, port, database, username, password, tls };
  return trialOf(scenario, () => {
    const sql = new Bun.SQL({ ...options, max: connectionsOf(scenario) });
    return {
      one: (id) => sql`select id, name, email, score, active, created_at from bench_people where id = ${id}`,
      all: () => sql`select id, name, email, score, active, created_at from bench_people order by id`,
      fresh: (text, value) => sql.unsafe(text, [value]),
      close: () => sql.close({ timeout: 0 }),
    };
  });
};
