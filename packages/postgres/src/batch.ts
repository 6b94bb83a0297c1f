// sql.batch(): several statements in one flight under one Sync. The server takes them for one transaction (PostgreSQL
// documentation, "Pipelining"): all of them are carried out, or none. Costs one round trip, and one call to a pool elsewhere.

import { LandlineError, ProtocolError } from "@landline/core";
import type { ByteWriter } from "@landline/core/bytes";
import { rowReader, type ExecutionInit, type RowReader } from "./execution.ts";
import { Flight } from "./flight.ts";
import { bind, describePortal, execute, parse, sync } from "./protocol/encoder.ts";
import type { BackendMessage } from "./protocol/messages.ts";
import { Result } from "./result.ts";
import { planRows, type RowPlan } from "./types/row.ts";

/** What of {@link BatchInit} is the caller's to say. */
export interface BatchOptions {
  /** Rejects with the signal's own reason, and asks the server to cancel. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for all of it. Default: the client's `queryTimeout`. */
  readonly timeout?: number | undefined;
}

/** A request of several statements, and the sink of their replies. */
export class Batch extends Flight<Result[]> {
  readonly #statements: readonly ExecutionInit[];
  readonly #readers: readonly RowReader[];
  #results: Result[] = [];
  #rows = new Result();
  #plan: RowPlan | undefined;

  constructor(statements: readonly ExecutionInit[], options: BatchOptions) {
    super(options);
    this.#statements = statements;
    this.#readers = statements.map(rowReader);
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
      // A pool object closes a statement that has failed before together with what comes next.
      case "closeComplete":
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
        this.error ??= new LandlineError("COPY TO STDOUT needs a stream to copy to", {
          code: "COPY_UNSUPPORTED",
          outcome: "refused",
        });
        return;
      case "errorResponse": {
        // A constraint that is checked at the end fails behind the last statement.
        const query = this.#statements[this.#results.length]?.text;
        if (this.error === undefined) this.failed(message.fields, query);
        return;
      }
      case "readyForQuery":
        if (this.error === undefined && this.#results.length < this.#statements.length)
          throw new ProtocolError("the server reported to be ready before it had answered the batch");
        return;
      default:
        throw new ProtocolError(`the server sent ${message.type} in answer to a batch`);
    }
  }

  protected result(): Result[] {
    return this.#results;
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
}
