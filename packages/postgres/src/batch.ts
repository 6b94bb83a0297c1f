// sql.batch(): several statements in one flight under one Sync. The server takes them for one transaction (PostgreSQL
// documentation, "Pipelining"): all of them are carried out, or none. Costs one round trip, and one call to a pool elsewhere.

import { Execution, type ExecutionInit } from "./execution.ts";
import { begin, follow } from "./observe.ts";
import { Query, type Executor } from "./query.ts";

/** What of a batch is the caller's to say. */
export interface BatchOptions {
  /** Rejects with the signal's own reason, and asks the server to cancel. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for all of it. Default: the client's `queryTimeout`. */
  readonly timeout?: number | undefined;
}

/** @throws TypeError for what is no query, or one that has been run. */
export function batchOf(executor: Executor, queries: readonly unknown[], options: BatchOptions = {}): Execution {
  if (!Array.isArray(queries) || queries.length === 0 || !queries.every((query) => query instanceof Query))
    throw new TypeError("batch() takes an array of queries");
  const batch = (queries as readonly Query[]).map((query) => query.take(executor));
  const { signal, timeout = executor.queryTimeout } = options;
  const [{ text, parameters, types }] = batch as [ExecutionInit];
  const execution = new Execution({ text, parameters, types, simple: false, signal, timeout }, batch);
  const { observation } = executor;
  if (observation?.on === true) {
    const told = batch.map((init, index) => ({
      ...init,
      written: (queries as Query[])[index]?.template !== undefined,
    }));
    follow(execution.answer, begin(observation, told));
  }
  return execution;
}
