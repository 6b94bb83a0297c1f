// What the tag returns: a query that starts when it is awaited, and can be part of another query until then.

import type { Observation } from "@landline/core";
import { copyIn } from "./copy-in.ts";
import { copyOut } from "./copy-out.ts";
import { checkBatchSize, readCursor } from "./cursor.ts";
import { Execution, type Answer, type ExecutionInit } from "./execution.ts";
import { begin, follow, observeCursor, type Tell } from "./observe.ts";
import type { Column } from "./protocol/messages.ts";
import type { Result } from "./result.ts";
import { checkSchema, validateRow, validateRows, type RowSchema } from "./schema.ts";
import type { Hold } from "./task.ts";
import { encodeParameters } from "./types/parameter.ts";
import type { Registry } from "./types/registry.ts";

/** Where a query runs: on a session of the pool, or on one that a transaction or a reservation holds. */
export interface Executor {
  readonly types: Registry;
  readonly queryTimeout: number | undefined;
  /** The signal of everything that runs here. */
  readonly signal: AbortSignal | undefined;
  /** Who hears of what runs here. */
  readonly observation: Observation | undefined;
  run(execution: Execution): void;
  /** Sets the session aside for several tasks, until their end. Rejects as running would. */
  hold(signal: AbortSignal | undefined): Promise<Hold>;
}

/** What a callback of {@link Query.cursor} returns to have no more rows. */
export const CLOSE: unique symbol = Symbol("close");

/** What the server says of a statement without running it. */
export interface Description {
  /** The text that was sent. */
  readonly string: string;
  /** The OIDs of the parameters' types. */
  readonly types: readonly number[];
  /** None when it returns no rows. */
  readonly columns: readonly Column[];
}

/** Text with `$1`, `$2`, …, and the values. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** A piece of SQL: what a tag was called with. */
export interface Template {
  readonly strings: readonly string[];
  readonly values: readonly unknown[];
}

/**
 * A query that has not run yet. Awaiting it, or {@link execute}, runs it once. `T` is what it resolves to.
 *
 * @example
 * const rows = await sql<{ id: number }>`select id from users where name = ${name}`;
 * const pairs = await sql`select id, name from users`.values();
 */
export class Query<T = Result> implements Promise<T> {
  readonly [Symbol.toStringTag] = "Query";
  /** @internal The pieces, for a query that is put into another. */
  readonly template: Template | undefined;
  readonly #executor: Executor;
  readonly #statement: () => Statement;
  #simple: boolean;
  /** That it goes by the simple protocol was said, and is not only how text without values goes. */
  #asked = false;
  #arrays = false;
  #raw = false;
  #schema: RowSchema | undefined;
  #signal: AbortSignal | undefined;
  #timeout: number | undefined;
  #execution: Execution | undefined;
  #promise: Promise<T> | undefined;
  /** Somebody else reads what it answers. */
  #used = false;

  constructor(
    executor: Executor,
    statement: () => Statement,
    init: { readonly template?: Template; readonly simple?: boolean } = {},
  ) {
    this.#executor = executor;
    this.#statement = statement;
    this.template = init.template;
    this.#simple = init.simple ?? false;
  }

  /** Whether it has been run, so that it can be no part of another any more. */
  get started(): boolean {
    return this.#promise !== undefined || this.#used;
  }

  /** Rows as arrays of their values. */
  values(): Query<Result<unknown[]>> {
    this.#assertNew();
    this.#arrays = true;
    return this as unknown as Query<Result<unknown[]>>;
  }

  /** Rows as arrays of the bytes of each value's text form, `null` for NULL. */
  raw(): Query<Result<(Uint8Array | null)[]>> {
    this.#assertNew();
    this.#raw = true;
    return this as unknown as Query<Result<(Uint8Array | null)[]>>;
  }

  /**
   * Each row through a schema of zod, valibot, arktype or any other that speaks Standard Schema: what it makes of the row is
   * the row. Rejects with a {@link RowError} for one that it refuses.
   *
   * @example
   * const users = await sql`select id, name from users`.as(UserSchema);
   */
  as<Output>(schema: RowSchema<Output>): Query<Result<Output>> {
    this.#assertNew();
    this.#schema = checkSchema(schema);
    return this as unknown as Query<Result<Output>>;
  }

  /** By the simple protocol: several statements, separated by semicolons, no parameters. Several resolve to a list of results. */
  simple(): Query<T | T[]> {
    this.#assertNew();
    this.#simple = true;
    this.#asked = true;
    return this as unknown as Query<T | T[]>;
  }

  /** Rejects with the signal's own reason when it aborts, and asks the server to cancel the query. */
  signal(signal: AbortSignal): this {
    this.#assertNew();
    this.#signal = signal;
    return this;
  }

  /** Rejects with a TimeoutError after so many milliseconds from when it is sent, and asks the server to cancel it. */
  timeout(milliseconds: number): this {
    this.#assertNew();
    if (!(milliseconds > 0)) throw new TypeError("timeout() takes a positive number of milliseconds");
    this.#timeout = milliseconds;
    return this;
  }

  /**
   * Runs it, and calls `each` with every row as it arrives; none is kept. What `each` throws cancels the query, and is what
   * this rejects with. Resolves to a result without rows, but with `count`, `command` and `columns`.
   */
  forEach(each: (row: RowOf<T>) => void): Promise<Result<never>> {
    if (typeof each !== "function") throw new TypeError("forEach() takes a function");
    this.#assertNew();
    const schema = this.#schema;
    let index = 0;
    const checked = (row: unknown): void => each((schema ? validateRow(schema, row, index++) : row) as RowOf<T>);
    return (this.#promise = this.#run({ each: checked }) as Promise<T>) as Promise<Result<never>>;
  }

  /** Asks the server which parameters the statement takes and which columns it returns, without running it. */
  async describe(): Promise<Description> {
    this.#assertNew();
    this.#refuseSimple("described");
    const answer = this.#run({ describe: true });
    this.#promise = answer as Promise<T>;
    const { columns } = (await answer) as Result;
    const { text, parameterTypes } = this.#execution as Execution;
    return { string: text, types: parameterTypes, columns };
  }

  /**
   * Reads the rows in batches of `rows` (default 1): as an async iterable, or with a callback, which is awaited before the
   * next batch is asked for, and ends the reading when it returns `sql.CLOSE`. The server makes no more rows than are asked
   * for. Outside of a transaction this begins one, and commits it when the reading ends, early or not; what goes wrong in
   * the query rolls it back. A timeout counts for each batch.
   *
   * @example
   * for await (const rows of sql`select * from big`.cursor(500)) send(rows);
   */
  cursor(rows?: number): AsyncGenerator<T, void, undefined>;
  cursor(each: (rows: T) => unknown): Promise<void>;
  cursor(rows: number, each: (rows: T) => unknown): Promise<void>;
  cursor(
    first: number | ((rows: T) => unknown) = 1,
    second?: (rows: T) => unknown,
  ): AsyncGenerator<T, void, undefined> | Promise<void> {
    this.#assertNew();
    const each = typeof first === "function" ? first : second;
    const rows = typeof first === "function" ? 1 : first;
    checkBatchSize(rows);
    if (each !== undefined && typeof each !== "function") throw new TypeError("the callback of cursor() is a function");
    this.#refuseSimple("read by a cursor");
    const init = this.#init();
    const start = this.#observed(init);
    const cursor = readCursor(this.#executor, init, rows);
    const read = start === undefined ? cursor : observeCursor(start, cursor);
    const batches = (this.#schema === undefined ? read : checkedBatches(this.#schema, read)) as AsyncGenerator<T, void>;
    this.#used = true;
    return each === undefined ? batches : eachBatch(batches, each);
  }

  /**
   * Runs a `copy … to stdout`. A slow reader slows the server down; cancelling the stream cancels the query. A timeout counts
   * for the whole of it. Inside a transaction the stream ends with that.
   *
   * @example
   * return new Response(await sql`copy events to stdout (format csv)`.readable());
   */
  async readable(): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const init = this.#copy();
    return copyOut(this.#executor, init, this.#observed(init)?.());
  }

  /**
   * Runs a `copy … from stdin`. Closing the stream waits for the server to have taken all of it; aborting it makes the server
   * forget what it has. What the server says against the data is what writing and closing reject with. A timeout counts for
   * the whole of it. Inside a transaction, other queries wait until the stream has ended.
   *
   * @example
   * await file.stream().pipeTo(await sql`copy events from stdin (format csv)`.writable());
   */
  async writable(): Promise<WritableStream<Uint8Array | string>> {
    const init = this.#copy();
    return copyIn(this.#executor, init, this.#observed(init)?.());
  }

  /** @internal For a batch, which runs it and reads what it answers. @throws TypeError when it cannot be sent in one. */
  take(executor: Executor): ExecutionInit {
    this.#assertNew();
    if (executor !== this.#executor)
      throw new TypeError("batch() takes queries of the client itself, not of a transaction or a reservation");
    const init = this.#init();
    if (this.#schema !== undefined) throw new TypeError("a query of a batch has no schema");
    if (init.signal !== undefined || this.#timeout !== undefined)
      throw new TypeError("a query of a batch has no signal and no timeout of its own; the batch has");
    this.#used = true;
    return init;
  }

  /** Runs it now, without waiting for an `await`. A failure is reported only to those who await it. */
  execute(): this {
    this.#start().catch(() => {});
    return this;
  }

  /** Rejects with an AbortError, and asks the server to cancel the query if it is running. */
  cancel(): void {
    this.execute();
    this.#execution?.cancel(new DOMException("the query was cancelled", "AbortError"));
  }

  // oxlint-disable-next-line unicorn/no-thenable
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#start().then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#start().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#start().finally(onFinally);
  }

  #start(): Promise<T> {
    if (this.#used)
      return Promise.reject(new TypeError("the rows of this query are read by a cursor, a stream or a batch"));
    return (this.#promise ??= (this.#schema === undefined ? this.#run() : this.#checked(this.#schema)) as Promise<T>);
  }

  async #checked(schema: RowSchema): Promise<Answer> {
    const answer = await this.#run();
    const results = this.#simple && Array.isArray(answer[0]) ? (answer as Result[]) : [answer as Result];
    for (const rows of results) await validateRows(schema, rows);
    return answer;
  }

  #run(more?: Pick<ExecutionInit, "each" | "describe">): Promise<Answer> {
    let init: ExecutionInit;
    let execution: Execution;
    try {
      init = this.#init();
      execution = new Execution(more === undefined ? init : { ...init, ...more });
    } catch (error) {
      return Promise.reject(error as Error);
    }
    this.#execution = execution;
    const tell = this.#observed(init)?.();
    if (tell !== undefined) follow(execution.answer, tell);
    this.#executor.run(execution);
    return execution.answer;
  }

  /** Tells that it begins, if anybody listens. */
  #observed(init: ExecutionInit): (() => Tell) | undefined {
    const { observation } = this.#executor;
    if (observation?.on !== true) return undefined;
    return () => begin(observation, [{ ...init, written: this.template !== undefined }]);
  }

  /** By the simple protocol, in which a COPY that fails ends without our say. */
  #copy(): ExecutionInit {
    this.#assertNew();
    const init = this.#init();
    if (init.parameters.values.length > 0) throw new TypeError("COPY takes no parameters");
    this.#used = true;
    return { ...init, simple: true, timeout: this.#timeout, silence: this.#executor.queryTimeout };
  }

  /** @throws TypeError when the statement or a parameter cannot be sent. */
  #init(): ExecutionInit {
    const { types, signal, queryTimeout } = this.#executor;
    const { text, values } = this.#statement();
    if (text.includes("\0")) throw new TypeError("the text of a query must not contain a NUL character");
    if (this.#simple && values.length > 0) throw new TypeError("a query by the simple protocol takes no parameters");
    return {
      text,
      parameters: encodeParameters(values),
      simple: this.#simple,
      arrays: this.#arrays,
      raw: this.#raw,
      types,
      signal: this.#signal ?? signal,
      timeout: this.#timeout ?? queryTimeout,
      hasty: this.#signal !== undefined || this.#timeout !== undefined,
    };
  }

  #refuseSimple(what: string): void {
    if (this.#asked) throw new TypeError(`a query by the simple protocol cannot be ${what}`);
    this.#simple = false;
  }

  #assertNew(): void {
    if (this.started) throw new TypeError("this query has already been run");
  }
}

/** The row of a result; of several, any of theirs. */
type RowOf<T> = T extends readonly (infer Row)[] ? (Row extends Result<infer Inner> ? Inner : Row) : unknown;

async function* checkedBatches(schema: RowSchema, batches: AsyncGenerator<Result, void>): AsyncGenerator<Result, void> {
  for await (const rows of batches) {
    await validateRows(schema, rows);
    yield rows;
  }
}

async function eachBatch<T>(batches: AsyncGenerator<T>, each: (rows: T) => unknown): Promise<void> {
  for await (const rows of batches) if ((await each(rows)) === CLOSE) return;
}
