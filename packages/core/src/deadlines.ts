// Deadlines and abort signals of many calls on one connection: one timer for all of them, armed for the soonest, and one
// listener per distinct signal.

/**
 * How long the clock goes on when nothing waits: a timer that is stopped and set again for each call of a sequence costs
 * half a microsecond on Node, and some twenty on workerd.
 */
const IDLE_HOPS = 8;
/** Its reactions cost a fraction of a queueMicrotask(), which on workerd takes microseconds. */
const SETTLED = Promise.resolve();

/** One guarded wait. */
export interface Deadline {
  /** Ends the guard; nothing is called afterwards. Idempotent. */
  clear(): void;
}

class Entry implements Deadline {
  at: number;
  fire: ((why: "timeout" | "abort") => void) | undefined;
  signal: AbortSignal | undefined;
  owner: Deadlines;

  constructor(owner: Deadlines, at: number, fire: (why: "timeout" | "abort") => void, signal: AbortSignal | undefined) {
    this.owner = owner;
    this.at = at;
    this.fire = fire;
    this.signal = signal;
  }

  clear(): void {
    if (this.fire === undefined) return;
    this.fire = undefined;
    this.owner.forget(this);
  }
}

interface Watch {
  readonly entries: Set<Entry>;
  readonly listener: () => void;
}

/**
 * Guards any number of waits with one timer. A cleared deadline leaves the timer armed until it rings, and is then
 * skipped, so that a call which settles in time costs no timer call at all.
 */
export class Deadlines {
  #entries = new Set<Entry>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ringsAt = Infinity;
  #watches = new Map<AbortSignal, Watch>();
  /** Microtasks until the clock stops, if nothing begins before. */
  #hops = 0;

  /**
   * Calls `fire` once: with `"timeout"` after `timeout` ms (`undefined` or `Infinity`: never), or with `"abort"` when
   * `signal` aborts (before this returns, if it already has).
   */
  guard(
    timeout: number | undefined,
    signal: AbortSignal | undefined,
    fire: (why: "timeout" | "abort") => void,
  ): Deadline {
    const timed = timeout !== undefined && timeout < Infinity;
    const entry = new Entry(this, timed ? Date.now() + timeout : Infinity, fire, signal);
    if (signal?.aborted === true) {
      entry.fire = undefined;
      fire("abort");
      return entry;
    }
    if (signal !== undefined) this.#watch(signal, entry);
    if (timed) {
      this.#entries.add(entry);
      if (entry.at < this.#ringsAt) this.#arm(entry.at);
    }
    return entry;
  }

  /** Forgets everything and stops the timer; nothing fires any more. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#ringsAt = Infinity;
    for (const entry of this.#entries) entry.fire = undefined;
    this.#entries.clear();
    for (const [signal, watch] of this.#watches) signal.removeEventListener("abort", watch.listener);
    this.#watches.clear();
  }

  /** @internal */
  forget(entry: Entry): void {
    this.#entries.delete(entry);
    if (entry.signal !== undefined) this.#unwatch(entry.signal, entry);
    // The last one out stops the clock: an armed timer would keep a process or a Durable Object awake.
    if (this.#entries.size === 0 && this.#timer !== undefined && this.#hops === 0) {
      this.#hops = IDLE_HOPS;
      void SETTLED.then(this.#stop);
    }
  }

  /** Not at once: who awaits one call after the other begins the next within a few microtasks. */
  #stop = (): void => {
    if (this.#entries.size > 0 || this.#timer === undefined) this.#hops = 0;
    else if (--this.#hops > 0) void SETTLED.then(this.#stop);
    else {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#ringsAt = Infinity;
    }
  };

  #watch(signal: AbortSignal, entry: Entry): void {
    let watch = this.#watches.get(signal);
    if (watch === undefined) {
      const entries = new Set<Entry>();
      const listener = (): void => {
        this.#watches.delete(signal);
        for (const waiting of entries) this.#fire(waiting, "abort");
      };
      watch = { entries, listener };
      this.#watches.set(signal, watch);
      signal.addEventListener("abort", listener, { once: true });
    }
    watch.entries.add(entry);
  }

  #unwatch(signal: AbortSignal, entry: Entry): void {
    const watch = this.#watches.get(signal);
    if (watch === undefined) return;
    watch.entries.delete(entry);
    if (watch.entries.size > 0) return;
    this.#watches.delete(signal);
    signal.removeEventListener("abort", watch.listener);
  }

  #fire(entry: Entry, why: "timeout" | "abort"): void {
    const { fire } = entry;
    if (fire === undefined) return;
    entry.clear();
    fire(why);
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#ringsAt = at;
    // A longer wait than a timer can count would ring at once; the ring looks at the clock, and arms again.
    this.#timer = setTimeout(() => this.#ring(), Math.min(Math.max(0, at - Date.now()), 0x7fff_ffff));
  }

  #ring(): void {
    this.#timer = undefined;
    this.#ringsAt = Infinity;
    const now = Date.now();
    let soonest = Infinity;
    for (const entry of [...this.#entries]) {
      if (entry.at <= now) this.#fire(entry, "timeout");
      else if (entry.at < soonest) soonest = entry.at;
    }
    if (soonest < this.#ringsAt) this.#arm(soonest);
  }
}
