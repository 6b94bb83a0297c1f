// The line that many share: its session is opened when a flight needs it, and again after a loss. Sends nothing twice that
// may have had an effect.

import { ClosedError } from "@landline/core";
import { RedisError } from "./errors.ts";
import type { Flight } from "./flights.ts";
import { Line } from "./line.ts";
import type { OwnSession } from "./session.ts";

const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2_000;

/** Bounds and callbacks of a {@link Link}. */
export interface LinkOptions {
  /** How many flights may wait unsent; more are refused at once. Default 100,000. */
  readonly maxWaiting?: number | undefined;
  /** Between attempts to connect, commands fail at once instead of waiting for the next. */
  readonly failFast?: boolean | undefined;
  /** Called when a session that lives is left for another one. */
  readonly onLeft?: (() => void) | undefined;
}

/** Opens sessions for a client, one at a time. */
export class Link extends Line {
  #open: (signal: AbortSignal) => Promise<OwnSession>;
  #options: LinkOptions;
  #opening: { readonly done: Promise<void>; readonly stop: AbortController } | undefined;
  #failures = 0;
  #notBefore = 0;
  #lastFailure: unknown;
  #end: Promise<void> | undefined;

  constructor(open: (signal: AbortSignal) => Promise<OwnSession>, options: LinkOptions = {}) {
    super(undefined, options.maxWaiting);
    this.#open = open;
    this.#options = options;
  }

  /** Whether there is no session, and none on its way. */
  get idle(): boolean {
    return this.session?.alive !== true && this.#opening === undefined;
  }

  /** Refuses new flights; ends the session once those under way have come in. Idempotent, always settles. */
  end(): Promise<void> {
    this.ended = true;
    this.#end ??= this.#finish();
    return this.#end;
  }

  /**
   * What never left, or has no effects and lost its reply, goes again once. What the server refuses without having begun
   * it, and may take later or elsewhere: LOADING, until the deadline; READONLY once, on a new connection, which finds the
   * new primary where a name or a proxy leads there.
   */
  override mayGoAgain(flight: Flight, error: unknown): boolean {
    if (this.ended) return false;
    if (error instanceof ClosedError) {
      // A part of the replies may be there already; what was answered is not asked again.
      const untouched = flight.left === (flight.confirms?.names ?? flight.commands).length;
      if (!untouched || flight.tries > 1 || (error.outcome !== "unsent" && !flight.repeatable)) return false;
      this.place(flight);
      return true;
    }
    if (!(error instanceof RedisError) || !flight.plain) return false;
    if (error.code === "LOADING") {
      flight.refusal = error;
      setTimeout(() => this.#again(flight, error), pauseAfter(flight.tries));
      return true;
    }
    if (error.code !== "READONLY" || flight.refusal !== undefined) return false;
    flight.refusal = error;
    if (flight.session === this.session) {
      void this.session?.release();
      this.session = undefined;
      this.#options.onLeft?.();
    }
    this.place(flight);
    return true;
  }

  protected override refuse(timeout: number): unknown {
    const pause = this.#pauseLeft();
    const refused = pause > timeout || (pause > 0 && this.#options.failFast === true);
    return super.refuse(timeout) ?? (refused ? this.#lastFailure : undefined);
  }

  protected override ready(): OwnSession | undefined {
    if (this.session?.alive === true) return this.session;
    this.session = undefined;
    if (this.#opening === undefined) {
      const stop = new AbortController();
      this.#opening = { done: this.#connect(stop.signal), stop };
    }
    return undefined;
  }

  protected override abandon(flight: Flight): void {
    if (flight.left > 0) flight.session?.abandon(flight);
  }

  #again(flight: Flight, error: unknown): void {
    if (flight.over) return;
    if (this.ended) flight.end(error);
    else this.place(flight);
  }

  /** Never rejects. */
  async #connect(signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one attempt after the other
        await this.#pause(signal);
        // oxlint-disable-next-line no-await-in-loop -- as above
        this.session = await this.#open(signal);
        this.#failures = 0;
        this.#opening = undefined;
        return this.flush();
      } catch (error) {
        this.#notBefore = Date.now() + pauseAfter(++this.#failures);
        this.#lastFailure = error;
        if (error instanceof RedisError && error.code === "LOADING" && this.waiting.size > 0 && !signal.aborted) {
          for (const flight of this.waiting) flight.refusal = error;
          continue;
        }
        const { waiting } = this;
        this.waiting = new Set();
        this.#opening = undefined;
        for (const flight of waiting) flight.end(error);
        return undefined;
      }
    }
  }

  #pauseLeft(): number {
    return this.#failures === 0 ? 0 : this.#notBefore - Date.now();
  }

  #pause(signal: AbortSignal): Promise<void> | undefined {
    const left = this.#pauseLeft();
    if (left <= 0) return undefined;
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, left);
      signal.addEventListener("abort", done, { once: true });
    });
  }

  async #finish(): Promise<void> {
    for (;;) {
      if (this.#opening !== undefined) {
        if (this.waiting.size === 0) this.#opening.stop.abort();
        // oxlint-disable-next-line no-await-in-loop -- until nothing waits any more
        await this.#opening.done;
      } else if (this.waiting.size === 0) break;
      // oxlint-disable-next-line no-await-in-loop -- as above
      else await new Promise<void>((resolve) => this.session?.whenRoom(resolve)).then(this.flush);
    }
    await this.session?.release();
  }
}

/** Half of a pause is random, so that clients which lost a server together do not come back together. */
function pauseAfter(failures: number): number {
  const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1));
  return (pause * (1 + Math.random())) / 2;
}
