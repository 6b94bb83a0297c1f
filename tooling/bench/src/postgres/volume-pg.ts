// One large value through pg (node-postgres).

import pg from "pg";
import { unknownScenario } from "../harness/contestant.ts";
import type { Contestant } from "../harness/contestant.ts";
import { expectValue, SELECT_VALUE, timed } from "./volume-work.ts";

export const contestant: Contestant = async (scenario, { services: { postgres: server } }) => {
  const text = SELECT_VALUE[scenario];
  if (text === undefined) throw unknownScenario(scenario);
  const { hostname: host, port, database, users } = server;
  const { username: user, password } = users.scram;
  const client = new pg.Client({ host, port, database, user, password });
  await client.connect();
  return {
    run: () => timed(async () => expectValue(scenario, (await client.query(text)).rows)),
    close: () => client.end(),
  };
};
