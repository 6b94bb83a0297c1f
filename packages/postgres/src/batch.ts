// sql.batch(): several statements in one flight under one Sync. The server takes them for one transaction (PostgreSQL
// documentation, "Pipelining"): all of them are carried out, or none. Costs one round trip, and one call to a pool elsewhere.

import { LandlineError, ProtocolError } from "@landline/core";
import type { ByteWriter } from "@landline/core/bytes";
import { endsSession, PostgresError, serverReport } from "./errors.ts";
import { rowReader, type ExecutionInit, type RowReader } from "./execution.ts";
import { bind, describePortal, execute, parse, sync } from "./protocol/encoder.ts";
import type { BackendMessage } from "./protocol/messages.ts";
import { Result } from "./result.ts";
import type { ReplySink, Request, Session } from "./session.ts";
import type { Task } from "./task.ts";
import { planRows, type RowPlan } from "./types/row.ts";

/** What of {@link BatchInit} is the caller's to say. */
export interface BatchOptions {
  /** Rejects with the signal's own reason, and asks the server to cancel. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for all of it. Default: the client's `queryTimeout`. */
  readonly timeout?: number | undefined;
}

/** A request of several statements, and the sink of their replies. */
export class Batch implements Request, ReplySink, Task {
  readonly syncs = 1;
  readonly extended = true;
  readonly signal: AbortSignal | undefined;
  readonly timeout: number | undefined;
  readonly answer: Promise<Result[]>;
  onEnd: ((session: Session | undefined) => void) | undefined;
  readonly #statements: readonly ExecutionInit[];
  readonly #readers: readonly RowReader[];
  #results: Result[] = [];
  #rows = new Result();
  #plan: RowPlan | undefined;
  #error: unknown;
  #told = false;
  #resolve!: (results: Result[]) => void;
  #reject!: (error: unknown) => void;

  constructor(statements: readonly ExecutionInit[], { signal, timeout }: BatchOptions) {
    this.#statements = statements;
    this.#readers = statements.map(rowReader);
    this.signal = signal;
    this.timeout = timeout;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  start(session: Session): void {
    session.exchange(this, this);
  }

  fail(error: unknown): void {
    this.onEnd?.(undefined);
    this.#tell(error);
  }

  /** Ran, and must not pass for having worked. For `onEnd`. */
  refuse(error: unknown): void {
    this.#tell(error);
  }

  write(writer: ByteWriter): void {
    for (const { text, parameters } of this.#statements) {
      parse(writer, "", text, parameters.types);
      bind(writer, "", parameters.values, []);
      describePortal(writer);
      execute(writer);
    }
    sync(writer);
  }

  row(bytes: Uint8Array, start: number, end: number): void {
    const read = this.#readers[this.#results.length];
    if (this.#plan === undefined || read === undefined)
      throw new ProtocolError("the server sent a row before it described the columns");
    this.#rows.push(read(this.#plan, bytes, start, end));
  }

  message(message: BackendMessage): void {
    switch (message.type) {
      case "parseComplete":
      case "bindComplete":
      case "noData":
      case "copyInResponse":
      case "copyDone":
        return;
      case "rowDescription":
        this.#plan = planRows(message.columns, this.#statement().types);
        return;
      case "commandComplete":
        return this.#complete(message.tag);
      case "emptyQueryResponse":
        return this.#complete("");
      case "copyOutResponse":
        this.#error ??= new LandlineError("COPY TO STDOUT needs a stream to copy to", {
          code: "COPY_UNSUPPORTED",
          outcome: "refused",
        });
        return;
      case "errorResponse": {
        const report = serverReport(message.fields);
        // A constraint that is checked at the end fails behind the last statement.
        const query = this.#statements[this.#results.length]?.text;
        const outcome = endsSession(report) ? "unknown" : "refused";
        this.#error ??= new PostgresError(report, query === undefined ? { outcome } : { outcome, query });
        return;
      }
      case "readyForQuery":
        if (this.#error === undefined && this.#results.length < this.#statements.length)
          throw new ProtocolError("the server reported to be ready before it had answered the batch");
        return;
      default:
        throw new ProtocolError(`the server sent ${message.type} in answer to a batch`);
    }
  }

  abandon(reason: unknown): void {
    this.#tell(reason);
  }

  end(error?: unknown): void {
    this.onEnd?.(undefined);
    const failure = this.#error ?? error;
    if (failure !== undefined) return this.#tell(failure);
    if (this.#told) return;
    this.#told = true;
    this.#resolve(this.#results);
  }

  /** The one that is being answered. */
  #statement(): ExecutionInit {
    const statement = this.#statements[this.#results.length];
    if (statement === undefined) throw new ProtocolError("the server answered more statements than the batch has");
    return statement;
  }

  #complete(tag: string): void {
    this.#statement();
    this.#rows.complete(tag, this.#plan?.columns);
    this.#results.push(this.#rows);
    this.#rows = new Result();
    this.#plan = undefined;
  }

  #tell(error: unknown): void {
    if (this.#told) return;
    this.#told = true;
    this.#reject(error);
  }
}
