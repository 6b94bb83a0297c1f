// pg-cursor: rows in batches, out of a portal that stays open between reads without a transaction around it: nothing but
// Flush is sent until the cursor has ended.

import { isLandlineError } from "@landline/core";
import type { Connection } from "./connection.ts";
import { emit, emitError, EventEmitter, guarded } from "./emitter.ts";
import type { Handlers } from "./query.ts";
import { Result, type FieldDef } from "./result.ts";
import type { CustomTypesConfig } from "./types/registry.ts";
import { prepareValue } from "./values.ts";

/** How a cursor reads. */
export interface CursorConfig {
  readonly rowMode?: "array" | undefined;
  readonly types?: CustomTypesConfig | undefined;
  readonly Promise?: PromiseConstructorLike | undefined;
}

// oxlint-disable-next-line typescript/no-explicit-any -- rows are what the query makes them
export type ReadCallback<Row = any> = (error: any, rows: Row[], result: Result) => void;

interface Reading {
  readonly rows: number;
  readonly callback: ReadCallback;
}

/** `opening` until the columns are known, then `idle` or `reading`; in the end `done` or `failed`. */
type State = "initialized" | "opening" | "idle" | "reading" | "closing" | "done" | "failed";

let portals = 0;

/** A cursor: `const cursor = client.query(new Cursor(text, values))`, then `read(rows)` until there are none. */
// oxlint-disable-next-line typescript/no-explicit-any -- rows are what the query makes them
export class Cursor<Row = any> extends EventEmitter implements Handlers {
  readonly text: string;
  readonly values: readonly unknown[] | null;
  connection: Connection | null = null;
  _result: Result;
  readonly #promise: PromiseConstructor;
  readonly #portal = `C_${++portals}`;
  #state: State = "initialized";
  #waiting: Reading[] = [];
  #current: Reading | undefined;
  #rows: Row[] = [];
  #error: unknown;
  #closers: (() => void)[] = [];

  constructor(text: string, values?: readonly unknown[] | null, config: CursorConfig = {}) {
    super();
    this.text = text;
    this.values = values ?? null;
    this._result = new Result(config.rowMode, config.types);
    this.#promise = (config.Promise as PromiseConstructor | undefined) ?? Promise;
  }

  /** For a Client: opens the portal. */
  submit(connection: Connection): Error | null {
    this.connection = connection;
    const portal = this.#portal;
    try {
      const values = (this.values ?? []).map(prepareValue);
      connection.whole(() => {
        connection.parse({ text: this.text });
        connection.bind({ portal, values });
        connection.describe({ type: "P", name: portal });
        connection.flush();
      });
    } catch (error) {
      this.connection = null;
      return error as Error;
    }
    this.#state = "opening";
    // Of a statement without columns nothing else tells that it is ready.
    const none = (): void => this.#opened();
    connection.once("noData", none);
    connection.once("rowDescription", () => connection.removeListener("noData", none));
    return null;
  }

  /** The next `rows` rows; none at the end. */
  read(rows: number): Promise<Row[]>;
  read(rows: number, callback: ReadCallback<Row>): void;
  read(rows: number, callback?: ReadCallback<Row>): Promise<Row[]> | void {
    if (callback !== undefined) return this.#read({ rows, callback });
    return new this.#promise((resolve, reject) => {
      this.#read({ rows, callback: (error, read: Row[]) => (error ? reject(error) : resolve(read)) });
    });
  }

  /** Closes the portal, wherever it is. */
  close(): Promise<void>;
  close(callback: (error?: Error) => void): void;
  close(callback?: (error?: Error) => void): Promise<void> | void {
    if (callback !== undefined) return this.#close(callback);
    return new this.#promise((resolve) => this.#close(resolve));
  }

  #close(done: () => void): void {
    const { connection } = this;
    if (connection === null || this.#isOver()) return later(done);
    this.#closers.push(done);
    if (this.#state !== "closing") this.#end(connection);
  }

  #isOver(): boolean {
    return this.#state === "done" || this.#state === "failed";
  }

  #end(connection: Connection): void {
    connection.close({ type: "P", name: this.#portal });
    connection.sync();
    this.#state = "closing";
  }

  #read(reading: Reading): void {
    if (this.#state === "failed") return later(() => reading.callback(this.#error, [], this._result));
    if (this.#state === "done") return later(() => reading.callback(null, [], this._result));
    this.#waiting.push(reading);
    this.#next();
  }

  /** One read at a time, as far as the portal is open. */
  #next(): void {
    if (this.#state !== "idle") return;
    const reading = this.#waiting.shift();
    if (reading === undefined) return;
    this.#state = "reading";
    this.#current = reading;
    this.connection?.execute({ portal: this.#portal, rows: reading.rows });
    this.connection?.flush();
  }

  #opened(): void {
    if (this.#state !== "opening") return;
    this.#state = "idle";
    this.#next();
  }

  handleRowDescription({ fields }: { readonly fields: FieldDef[] }): void {
    this._result.addFields(fields);
    this.#opened();
  }

  readRow(bytes: Uint8Array, start: number, end: number): void {
    this.#guard(() => this._result.readRow(bytes, start, end) as Row);
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | Uint8Array | null)[] }): void {
    this.#guard(() => this._result.parseRow(fields) as Row);
  }

  /** What a parser throws is the error of this read, and the portal is of no more use. */
  #guard(read: () => Row): void {
    if (this.#state === "failed" || this.#state === "closing") return;
    let row: Row;
    try {
      row = read();
    } catch (error) {
      if (isLandlineError(error)) throw error;
      this.handleError(error as Error);
      return;
    }
    if (this.listenerCount("row") > 0) emit(this, "row", row, this._result);
    this.#rows.push(row);
  }

  handlePortalSuspended(): void {
    if (this.#state !== "reading") return;
    this.#state = "idle";
    this.#deliver();
    this.#next();
  }

  handleCommandComplete(message: { readonly text: string }, connection: Connection): void {
    if (this.#state !== "reading") return;
    this._result.addCommandComplete(message);
    this.#end(connection);
  }

  handleEmptyQuery(connection: Connection): void {
    if (this.#state === "reading") this.#end(connection);
  }

  handleReadyForQuery(): void {
    const failed = this.#state === "failed";
    if (!failed) this.#state = "done";
    this.#deliver();
    for (const { callback } of this.#waiting.splice(0)) later(() => callback(null, [], this._result));
    this.#closed();
    if (!failed) emit(this, "end", this._result);
  }

  handleError(error: Error): void {
    const { connection } = this;
    if (this.#isOver()) return;
    // Close() has sent its own.
    if (connection !== null && this.#state !== "closing" && this.#state !== "initialized") connection.sync();
    this.#fail(error);
    if (connection === null || connection.stream.destroyed) this.#closed();
    else connection.once("readyForQuery", () => this.#closed());
  }

  #fail(error: unknown): void {
    this.#state = "failed";
    this.#error = error;
    const readings = this.#current === undefined ? this.#waiting : [this.#current, ...this.#waiting];
    this.#current = undefined;
    this.#waiting = [];
    this.#rows = [];
    for (const { callback } of readings) guarded(() => callback(error, [], this._result));
    emitError(this, error);
  }

  #closed(): void {
    for (const done of this.#closers.splice(0)) guarded(done);
  }

  /** The rows so far to who asked for them. */
  #deliver(): void {
    const reading = this.#current;
    if (reading === undefined) return;
    const rows = this.#rows;
    this.#current = undefined;
    this.#rows = [];
    this._result.rows = rows as Result["rows"];
    const { callback } = reading;
    later(() => callback(null, rows, this._result));
  }
}

function later(work: () => void): void {
  queueMicrotask(() => guarded(work));
}
