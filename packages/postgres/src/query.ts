// What the tag returns: a query that starts when it is awaited, and can be part of another query until then.

import { Execution, type Answer } from "./execution.ts";
import type { Result } from "./result.ts";
import { encodeParameters } from "./types/parameter.ts";
import type { Registry } from "./types/registry.ts";

/** Where a query runs: on a session of the pool, or on one that a transaction or a reservation holds. */
export interface Executor {
  readonly types: Registry;
  readonly queryTimeout: number | undefined;
  /** The signal of everything that runs here. */
  readonly signal: AbortSignal | undefined;
  run(execution: Execution): void;
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
  #arrays = false;
  #signal: AbortSignal | undefined;
  #timeout: number | undefined;
  #execution: Execution | undefined;
  #promise: Promise<T> | undefined;

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
    return this.#promise !== undefined;
  }

  /** Rows as arrays of their values. */
  values(): Query<Result<unknown[]>> {
    this.#assertNew();
    this.#arrays = true;
    return this as unknown as Query<Result<unknown[]>>;
  }

  /** By the simple protocol: several statements, separated by semicolons, no parameters. Several resolve to a list of results. */
  simple(): Query<T | T[]> {
    this.#assertNew();
    this.#simple = true;
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
    return (this.#promise ??= this.#run() as Promise<T>);
  }

  #run(): Promise<Answer> {
    const executor = this.#executor;
    let execution: Execution;
    try {
      const { text, values } = this.#statement();
      if (text.includes("\0")) throw new TypeError("the text of a query must not contain a NUL character");
      if (this.#simple && values.length > 0) throw new TypeError("a query by the simple protocol takes no parameters");
      execution = new Execution({
        text,
        parameters: encodeParameters(values),
        simple: this.#simple,
        arrays: this.#arrays,
        types: executor.types,
        signal: this.#signal ?? executor.signal,
        timeout: this.#timeout ?? executor.queryTimeout,
      });
    } catch (error) {
      return Promise.reject(error as Error);
    }
    this.#execution = execution;
    executor.run(execution);
    return execution.answer;
  }

  #assertNew(): void {
    if (this.started) throw new TypeError("this query has already been run");
  }
}
