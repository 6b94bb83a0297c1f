// One multiplexed session, opened when a command needs it and again after a loss; the deadlines, aborts and retries of
// the commands on it. Sends nothing twice that may have had an effect.

import { ClosedError, Deadlines, PoolError, TimeoutError } from "@landline/core";
import type { Deadline } from "@landline/core";
import { RedisError } from "./errors.ts";
import type { Reply } from "./protocol/messages.ts";
import type { Exchange, ExchangeSink, Request, Session } from "./session.ts";

const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2_000;
const DEFAULT_MAX_WAITING = 100_000;

/** Commands on their way, and whoever waits for them. */
export interface Flight extends Request, ExchangeSink {
  /** Whether it may be sent again after it may have been carried out. */
  readonly repeatable: boolean;
  /** Whether a refusal is the server's own: what a script says may come after its writes. */
  readonly plain?: boolean;
}

/** How long a flight is waited for. */
export interface Patience {
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

/** A flight between its start and its end; stands between the session and the flight, which is told exactly once. */
class Journey implements ExchangeSink {
  readonly flight: Flight;
  readonly #link: Link;
  #left: number;
  tries = 0;
  /** The session it was sent on last. */
  session: Session | undefined;
  exchange: Exchange | undefined;
  deadline: Deadline | undefined;
  /** Why the server does not take it for now. */
  refusal: RedisError | undefined;
  over = false;

  constructor(flight: Flight, link: Link) {
    this.flight = flight;
    this.#link = link;
    this.#left = flight.commands.length;
  }

  reply(value: Reply, inexact: RedisError | undefined): void {
    if (value instanceof RedisError && this.flight.plain === true && this.#link.mayPass(this, value)) return;
    if (--this.#left === 0) {
      this.over = true;
      this.deadline?.clear();
    }
    this.flight.reply(value, inexact);
  }

  get attributes(): ExchangeSink["attributes"] {
    return this.flight.attributes;
  }

  fail(error: unknown): void {
    // A part of the replies may be there already; what was answered is not asked again.
    const untouched = this.#left === this.flight.commands.length;
    const again = untouched && this.tries < 2 && !this.#link.ended && mayGoAgain(error, this.flight.repeatable);
    if (again) this.#link.place(this);
    else this.end(error);
  }

  end(error: unknown): void {
    this.over = true;
    this.deadline?.clear();
    this.flight.fail(error);
  }
}

/** Bounds and callbacks of a {@link Link}. */
export interface LinkOptions {
  readonly maxWaiting?: number | undefined;
  /** Between attempts to connect, commands fail at once instead of waiting for the next. */
  readonly failFast?: boolean | undefined;
  /** Called when a session that lives is left for another one. */
  readonly onLeft?: (() => void) | undefined;
}

/** Opens sessions for a client, one at a time. */
export class Link {
  #open: (signal: AbortSignal) => Promise<Session>;
  #options: LinkOptions;
  #deadlines = new Deadlines();
  #session: Session | undefined;
  /** Those that wait for a session, in order. */
  #waiting = new Set<Journey>();
  #opening: { readonly done: Promise<void>; readonly stop: AbortController } | undefined;
  #failures = 0;
  #notBefore = 0;
  #lastFailure: unknown;
  #ended: Promise<void> | undefined;

  constructor(open: (signal: AbortSignal) => Promise<Session>, options: LinkOptions = {}) {
    this.#open = open;
    this.#options = options;
  }

  /** Whether {@link end} has been called. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Whether there is no session, and none on its way. */
  get idle(): boolean {
    return this.#session?.alive !== true && this.#opening === undefined;
  }

  /** Sends a flight; it is told of everything, a refusal included. */
  send(flight: Flight, { timeout, signal }: Patience): void {
    if (this.#ended !== undefined) {
      return flight.fail(new ClosedError("this client has been closed", { code: "CLOSED", outcome: "unsent" }));
    }
    if (signal?.aborted === true) return flight.fail(signal.reason);
    const pause = this.#failures === 0 ? 0 : this.#notBefore - Date.now();
    if (pause > timeout || (pause > 0 && this.#options.failFast === true)) return flight.fail(this.#lastFailure);
    const journey = new Journey(flight, this);
    journey.deadline = this.#deadlines.guard(timeout, signal, (why) => this.#giveUp(journey, why, timeout, signal));
    this.place(journey);
  }

  /** Refuses new flights; ends the session once those under way have come in. Idempotent, always settles. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  /** Puts a journey on the session, or in the queue for one. */
  place(journey: Journey): void {
    if (this.#session?.alive === true) {
      journey.tries++;
      journey.session = this.#session;
      journey.exchange = this.#session.exchange(journey.flight, journey);
      return;
    }
    this.#session = undefined;
    journey.exchange = undefined;
    const { maxWaiting = DEFAULT_MAX_WAITING } = this.#options;
    if (this.#waiting.size >= maxWaiting) {
      const message = `${maxWaiting} commands are waiting for a connection already`;
      return journey.end(new PoolError(message, { code: "POOL_FULL", outcome: "unsent" }));
    }
    this.#waiting.add(journey);
    if (this.#opening !== undefined) return;
    const stop = new AbortController();
    this.#opening = { done: this.#connect(stop.signal), stop };
  }

  /**
   * What the server refuses without having begun it, and may take later or elsewhere, is sent again: LOADING, until the
   * deadline; READONLY once, on a new connection, which finds the new primary where a name or a proxy leads there.
   */
  mayPass(journey: Journey, error: RedisError): boolean {
    if (this.ended || (error.code !== "LOADING" && error.code !== "READONLY")) return false;
    if (error.code === "READONLY") {
      if (journey.refusal !== undefined) return false;
      journey.refusal = error;
      const { session } = journey;
      if (session !== undefined && session === this.#session) {
        this.#session = undefined;
        void session.release();
        this.#options.onLeft?.();
      }
      this.place(journey);
      return true;
    }
    journey.refusal = error;
    const again = (): void => {
      if (this.ended && !journey.over) journey.end(error);
      else if (!journey.over) this.place(journey);
    };
    setTimeout(again, pauseAfter(journey.tries));
    return true;
  }

  /** Never rejects. */
  async #connect(signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one attempt after the other
        await this.#pause(signal);
        // oxlint-disable-next-line no-await-in-loop -- as above
        this.#session = await this.#open(signal);
        this.#failures = 0;
        break;
      } catch (error) {
        this.#notBefore = Date.now() + pauseAfter(++this.#failures);
        this.#lastFailure = error;
        if (error instanceof RedisError && error.code === "LOADING" && this.#waiting.size > 0 && !signal.aborted) {
          for (const journey of this.#waiting) journey.refusal = error;
          continue;
        }
        for (const journey of this.#opened()) journey.end(error);
        return;
      }
    }
    for (const journey of this.#opened()) this.place(journey);
  }

  #opened(): Set<Journey> {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    this.#opening = undefined;
    return waiting;
  }

  #pause(signal: AbortSignal): Promise<void> {
    const left = this.#failures === 0 ? 0 : this.#notBefore - Date.now();
    if (left <= 0) return Promise.resolve();
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

  #giveUp(journey: Journey, why: "timeout" | "abort", timeout: number, signal: AbortSignal | undefined): void {
    const unsent = this.#waiting.delete(journey) || journey.exchange?.cancel() === true;
    if (why === "abort") return journey.end(signal?.reason);
    if (journey.refusal?.code === "LOADING") return journey.end(journey.refusal);
    const message = unsent
      ? `no connection within ${timeout} ms: the command was not sent`
      : `no reply within ${timeout} ms: the command may or may not have been carried out`;
    journey.end(new TimeoutError(message, { code: "TIMEOUT", outcome: unsent ? "unsent" : "unknown" }));
  }

  async #end(): Promise<void> {
    while (this.#opening !== undefined) {
      if (this.#waiting.size === 0) this.#opening.stop.abort();
      await this.#opening.done;
    }
    await this.#session?.release();
  }
}

/** Half of a pause is random, so that clients which lost a server together do not come back together. */
function pauseAfter(failures: number): number {
  const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1));
  return (pause * (1 + Math.random())) / 2;
}

/** A command that was never sent may go again, and so may one without effects whose reply was lost. */
function mayGoAgain(error: unknown, repeatable: boolean): boolean {
  if (!(error instanceof ClosedError)) return false;
  return error.outcome === "unsent" || repeatable;
}
