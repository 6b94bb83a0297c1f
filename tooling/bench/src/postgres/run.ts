// The rounds of a Postgres scenario, over what every client can do.

import { firstResults, inFlight, isFirst, timed, unknownScenario } from "../harness/contestant.ts";
import type { Trial } from "../harness/contestant.ts";
import { expectRows, IN_FLIGHT, nextId, POOL_CALLERS, ROWS } from "./workload.ts";

/** What a client is asked to do. */
export interface Queries {
  one(id: number): Promise<readonly unknown[]>;
  all(): Promise<readonly unknown[]>;
  close(): Promise<void> | void;
}

/** Checks that the client works, and returns its rounds. */
export async function trialOf(scenario: string, open: () => Queries | Promise<Queries>): Promise<Trial> {
  if (isFirst(scenario)) {
    const first = async ({ one }: Queries): Promise<void> => expectRows(await one(nextId()), 1);
    return firstResults(open, first, ({ close }) => close());
  }
  const { one, all, close } = await open();
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
