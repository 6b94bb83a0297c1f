// The rounds of a Postgres scenario, over what every client can do.

import { inFlight, timed, unknownScenario } from "../harness/contestant.ts";
import type { Trial } from "../harness/contestant.ts";
import { expectRows, IN_FLIGHT, nextId, POOL_CALLERS, ROWS } from "./workload.ts";

/** What a client is asked to do. */
export interface Queries {
  one(id: number): Promise<readonly unknown[]>;
  all(): Promise<readonly unknown[]>;
  close(): Promise<void> | void;
}

/** Checks that the client works, and returns its rounds. */
export async function trialOf(scenario: string, queries: Queries): Promise<Trial> {
  const { one, all, close } = queries;
  expectRows(await one(nextId()), 1);
  const point = (): Promise<unknown> => one(nextId());
  if (scenario === "rows") {
    return { run: inFlight(1, async () => expectRows(await all(), ROWS)), close };
  }
  if (scenario === "pool") return { run: timed(POOL_CALLERS, point), close };
  const callers = IN_FLIGHT[scenario];
  if (callers === undefined) throw unknownScenario(scenario);
  return { run: inFlight(callers, point), close };
}
