// How the object comes to a connection: one at first, more with success. A server that has none left is asked again after a
// while, and who waits gets those that there are meanwhile: other objects, or the old instance of this one, may have the rest.

import { isLandlineError } from "@landline/core";
import type { PoolStats } from "@landline/core/pool";
import { SlowStart } from "../slow-start.ts";
import type { Backend } from "./backend.ts";

/** SQLSTATE `too_many_connections`. */
const TOO_MANY = "53300";
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5_000;

/** What the pool has at this moment. */
type Counts = Pick<PoolStats, "idle" | "leased" | "waiting">;

/** Opens connections. */
export class Dials {
  readonly #start: SlowStart;
  readonly #open: (signal: AbortSignal) => Promise<Backend>;
  readonly #counts: () => Counts;
  /** How often the server had none left. */
  refused = 0;

  constructor(most: number, open: (signal: AbortSignal) => Promise<Backend>, counts: () => Counts) {
    this.#start = new SlowStart(most);
    this.#open = open;
    this.#counts = counts;
  }

  /** One more. @throws what a login throws; that the server has none left, only if there are no others to wait for. */
  async dial(signal: AbortSignal): Promise<Backend> {
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one attempt after the other
        return await this.#start.run(() => this.#open(signal));
      } catch (error) {
        if (!isLandlineError(error) || error.code !== TOO_MANY) throw error;
        this.refused++;
        if (!this.#worthIt()) throw error;
        // Half of it is random, so that many objects do not come back in step.
        // oxlint-disable-next-line no-await-in-loop -- as above
        await passed(pause * (0.5 + Math.random() / 2), signal);
        if (!this.#worthIt()) throw error;
      }
    }
  }

  /** Whether somebody waits, and there are connections that he may get. */
  #worthIt(): boolean {
    const { idle, leased, waiting } = this.#counts();
    return waiting > 0 && idle + leased > 0;
  }
}

/** Resolves after so many ms, or when the signal aborts. */
function passed(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}
