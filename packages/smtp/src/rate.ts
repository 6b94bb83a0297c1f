// How many messages may begin in a stretch of time, over all connections of a client. It keeps times, not promises or timers
// of others, so that requests of one Worker share it: whoever waits, waits on a timer of his own.

/** At most `limit` in any `interval` milliseconds. */
export class RateLimit {
  /** When each of the last `limit` messages began, or will; the oldest at `#next`. */
  readonly #starts: Float64Array;
  readonly #interval: number;
  readonly #now: () => number;
  #next = 0;

  constructor(limit: number, interval: number, now: () => number = () => Date.now()) {
    this.#starts = new Float64Array(limit).fill(-Infinity);
    this.#interval = interval;
    this.#now = now;
  }

  /** Takes the next place in time. Resolves when it has come. */
  async turn(): Promise<void> {
    const starts = this.#starts;
    const at = Math.max(this.#now(), (starts[this.#next] as number) + this.#interval);
    starts[this.#next] = at;
    this.#next = (this.#next + 1) % starts.length;
    // A timer may ring early.
    for (let left = at - this.#now(); left > 0; left = at - this.#now()) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(Math.ceil(left), 0x7fff_ffff)));
    }
  }
}
