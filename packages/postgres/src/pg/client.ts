// The Client: one connection, a queue of queries in front of it, and events. It looks to its users as node-postgres' does;
// underneath are our own login, codec and transport.

import { ProtocolError } from "@landline/core";
import type { BackendMessage, TransactionStatus } from "../protocol/messages.ts";
import { Connection, type Receiver } from "./connection.ts";
import { emit, emitError, EventEmitter, guarded } from "./emitter.ts";
import { databaseError, noticeMessage } from "./errors.ts";
import { defaults } from "./defaults.ts";
import { escapeIdentifier, escapeLiteral } from "./escape.ts";
import { ConnectionParameters, type ClientConfig } from "./parameters.ts";
import { Query, type Handlers, type QueryCallback, type QueryConfig, type Submittable } from "./query.ts";
import { ClientObservation } from "./observe.ts";
import { fieldsOf, readValues, type FieldDef } from "./result.ts";
import type { QueryMethod } from "./client-types.ts";
import { QueryQueue } from "./query-queue.ts";
import { TypeOverrides, type TypeFormat, type TypeParser } from "./types/registry.ts";

type ConnectCallback = (error: Error | null, client?: Client) => void;

/** Of a NotificationResponse: its length, the process id, and the ends of two texts. */
const WORDS_BYTES = 10;
const NOT_QUERYABLE = "Client has encountered a connection error and is not queryable";

/** One connection to Postgres. Emits `connect`, `end`, `error`, `notice`, `notification` and `drain`. */
export class Client extends EventEmitter {
  static readonly Query: typeof Query = Query;
  readonly connectionParameters: ConnectionParameters;
  readonly user: string | undefined;
  readonly database: string | undefined;
  readonly port: number;
  readonly host: string;
  /** A function, where one was given; `null` for none. */
  declare password: string;
  readonly ssl: boolean;
  readonly replication: string | undefined;
  readonly pipeline: boolean;
  /** A {@link Connection}; not in the type, which has more methods in @types/pg than anybody calls. */
  // oxlint-disable-next-line typescript/no-explicit-any -- so that a Client passes for one of @types/pg
  readonly connection: any;
  readonly #connection: Connection;
  readonly #observation: ClientObservation;
  binary: boolean;
  /** The process id of the backend; `null` before it is connected. */
  processID: number = null as unknown as number;
  secretKey: number | null = null;
  declare query: QueryMethod;
  /** In @types/pg, and nowhere else. */
  declare readonly copyFrom: never;
  declare readonly copyTo: never;
  declare readonly pauseDrain: never;
  declare readonly resumeDrain: never;
  // These have the names by which pools and tools of others look at them.
  _Promise: PromiseConstructor;
  _types: TypeOverrides;
  _ending = false;
  _ended = false;
  _connecting = false;
  _connected = false;
  _queryable = true;
  _connectionError = false;
  #connectCallback: ConnectCallback | undefined;
  readonly #queue: QueryQueue;
  #status: TransactionStatus | null = null;

  constructor(config: string | ClientConfig = {}) {
    super();
    const given = typeof config === "string" ? {} : (config ?? {});
    const parameters = new ConnectionParameters(config ?? {});
    this.connectionParameters = parameters;
    this.user = parameters.user;
    this.database = parameters.database;
    this.port = parameters.port;
    this.host = parameters.host;
    hide(this, "password", parameters.password);
    const { ssl } = parameters;
    this.ssl = ssl as boolean;
    if (typeof ssl === "object" && ssl.key !== undefined) Object.defineProperty(ssl, "key", { enumerable: false });
    this.replication = parameters.replication;
    this.pipeline = given.pipeline === true;
    this.binary = given.binary ?? defaults.binary;
    this._Promise = (given.Promise as PromiseConstructor | undefined) ?? Promise;
    this._types = new TypeOverrides(given.types);
    this.#observation = new ClientObservation(given.observe, parameters);
    this.#connection = new Connection(this.#receiver());
    this.connection = this.#connection;
    this.#queue = new QueryQueue(this.#connection, this.pipeline, () => emit(this, "drain"));
  }

  /** Connects and logs in, once in the life of a Client. */
  connect(): Promise<this>;
  connect(callback: (error: Error | null, client?: this) => void): void;
  connect(callback?: (error: Error | null, client?: this) => void): Promise<this> | void {
    if (callback !== undefined) return this.#connect(callback as ConnectCallback);
    return new this._Promise((resolve, reject) => {
      this.#connect((error) => (error === null ? resolve(this) : reject(error)));
    });
  }

  #connect(callback: ConnectCallback): void {
    if (this._connecting || this._connected || this._ending) {
      const error = new Error("Client has already been connected. You cannot reuse a client.");
      return queueMicrotask(() => guarded(() => callback(error)));
    }
    this._connecting = true;
    this.#connectCallback = this.#observation.connect(callback);
    // A password that has been changed since is the one to use.
    this.connectionParameters.password = this.password;
    void this.#open();
  }

  async #open(): Promise<void> {
    if (!(await this.#connection.open(this.connectionParameters))) return;
    const { processId, secretKey } = this.#connection;
    this.processID = processId ?? (null as unknown as number);
    this.secretKey = secretKey?.length === 4 ? new DataView(secretKey.buffer, secretKey.byteOffset).getInt32(0) : null;
    this._connecting = false;
    this._connected = true;
    const callback = this.#connectCallback;
    this.#connectCallback = undefined;
    this.#status = "I";
    guarded(() => callback?.(null, this));
    emit(this, "connect");
    if (this._queryable) this.#queue.start();
  }

  /** Closes the connection. With queries in flight it is cut; in a pipeline they are waited for. */
  end(): Promise<void>;
  end(callback: (error?: Error) => void): void;
  end(callback?: (error?: Error) => void): Promise<void> | void {
    this._ending = true;
    const ended = (done: () => void): void => {
      if ((!this._connecting && !this._connected && !this._connectionError) || this._ended) return done();
      this.#connection.once("end", done);
      this.#close();
    };
    if (callback !== undefined) return ended(callback);
    return new this._Promise((resolve) => ended(resolve));
  }

  #close(): void {
    const { active, busy } = this.#queue;
    if (!this._queryable) this.#connection.stream.destroy();
    else if (this.pipeline && this._connected && busy) this.once("drain", () => this.#connection.end());
    else if (active !== undefined) this.#connection.stream.destroy();
    else this.#connection.end();
  }

  static {
    // A method like any other; its overloads are those of QueryMethod.
    Client.prototype.query = function query(this: Client, config: unknown, values?: unknown, callback?: QueryCallback) {
      return this.#query(config as string, values as readonly unknown[], callback);
    } as QueryMethod;
  }

  #query(
    config: string | QueryConfig | Handlers,
    values: readonly unknown[] | QueryCallback | undefined,
    callback: QueryCallback | undefined,
  ): unknown {
    if (config === null || config === undefined) throw new TypeError("Client was passed a null or undefined query");
    let query: Handlers;
    let answer: unknown;
    if (isSubmittable(config)) {
      answer = query = config;
      query.callback ??= typeof values === "function" ? values : callback;
    } else {
      query = new Query(config, values, callback);
      if (query.callback === undefined) answer = this.#promise(query);
      else if (typeof query.callback !== "function") throw new TypeError("callback is not a function");
    }
    this.#observation.query(query);
    this.#bound((config as QueryConfig).query_timeout || this.connectionParameters.query_timeout, query);
    if (this.binary && !query.binary) query.binary = true;
    if (query._result !== undefined && query._result._types === undefined) query._result._types = this._types;
    const refusal = this.#refusal(query);
    if (refusal !== undefined) {
      this.#queue.fail(query, refusal);
    } else {
      this.#queue.push(query);
    }
    return answer;
  }

  #promise(query: Handlers): Promise<unknown> {
    const answer = new this._Promise((resolve, reject) => {
      query.callback = (error: unknown, result) => (error ? reject(error) : resolve(result));
    });
    return answer.catch((error: unknown) => {
      // From here the stack leads to who has made the query; so far it led to who has read the answer.
      if (error instanceof Error) Error.captureStackTrace?.(error);
      throw error;
    });
  }

  /** Tells the caller when the time is over. What the server is doing goes on, and keeps the connection. */
  #bound(timeout: number | false | undefined, query: Handlers): void {
    if (!timeout) return;
    const tell = query.callback ?? (() => {});
    const timer = setTimeout(() => {
      const error = new Error("Query read timeout");
      query.callback = () => {};
      guarded(() => tell(error));
      const dropped = this.#queue.drop(query);
      // A cursor calls none, and its reads wait.
      if (dropped && !(query instanceof Query)) this.#queue.fail(query, error);
      // What is behind it in a pipeline would wait as long.
      if (!dropped && this.pipeline) this.#connection.stream.destroy();
    }, timeout);
    query.callback = (error, result) => {
      clearTimeout(timer);
      if (error) tell(error);
      else tell(error, result);
    };
  }

  #refusal(query: Handlers): Error | undefined {
    if (this.pipeline && !(query instanceof Query)) {
      return new Error("Custom query classes such as pg-cursor and pg-query-stream are not supported in pipeline mode");
    }
    if (this.pipeline && query.rows) return new Error("The `rows` option is not supported in pipeline mode");
    if (!this._queryable || this._connectionError) return new Error(NOT_QUERYABLE);
    return this._ending ? new Error("Client was closed and is not queryable") : undefined;
  }

  /** Asks the server to cancel `query`, if that is what `client` is doing; takes it out of the queue, if it waits there. */
  cancel(client: Client, query: Handlers): void {
    if (client.#queue.active === query) void client.#connection.cancel().catch(() => {});
    else client.#queue.drop(query);
  }

  /** What the server is doing for it. */
  get activeQuery(): Submittable | null {
    return this.#queue.active ?? null;
  }

  /** What waits behind that. */
  get queryQueue(): Submittable[] {
    return this.#queue.waiting;
  }

  getTransactionStatus(): TransactionStatus | null {
    return this.#status;
  }

  setTypeParser(oid: number, parser: TypeParser): void;
  setTypeParser(oid: number, format: TypeFormat, parser: TypeParser): void;
  setTypeParser(oid: number, format: TypeFormat | TypeParser, parser?: TypeParser): void {
    this._types.setTypeParser(oid, format as TypeFormat, parser as TypeParser);
  }

  getTypeParser(oid: number, format?: TypeFormat): TypeParser {
    return this._types.getTypeParser(oid, format);
  }

  escapeIdentifier(text: string): string {
    return escapeIdentifier(text);
  }

  escapeLiteral(text: string): string {
    return escapeLiteral(text);
  }

  /** The connection keeps the process running, as it does from the beginning; where the runtime has a choice. */
  ref(): void {
    this.#connection.stream.ref();
  }

  /** See {@link ref}. */
  unref(): void {
    this.#connection.stream.unref();
  }

  #receiver(): Receiver {
    return {
      row: (bytes, start, end) => this.#row(bytes, start, end),
      copyData: (bytes, start, end) => {
        const { handleCopyData } = this.#expected("copyData");
        const chunk = new Uint8Array(bytes.subarray(start, end));
        guarded(() => handleCopyData?.call(this.#queue.active, { chunk }, this.#connection));
      },
      message: (message) => this.#message(message),
      broken: (error) => this.#broken(error),
      ended: () => this.#endedBy(),
    };
  }

  #expected(what: string): Handlers {
    const { active } = this.#queue;
    if (active === undefined) throw new ProtocolError(`the server sent ${what} without having been asked anything`);
    return active;
  }

  #row(bytes: Uint8Array, start: number, end: number): void {
    const query = this.#expected("dataRow");
    if (query.readRow !== undefined) return query.readRow(bytes, start, end);
    const fields: (string | Uint8Array | null)[] = [];
    readValues(bytes, start, end, this.#fields, (_, value) => fields.push(value));
    guarded(() => query.handleDataRow?.({ fields }));
  }

  /** Of what is being answered, for queries of others. */
  #fields: FieldDef[] = [];

  #message(message: BackendMessage): void {
    const connection = this.#connection;
    switch (message.type) {
      case "readyForQuery":
        return this.#readyFor(message.status);
      case "rowDescription": {
        const query = this.#expected(message.type);
        this.#fields = fieldsOf(message.columns);
        return guarded(() => query.handleRowDescription?.({ fields: this.#fields }));
      }
      case "commandComplete": {
        const query = this.#expected(message.type);
        return guarded(() => query.handleCommandComplete?.({ text: message.tag }, connection));
      }
      case "errorResponse":
        return this.#serverError(databaseError(message.fields));
      case "parseComplete":
        return this.#parsed();
      case "portalSuspended":
        return guarded(() => this.#expected(message.type).handlePortalSuspended?.(connection));
      case "emptyQueryResponse":
        return guarded(() => this.#expected(message.type).handleEmptyQuery?.(connection));
      case "copyInResponse":
        return guarded(() => this.#expected(message.type).handleCopyInResponse?.(connection));
      case "noticeResponse":
        return emit(this, "notice", noticeMessage(message.fields));
      case "notificationResponse": {
        const { channel, payload, processId } = message;
        const length = WORDS_BYTES + new TextEncoder().encode(channel + payload).length;
        return emit(this, "notification", { name: "notification", length, processId, channel, payload });
      }
    }
  }

  #readyFor(status: TransactionStatus): void {
    this.#status = status;
    this.#queue.answered();
  }

  #parsed(): void {
    const { name, text } = this.#queue.active ?? {};
    if (!name) return;
    this.#connection.parsedStatements[name] = text;
    delete this.#connection.submittedNamedStatements[name];
  }

  #serverError(error: Error): void {
    const query = this.#queue.take();
    if (query === undefined) return this.#broken(error);
    if (query.name) delete this.#connection.submittedNamedStatements[query.name];
    guarded(() => query.handleError?.(error, this.#connection));
  }

  #broken(error: Error): void {
    if (this._connecting) {
      if (this._connectionError) return;
      this._connectionError = true;
      return this.#tellConnect(error);
    }
    this._queryable = false;
    this.#queue.close(error);
    emitError(this, error);
  }

  #tellConnect(error: Error): void {
    const callback = this.#connectCallback;
    this.#connectCallback = undefined;
    if (callback === undefined) emitError(this, error);
    else guarded(() => callback(error));
  }

  #endedBy(): void {
    const error = new Error(this._ending ? "Connection terminated" : "Connection terminated unexpectedly");
    this.#queue.close(error);
    this._ended = true;
    if (this._connecting && !this._connectionError) {
      this._connectionError = true;
      this.#tellConnect(error);
    } else if (!this._ending && !this._connectionError) {
      this._queryable = false;
      emitError(this, error);
    }
    queueMicrotask(() => emit(this, "end"));
  }
}

function isSubmittable(query: string | QueryConfig | Handlers): query is Handlers {
  return typeof query === "object" && typeof (query as Partial<Handlers>).submit === "function";
}

function hide(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { configurable: true, enumerable: false, writable: true, value });
}
