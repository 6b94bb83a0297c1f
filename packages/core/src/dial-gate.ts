// How many connections may be in the making at once. A Worker may have few at a time that are not open yet, and the
// platform queues what is over that without a word; here the wait is ours, in order, and within the deadline of the dial.

import { MAX_DIALS } from "#context";
import { ContextLocal } from "./context-local.ts";

/** Counts the dials of one I/O context. */
class Gate {
  #free = MAX_DIALS;
  readonly #waiting = new Set<() => void>();

  /** Resolves when it is one's turn, which ends with `leave()`. An abort gives the place in line up. */
  enter(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#free > 0) {
        this.#free--;
        return resolve();
      }
      this.#waiting.add(resolve);
      signal.addEventListener("abort", () => {
        if (this.#waiting.delete(resolve)) reject(signal.reason);
      });
    });
  }

  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#free++;
    else this.#waiting.delete(next);
    next?.();
  }
}

const gates = new ContextLocal(() => new Gate());

/** The gate of the current I/O context. */
export function dialGate(): Gate {
  return gates.get();
}
