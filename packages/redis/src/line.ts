// A connection that one caller has for himself: a blocking command, or a sequence that depends on the state of the
// connection. Nothing is sent twice, and giving up what is under way ends the connection.

import { ClosedError, Deadlines, TimeoutError } from "@landline/core";
import type { Deadline } from "@landline/core";
import type { Flight, Patience } from "./link.ts";
import type { Exchange, OwnSession } from "./session.ts";

export class Line {
  readonly #connection: OwnSession;
  readonly #deadlines = new Deadlines();
  readonly #flights = new Set<(error: unknown) => void>();
  #ended = false;

  constructor(connection: OwnSession) {
    this.#connection = connection;
  }

  /** Sends a flight, which is told of everything. `settled` is called once it is over. */
  send(flight: Flight, { timeout, signal }: Patience, settled?: () => void): void {
    if (this.#ended) {
      flight.fail(given("unsent"));
      return settled?.();
    }
    if (signal?.aborted === true) {
      flight.fail(signal.reason);
      return settled?.();
    }
    let left = flight.commands.length;
    const guard: { deadline?: Deadline; exchange?: Exchange } = {};
    const over = (): void => {
      guard.deadline?.clear();
      this.#flights.delete(giveUp);
      settled?.();
    };
    const giveUp = (error: unknown): void => {
      const unsent = guard.exchange?.cancel() === true;
      flight.fail(error);
      if (!unsent) this.#connection.hangUp(error);
      over();
    };
    this.#flights.add(giveUp);
    guard.exchange = this.#connection.exchange(flight, {
      attributes: flight.attributes,
      reply: (value, inexact) => {
        flight.reply(value, inexact);
        if (--left === 0) over();
      },
      fail: (error) => {
        flight.fail(error);
        over();
      },
    });
    if (!this.#flights.has(giveUp)) return;
    guard.deadline = this.#deadlines.guard(timeout, signal, (why) =>
      giveUp(why === "abort" ? signal?.reason : late(timeout)),
    );
  }

  /** Takes no more, and gives up what is under way. */
  end(): void {
    this.#ended = true;
    for (const giveUp of this.#flights) giveUp(given("unknown"));
    this.#deadlines.clear();
  }
}

function late(timeout: number): TimeoutError {
  return new TimeoutError(
    `no reply within ${timeout} ms: the command may or may not have been carried out; its connection is closed`,
    { code: "TIMEOUT", outcome: "unknown" },
  );
}

function given(outcome: "unsent" | "unknown"): ClosedError {
  return new ClosedError("this connection has been given back or closed", { code: "CLOSED", outcome });
}
