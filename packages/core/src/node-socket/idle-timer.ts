// setTimeout() of a socket: one timer, that looks when it rings how long ago something was last moved.

/** Calls back after so much time without `touch()`, once per silence. */
export class IdleTimer {
  readonly #ring: () => void;
  #timeout = 0;
  #last = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** Milliseconds of silence; 0 ends it. @throws TypeError */
  set(timeout: number): void {
    if (!(timeout >= 0)) throw new TypeError("a timeout is a number of milliseconds");
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timeout = Math.min(timeout, 0x7fff_ffff);
    if (timeout > 0) this.touch();
  }

  /** Something was moved. */
  touch(): void {
    if (this.#timeout === 0) return;
    this.#last = Date.now();
    if (this.#timer === undefined) this.#arm(this.#timeout);
  }

  #arm(delay: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const left = this.#last + this.#timeout - Date.now();
      if (left > 0) return this.#arm(left);
      this.#ring();
    }, delay);
    // A socket keeps a process running, its timeout does not. Workers have nothing to keep.
    (this.#timer as { unref?: () => void }).unref?.();
  }
}
