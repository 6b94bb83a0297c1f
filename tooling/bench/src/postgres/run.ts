// The rounds of a Postgres scenario, over what every client can do.

import { firstResults, inFlight, isFirst, timed, unknownScenario } from "../harness/contestant.ts";
import type { Trial } from "../harness/contestant.ts";
import { DISTINCT, DISTINCT_QUERIES, expectRows, IN_FLIGHT, nextId, POOL_CALLERS, ROWS } from "./workload.ts";

/** What a client is asked to do. */
export interface Queries {
  one(id: number): Promise<readonly unknown[]>;
  all(): Promise<readonly unknown[]>;
  /** A statement that this connection has not seen, with one parameter, prepared where that is the client's way. */
  fresh(text: string, value: string): Promise<readonly unknown[]>;
  close(): Promise<void> | void;
}

/** Checks that the client works, and returns its rounds. */
export async function trialOf(scenario: string, open: () => Queries | Promise<Queries>): Promise<Trial> {
  if (isFirst(scenario)) {
    const first = async ({ one }: Queries): Promise<void> => expectRows(await one(nextId()), 1);
    return firstResults(open, first, ({ close }) => close());
  }
  const { one, all, fresh, close } = await open();
  expectRows(await one(nextId()), 1);
  const point = (): Promise<unknown> => one(nextId());
  if (scenario === "rows") {
    return { run: inFlight(1, async () => expectRows(await all(), ROWS)), close };
  }
  if (scenario === DISTINCT) {
    let made = 0;
    const query = async (): Promise<void> => expectRows(await fresh(`select ${made++} as n, $1::text as t`, "x"), 1);
    const batch = (): Promise<unknown> => Promise.all(Array.from({ length: DISTINCT_QUERIES }, query));
    return { run: () => inFlight(1, batch)(0), close };
  }
  if (scenario === "pool") return { run: timed(POOL_CALLERS, point), close };
  const callers = IN_FLIGHT[scenario];
  if (callers === undefined) throw unknownScenario(scenario);
  return { run: inFlight(callers, point), close };
}
