// One timer for many waits, of which nearly all end in time: it is armed for the soonest, and looks at all of them when it
// rings. What is not waited for any more is simply not there, or has `Infinity` for its time: that costs no timer call.

/** Something whose time may be up. */
export interface Expiring {
  /** When, as `Date.now()` counts. */
  expires: number;
}

/** The most that a timer can count. */
const MAX_DELAY = 0x7fff_ffff;

/** See the head of the file. */
export class Alarm<T extends Expiring> {
  readonly #all: () => readonly T[];
  readonly #late: (one: T) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ringsAt = Infinity;
  #over = false;

  /** @param all what is waited for at the moment. @param late called for each whose time is up. */
  constructor(all: () => readonly T[], late: (one: T) => void) {
    this.#all = all;
    this.#late = late;
  }

  /** Gives `one` so many milliseconds from now. */
  set(one: T, milliseconds: number): void {
    one.expires = Date.now() + milliseconds;
    if (one.expires < this.#ringsAt) this.#arm(one.expires, milliseconds);
  }

  /** Rings no more. */
  clear(): void {
    this.#over = true;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
  }

  #arm(at: number, delay: number): void {
    if (this.#over) return;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#ringsAt = at;
    this.#timer = setTimeout(this.#ring, Math.min(Math.max(delay, 1), MAX_DELAY));
  }

  #ring = (): void => {
    this.#timer = undefined;
    this.#ringsAt = Infinity;
    const now = Date.now();
    let soonest = Infinity;
    for (const one of this.#all()) {
      if (one.expires <= now) this.#late(one);
      else if (one.expires < soonest) soonest = one.expires;
    }
    if (soonest < this.#ringsAt) this.#arm(soonest, soonest - now);
  };
}
