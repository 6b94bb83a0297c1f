// Those who wait for a resource, first come, first served. Who gives up leaves a gap, which is skipped; when gaps outnumber
// the rest, the line is closed up.

/** Somebody who waits for a resource. */
export interface Waiter {
  settled: boolean;
  /** When it gives up. Default: never. */
  readonly until?: number;
  /** When it came. Set by the machine. */
  since?: number;
}

/** The line. `length` counts those who still wait. */
export class Line<W extends Waiter> {
  length = 0;
  /** When the next one may give up: not later than any of them. */
  expires: number = Infinity;
  #places: W[] = [];

  add(waiter: W): void {
    this.length++;
    this.#places.push(waiter);
    this.expires = Math.min(this.expires, waiter.until ?? Infinity);
  }

  /** The first who still waits; it is in the line no more. */
  next(): W | undefined {
    for (;;) {
      const waiter = this.#places.shift();
      if (waiter === undefined) return void (this.expires = Infinity);
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

  /** Those who give up by now. They are in the line until they have `left()`. */
  expired(now: number): W[] {
    const late: W[] = [];
    if (this.expires > now) return late;
    this.expires = Infinity;
    for (const waiter of this.#places) {
      const { settled, until = Infinity } = waiter;
      if (!settled && until <= now) late.push(waiter);
      else if (!settled) this.expires = Math.min(this.expires, until);
    }
    return late;
  }
}
