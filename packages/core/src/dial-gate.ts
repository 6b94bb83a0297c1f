// How many connections may be in the making at once. A Worker may have few at a time that are not open yet, and the
// platform queues what is over that without a word; here the wait is ours, in order, and within the deadline of the dial.

import { MAX_DIALS } from "#context";
import { ContextLocal } from "./context-local.ts";

/** Counts the dials of one I/O context. */
class Gate {
  #free = MAX_DIALS;
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is one's turn, which ends with `leave()`. Who has given up waits on, and leaves at once. */
  enter(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#next();
    });
  }

  leave(): void {
    this.#free++;
    this.#next();
  }

  #next(): void {
    const next = this.#free > 0 && this.#waiting.shift();
    if (!next) return;
    this.#free--;
    next();
  }
}

/** The gate of each I/O context. */
export const gates: ContextLocal<Gate> = new ContextLocal(() => new Gate());
