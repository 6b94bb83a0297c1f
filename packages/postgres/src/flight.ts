// What every exchange has in common that answers one caller with one promise: how it is told what became of it, once.

import type { ByteWriter } from "@landline/core/bytes";
import { endsSession, PostgresError, serverReport } from "./errors.ts";
import type { BackendMessage, ResponseFields } from "./protocol/messages.ts";
import type { ReplySink, Request, Session } from "./session.ts";
import type { Task } from "./task.ts";

/** By what it may be given up. */
export interface FlightOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeout?: number | undefined;
}

/** A request, the sink of its replies, and the promise of its answer. */
export abstract class Flight<Answer> implements Request, ReplySink, Task {
  readonly syncs = 1;
  readonly extended: boolean;
  readonly signal: AbortSignal | undefined;
  readonly timeout: number | undefined;
  readonly answer: Promise<Answer>;
  /** Called when the session is done with this, before the caller hears of it. */
  onEnd: ((session: Session | undefined) => void) | undefined;
  /** While it is in the queue of one. */
  protected session: Session | undefined;
  /** What is wrong with it, as far as the replies have told. */
  protected error: unknown;
  /** Whether the caller has heard. */
  protected told = false;
  #resolve!: (answer: Answer) => void;
  #reject!: (error: unknown) => void;

  constructor({ signal, timeout }: FlightOptions, extended = true) {
    this.extended = extended;
    this.signal = signal;
    this.timeout = timeout;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  abstract write(writer: ByteWriter, session: Session): void;
  abstract row(bytes: Uint8Array, start: number, end: number): void;
  abstract message(message: BackendMessage): void;
  /** What it comes to when nothing is wrong. */
  protected abstract result(): Answer;

  /** Puts this into the session's queue. */
  start(session: Session): void {
    this.session = session;
    session.exchange(this, this);
  }

  /** Never ran: tells the caller why. */
  fail(error: unknown): void {
    this.onEnd?.(undefined);
    this.refuse(error);
  }

  /** Rejects, whatever the replies say. */
  refuse(error: unknown): void {
    if (this.told) return;
    this.told = true;
    this.#reject(error);
  }

  abandon(reason: unknown): void {
    this.refuse(reason);
  }

  end(error?: unknown): void {
    const { session } = this;
    this.session = undefined;
    this.onEnd?.(session);
    const failure = this.error ?? error;
    if (failure !== undefined) return this.refuse(failure);
    if (this.told) return;
    this.told = true;
    this.#resolve(this.result());
  }

  /** The server said no to the statement `query`. */
  protected failed(fields: ResponseFields, query: string | undefined): void {
    const report = serverReport(fields);
    this.error = new PostgresError(report, { outcome: endsSession(report) ? "unknown" : "refused", query });
  }
}
