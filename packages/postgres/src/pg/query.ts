// Queries: what `client.query()` makes of text or a config, and the contract by which a Client runs anything that is like a
// query, those of others included (`submit(connection)` and the handlers).

import { isLandlineError } from "@landline/core";
import { MAX_PARAMETERS } from "../protocol/encoder.ts";
import type { Connection } from "./connection.ts";
import { emit, emitError, EventEmitter, guarded } from "./emitter.ts";
import { Result, type FieldDef, type QueryResultRow } from "./result.ts";
import type { CustomTypesConfig } from "./types/registry.ts";
import { prepareValue } from "./values.ts";

/** What `client.query()` takes besides text. */
export interface QueryConfig {
  readonly text: string;
  readonly values?: readonly unknown[] | undefined;
  /** Prepares it under that name, once for each connection. */
  readonly name?: string | undefined;
  /** `"array"` for rows as arrays. */
  readonly rowMode?: string | undefined;
  readonly types?: CustomTypesConfig | undefined;
  /** Results in the binary form. */
  readonly binary?: boolean | undefined;
  /** Reads so many rows at a time. */
  readonly rows?: number | undefined;
  readonly portal?: string | undefined;
  /** `"extended"` for the extended protocol also without values. */
  readonly queryMode?: string | undefined;
  /** Milliseconds. */
  readonly query_timeout?: number | undefined;
  readonly callback?: QueryCallback | undefined;
}

// oxlint-disable-next-line typescript/no-explicit-any -- a result, or a list of them for several statements
export type QueryCallback = (error: any, result?: any) => void;

/** What runs on a Client. Handlers that are missing are not called. */
export interface Submittable {
  // oxlint-disable-next-line typescript/no-explicit-any -- others declare what they use of it
  submit(connection: any): unknown;
}

/** The handlers of a {@link Submittable}. */
export interface Handlers extends Submittable {
  name?: string | undefined;
  text?: string | undefined;
  callback?: QueryCallback | undefined;
  binary?: boolean | undefined;
  rows?: unknown;
  _result?: Result | undefined;
  handleRowDescription?(message: { readonly fields: FieldDef[] }): void;
  handleDataRow?(message: { readonly fields: readonly (string | Uint8Array | null)[] }): void;
  handlePortalSuspended?(connection: Connection): void;
  handleCommandComplete?(message: { readonly text: string }, connection: Connection): void;
  handleEmptyQuery?(connection: Connection): void;
  handleError?(error: Error, connection: Connection): void;
  handleReadyForQuery?(connection: Connection): void;
  handleCopyInResponse?(connection: Connection): void;
  handleCopyData?(message: { readonly chunk: Uint8Array }, connection: Connection): void;
  /** Ours: a row from its bytes, without an object between. */
  readRow?(bytes: Uint8Array, start: number, end: number): void;
}

/** One query. Emits `row`, `end` and `error`. */
export class Query extends EventEmitter implements Handlers {
  text: string | undefined;
  values: readonly unknown[] | undefined;
  rows: number | undefined;
  types: CustomTypesConfig | undefined;
  name: string | undefined;
  queryMode: string | undefined;
  binary: boolean | undefined;
  portal: string;
  callback: QueryCallback | undefined;
  _result: Result;
  #results: Result | Result[];
  #collects = true;
  #failure: Error | undefined;
  /** Execute has gone without a Sync behind it. */
  #unsynced = false;

  constructor(
    config: string | QueryConfig,
    values?: readonly unknown[] | QueryCallback | null,
    callback?: QueryCallback,
  ) {
    super();
    const given: Partial<QueryConfig> = typeof config === "string" ? { text: config } : config;
    this.text = given.text;
    this.values = (typeof values === "function" ? undefined : values) ?? given.values;
    this.rows = given.rows;
    this.types = given.types;
    this.name = given.name;
    this.queryMode = given.queryMode;
    this.binary = given.binary;
    this.portal = given.portal ?? "";
    this.callback = callback ?? (typeof values === "function" ? values : undefined) ?? given.callback;
    this._result = new Result(given.rowMode, given.types);
    this.#results = this._result;
  }

  /** Writes it. Returns what is wrong with it, and then has written nothing. */
  submit(connection: Connection): Error | null {
    const { text, name, values } = this;
    if (typeof text !== "string" && typeof name !== "string") {
      return new Error("A query must have either text or a name. Supplying neither is unsupported.");
    }
    const previous = this.#known(connection);
    if (text && previous && text !== previous) {
      return new Error(`Prepared statements must be unique - '${name}' was used for a different statement`);
    }
    if (values && !Array.isArray(values)) return new Error("Query values must be an array");
    try {
      if (this.requiresPreparation()) this.#prepare(connection, previous);
      else connection.whole(() => connection.query(text ?? ""));
    } catch (error) {
      return error as Error;
    }
    return null;
  }

  /** Whether it goes by the extended protocol. */
  requiresPreparation(): boolean {
    if (this.queryMode === "extended" || this.name || this.rows) return true;
    return Boolean(this.text) && (this.values?.length ?? 0) > 0;
  }

  #known({ parsedStatements, submittedNamedStatements }: Connection): string | undefined {
    return this.name ? (parsedStatements[this.name] ?? submittedNamedStatements[this.name]) : undefined;
  }

  #prepare(connection: Connection, known: string | undefined): void {
    const { text = "", name, types, portal, binary } = this;
    const values = (this.values ?? []).map(prepareValue);
    if (values.length > MAX_PARAMETERS) throw new Error(`a query takes at most ${MAX_PARAMETERS} values`);
    connection.whole(() => {
      if (known === undefined) connection.parse({ text, name, types });
      connection.bind({ portal, statement: name, values, binary });
      connection.describe({ type: "P", name: portal });
      this.#execute(connection);
    });
    if (name && known === undefined) connection.submittedNamedStatements[name] = text;
  }

  #execute(connection: Connection): void {
    const { portal, rows } = this;
    connection.execute({ portal, rows });
    // In pieces, the portal has to outlive this.
    if (rows) connection.flush();
    else connection.sync();
    this.#unsynced = Boolean(rows);
  }

  #sync(connection: Connection): void {
    if (!this.#unsynced) return;
    this.#unsynced = false;
    connection.sync();
  }

  handleRowDescription({ fields }: { readonly fields: FieldDef[] }): void {
    this.#next();
    this._result.addFields(fields);
    this.#collects = this.callback !== undefined || this.listenerCount("row") === 0;
  }

  readRow(bytes: Uint8Array, start: number, end: number): void {
    if (this.#failure !== undefined) return;
    try {
      this.#row(this._result.readRow(bytes, start, end));
    } catch (error) {
      if (isLandlineError(error)) throw error;
      this.#failure = error as Error;
    }
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | Uint8Array | null)[] }): void {
    if (this.#failure !== undefined) return;
    try {
      this.#row(this._result.parseRow(fields));
    } catch (error) {
      this.#failure = error as Error;
    }
  }

  #row(row: QueryResultRow): void {
    if (this.listenerCount("row") > 0) emit(this, "row", row, this._result);
    if (this.#collects) this._result.addRow(row);
  }

  handlePortalSuspended(connection: Connection): void {
    this.#execute(connection);
  }

  handleCommandComplete(message: { readonly text: string }, connection: Connection): void {
    this.#next();
    this._result.addCommandComplete(message);
    this.#sync(connection);
  }

  handleEmptyQuery(connection: Connection): void {
    this.#sync(connection);
  }

  handleCopyInResponse(connection: Connection): void {
    connection.sendCopyFail("No source stream defined");
    // In copy mode the server has ignored the Sync that came with the query.
    if (this.requiresPreparation()) connection.sync();
  }

  handleCopyData(): void {}

  handleError(error: Error, connection: Connection): void {
    // The server drops everything until it gets one.
    this.#sync(connection);
    const failure = this.#failure ?? error;
    this.#failure = undefined;
    const { callback } = this;
    if (callback === undefined) emitError(this, failure);
    else guarded(() => callback(failure));
  }

  handleReadyForQuery(connection: Connection): void {
    const failure = this.#failure;
    if (failure !== undefined) return this.handleError(failure, connection);
    const { callback } = this;
    if (callback !== undefined) guarded(() => callback(null, this.#results));
    emit(this, "end", this.#results);
  }

  /** A further statement of the same text has a result of its own. */
  #next(): void {
    if (!this._result.command) return;
    const { rowAsArray, _types } = this._result;
    this.#results = Array.isArray(this.#results) ? this.#results : [this.#results];
    this._result = new Result(rowAsArray ? "array" : undefined, _types);
    this.#results.push(this._result);
  }
}
