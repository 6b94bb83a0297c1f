// How many connections may be in the making at once. A Worker may have few at a time that are not open yet, and the
// platform queues what is over that without a word; here the wait is ours, in order, and within the deadline of the dial.

import { MAX_DIALS } from "#context";
import { ContextLocal } from "./context-local.ts";

/** A count of dials, per I/O context. */
class Gate {
  #free = MAX_DIALS;
  readonly #waiting = new Set<() => void>();

  /** Resolves when it is one's turn. `abandoned` settling first gives the place in line up. */
  async enter(abandoned: Promise<never>): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    const turn = Promise.withResolvers<void>();
    this.#waiting.add(turn.resolve);
    try {
      await Promise.race([turn.promise, abandoned]);
    } catch (error) {
      // A turn that came in the same moment goes to the next.
      if (!this.#waiting.delete(turn.resolve)) this.leave();
      throw error;
    }
  }

  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}

const gates = new ContextLocal(() => new Gate());

/** The gate of the current I/O context; none where the platform has no such limit. */
export function dialGate(): Pick<Gate, "enter" | "leave"> | undefined {
  return MAX_DIALS === Infinity ? undefined : gates.get();
}
