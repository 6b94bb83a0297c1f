// One resource in the making: bounded in time, given up by the pool's end, and never leaked when it comes late.

import type { Deadlines } from "../deadlines.ts";
import { TimeoutError } from "../errors.ts";
import type { PoolHooks } from "./types.ts";

/** What is in the making, and how it is given up. */
export interface Creation<T> {
  readonly made: Promise<T>;
  giveUp(reason: unknown): void;
}

/** Makes one within `timeout` ms. `late` gets a success that comes when it has been given up. */
export function creation<T>(
  hooks: PoolHooks<T>,
  timeout: number,
  deadlines: Deadlines,
  late: (resource: T) => void,
): Creation<T> {
  const controller = new AbortController();
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const giveUp = (reason: unknown): void => {
    controller.abort(reason);
    reject(reason);
  };
  const deadline = deadlines.guard(timeout, undefined, () =>
    giveUp(new TimeoutError(`a new connection took over ${timeout} ms`, { code: "TIMEOUT", outcome: "unsent" })),
  );
  const make = async (): Promise<T> => hooks.create(controller.signal);
  make()
    .then((resource) => (controller.signal.aborted ? late : resolve)(resource), reject)
    .finally(() => deadline.clear());
  return { made: promise, giveUp };
}
