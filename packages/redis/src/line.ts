// Flights on one session: their deadlines and aborts, and a queue for those that the session has no room for. This one
// serves a session that one caller has for himself: nothing is sent twice, and giving up what is under way ends it.

import { ClosedError, Deadlines, PoolError, TimeoutError } from "@landline/core";
import type { Flight } from "./flights.ts";
import type { OwnSession } from "./session.ts";

const DEFAULT_MAX_WAITING = 100_000;

/** How long a flight is waited for. */
export interface Patience {
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

export class Line {
  protected session: OwnSession | undefined;
  /** Those that were not sent yet, in order. */
  protected waiting: Set<Flight> = new Set();
  protected ended = false;
  readonly #deadlines = new Deadlines();
  readonly #maxWaiting: number;

  constructor(session?: OwnSession, maxWaiting: number = DEFAULT_MAX_WAITING) {
    this.session = session;
    this.#maxWaiting = maxWaiting;
  }

  /** Sends a flight, which is told of everything, a refusal included. */
  send(flight: Flight, { timeout, signal }: Patience): void {
    if (signal?.aborted === true) return flight.fail(signal.reason);
    const refusal = this.refuse(timeout);
    if (refusal !== undefined) return flight.fail(refusal);
    flight.line = this;
    flight.deadline = this.#deadlines.guard(timeout, signal, (why) =>
      this.#giveUp(flight, why === "abort" ? signal : undefined, timeout),
    );
    this.place(flight);
  }

  /** Takes no more, and gives up what is under way. Idempotent: afterwards the session may be somebody else's. */
  cut(): void {
    if (!this.ended && this.session?.busy === true) this.session.hangUp(gone("unknown"));
    this.ended = true;
  }

  /** Whether the flight goes again, instead of being told this. */
  mayGoAgain(_flight: Flight, _error: unknown): boolean {
    return false;
  }

  /** Why nothing is taken now. */
  protected refuse(_timeout: number): unknown {
    return this.ended ? gone("unsent") : undefined;
  }

  /** The session, if there is one. */
  protected ready(): OwnSession | undefined {
    return this.session;
  }

  /** Sends a flight, or lets it wait behind the others. */
  protected place(flight: Flight): void {
    if (this.waiting.size === 0) {
      const session = this.ready();
      if (session?.congested === false) return put(flight, session);
    }
    if (this.waiting.size >= this.#maxWaiting) {
      const message = `${this.#maxWaiting} commands wait to be sent already; raise maxWaiting, or send less at a time`;
      return flight.end(new PoolError(message, { code: "POOL_FULL", outcome: "unsent" }));
    }
    this.waiting.add(flight);
    this.flush();
  }

  /** Sends what waits, as far as there is room. */
  protected flush: () => void = () => {
    const session = this.waiting.size > 0 ? this.ready() : undefined;
    if (session === undefined) return;
    for (const flight of this.waiting) {
      if (session.congested) return session.whenRoom(this.flush);
      this.waiting.delete(flight);
      put(flight, session);
    }
  };

  /** What was given up is on its way. */
  protected abandon(_flight: Flight, reason: unknown): void {
    this.session?.hangUp(reason);
  }

  #giveUp(flight: Flight, aborted: AbortSignal | undefined, timeout: number): void {
    const unsent = this.waiting.delete(flight);
    const refusal = unsent || flight.left === 0 ? flight.refusal : undefined;
    const reason = aborted === undefined ? (refusal ?? late(timeout, unsent)) : aborted.reason;
    flight.end(reason);
    if (!unsent) this.abandon(flight, reason);
  }
}

function put(flight: Flight, session: OwnSession): void {
  flight.tries++;
  flight.session = session;
  session.exchange(flight);
}

function late(timeout: number, unsent: boolean): TimeoutError {
  const what = unsent
    ? `no connection within ${timeout} ms: the command was not sent`
    : `no reply within ${timeout} ms: the command may or may not have been carried out`;
  return new TimeoutError(what, { code: "TIMEOUT", outcome: unsent ? "unsent" : "unknown" });
}

function gone(outcome: "unsent" | "unknown"): ClosedError {
  return new ClosedError("this client or connection has been closed or given back", { code: "CLOSED", outcome });
}
