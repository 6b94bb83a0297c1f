// Those who wait for a resource, first come, first served. Who gives up leaves a gap, which is skipped; when gaps outnumber
// the rest, the line is closed up.

/** Somebody who waits for a resource. */
export interface Waiter {
  settled: boolean;
  /** When it came. Set by the machine. */
  since?: number;
}

/** The line. `length` counts those who still wait. */
export class Line<W extends Waiter> {
  length = 0;
  #places: W[] = [];

  add(waiter: W): void {
    this.length++;
    this.#places.push(waiter);
  }

  /** The first who still waits; it is in the line no more. */
  next(): W | undefined {
    for (;;) {
      const waiter = this.#places.shift();
      if (waiter === undefined) return undefined;
      if (waiter.settled) continue;
      this.length--;
      return waiter;
    }
  }

  /** One of them has given up, and is settled. */
  left(): void {
    this.length--;
    if (this.#places.length > 2 * this.length + 32) this.#places = this.#places.filter(({ settled }) => !settled);
  }
}
