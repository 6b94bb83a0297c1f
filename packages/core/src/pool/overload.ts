// The overload rule (CoDel, "Controlling Queue Delay", Nichols and Jacobson 2012, for a line of callers): when the wait has
// been over its target for a whole interval, whoever waited for more than twice the target is refused, so that the rest is
// served in time.

/** Judges waits in the order in which they end. */
export class Overload {
  readonly #target: number;
  readonly #interval: number;
  /** From when on waits are too long for too long, unless one is short before. */
  #congestedAt = Infinity;

  constructor(target: number, interval: number) {
    this.#target = target;
    this.#interval = interval;
  }

  /** Whether one who has waited so long is to be refused. */
  refuses(waited: number, now: number): boolean {
    if (waited <= this.#target) this.#congestedAt = Infinity;
    else if (this.#congestedAt === Infinity) this.#congestedAt = now + this.#interval;
    return now >= this.#congestedAt && waited > 2 * this.#target;
  }

  /** Nobody waits any more. */
  end(): void {
    this.#congestedAt = Infinity;
  }
}
