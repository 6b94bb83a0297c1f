// The client: the `sql` tag and everything that hangs on it, over any source of sessions. No I/O, no timer and no
// randomness until something is run.

import { batchOf, type BatchOptions } from "./batch.ts";
import { Observation } from "@landline/core";
import { command, type Answer, type Execution } from "./execution.ts";
import { ContextLocal } from "@landline/core/pool";
import { retried } from "./retry.ts";
import { Connections } from "./connections.ts";
import { Channels, checkChannel } from "./listen.ts";
import { Listener, subscribe, type ListenOptions, type Subscription } from "./listener.ts";
import { Loan } from "./loan.ts";
import { clientAttributes } from "./observe.ts";
import { parseOptions, type HyperdriveBinding, type PostgresOptions } from "./options.ts";
import { CLOSE, Query, type Executor } from "./query.ts";
import type { Result } from "./result.ts";
import type { Session, Sessions } from "./session.ts";
import { buildStatement, Helper } from "./sql.ts";
import { Sharing } from "./sharing.ts";
import type { Hold } from "./task.ts";
import { TransactionError } from "./errors.ts";
import { beginText, Transaction } from "./transaction.ts";
import { Typed } from "./types/parameter.ts";
import { registry, type TypeOptions } from "./types/registry.ts";

/** The tag, and what the client, a transaction and a reservation have in common. */
export interface Tag {
  /** A query. Values become parameters; queries and helpers become part of the text. */
  <T = Record<string, unknown>>(strings: TemplateStringsArray, ...values: readonly unknown[]): Query<Result<T>>;
  /** An identifier, or columns and values, for a place in a template; see {@link Helper}. */
  (first: string | readonly unknown[] | object, ...columns: readonly (string | readonly string[])[]): Helper;
  /** A query from text. Without values it goes by the simple protocol, which allows several statements. */
  unsafe<T = Record<string, unknown>>(text: string, values?: readonly unknown[]): Query<Result<T>>;
  /**
   * A query from a text file, read when it runs. Without values it goes by the simple protocol, which allows several statements.
   * It rejects with a TypeError where there is no file system.
   */
  file<T = Record<string, unknown>>(path: string, values?: readonly unknown[]): Query<Result<T>>;
  /** A parameter that is sent as JSON, whatever it is. */
  json(value: unknown): Typed;
  /** A parameter that is sent as an array; `type` is the OID of the array type, where the server cannot infer it. */
  array(value: readonly unknown[], type?: number): Typed;
  /** A parameter of the type with that OID. */
  typed(value: unknown, type: number): Typed;
  /** What a callback of `cursor()` returns to have no more rows. */
  readonly CLOSE: typeof CLOSE;
  /**
   * Sends a notification to those who listen to `channel`; in a transaction, when that commits.
   * @throws TypeError when the channel cannot be one.
   */
  notify(channel: string, payload?: string): Query;
}

/** How a transaction begins. */
export interface BeginOptions {
  /** Words after BEGIN: `"isolation level serializable read only"`. */
  readonly modes?: string | undefined;
  /**
   * How often the work is done again, from the start and in a new transaction, when the server gives it up for a
   * serialization failure or a deadlock. What the work does outside of the database is done again as well. Default 0.
   */
  readonly retries?: number | undefined;
  /** Cancels what is running, rolls back, and rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What a transaction resolves to: what its work returned, and of a list of queries, all of which are run together, their results. */
export type Answers<R> = R extends readonly Query<infer T>[] ? T[] : R;

/** The tag inside a transaction. */
export interface TransactionSql extends Tag {
  /** Runs `work` inside a savepoint; a throw rolls back to it and is thrown on. */
  savepoint<R>(work: (sql: TransactionSql) => R | PromiseLike<R>): Promise<Answers<R>>;
  savepoint<R>(name: string, work: (sql: TransactionSql) => R | PromiseLike<R>): Promise<Answers<R>>;
}

/** The tag on one connection that is set aside. Queries on it are pipelined. */
export interface ReservedSql extends Tag, AsyncDisposable {
  /** Gives the connection back, once what runs on it has ended. */
  release(): void;
}

/** The client. */
export interface Sql extends Tag, AsyncDisposable {
  /**
   * Runs `work` in a transaction: commits when it resolves, rolls back when it throws.
   * @throws TransactionError `TRANSACTION_ROLLED_BACK` when the server answers COMMIT with ROLLBACK.
   */
  begin<R>(work: (sql: TransactionSql) => R | PromiseLike<R>): Promise<Answers<R>>;
  begin<R>(options: string | BeginOptions, work: (sql: TransactionSql) => R | PromiseLike<R>): Promise<Answers<R>>;
  /**
   * Runs several queries as one transaction, in one round trip: all of them are carried out, or none. They do not see each
   * other's results; for that, use {@link begin}. Resolves to their results, in order.
   * @throws TypeError, before anything is sent, for what is no query, or one that has been run.
   *
   * @example
   * const [[account]] = await sql.batch([
   *   sql`update accounts set balance = balance - ${10} where id = ${1} returning balance`,
   *   sql`update accounts set balance = balance + ${10} where id = ${2}`,
   * ]);
   */
  batch<const Q extends readonly Query<unknown>[]>(
    queries: Q,
    options?: BatchOptions,
  ): Promise<{ -readonly [I in keyof Q]: Awaited<Q[I]> }>;
  /**
   * Listens to a channel, as an async iterable of notifications, and of gaps: when the connection was lost and made again, or
   * the loop was too slow, notifications may be missing. All channels of a client share one connection outside of the pool.
   * @throws TypeError when the channel cannot be one.
   *
   * @example
   * for await (const event of sql.listen("jobs")) if (event.gap) await catchUp(); else await work(event.payload);
   */
  listen(channel: string, options?: ListenOptions): Listener;
  /** Listens with a callback. `onListen` is called when it has begun, and again after each gap. Rejects when it cannot begin. */
  listen(channel: string, notify: (payload: string) => void, onListen?: () => void): Promise<Subscription>;
  /** Sets one connection aside. */
  reserve(options?: { readonly signal?: AbortSignal | undefined }): Promise<ReservedSql>;
  /** Takes no more work, waits up to `timeout` ms (default 5,000) for what is running, and closes every connection. */
  end(options?: { readonly timeout?: number | undefined }): Promise<void>;
}

/** What a client needs besides sessions. */
export interface ClientOptions {
  readonly types?: TypeOptions | undefined;
  /** Milliseconds for each query. Default 60,000; `Infinity` for none. */
  readonly queryTimeout?: number | undefined;
  /** Who hears of queries. */
  readonly observation?: Observation | undefined;
}

const DEFAULT_END_TIMEOUT = 5_000;
const DEFAULT_QUERY_TIMEOUT = 60_000;

/**
 * A Postgres client. Does nothing until the first query, so that it may be made at module scope.
 *
 * @throws TypeError when the URL or an option is not valid.
 *
 * @example
 * const sql = postgres("postgres://app:secret@db.example/app");
 * const [user] = await sql<{ name: string }>`select name from users where id = ${7}`;
 */
export function postgres(input: string | PostgresOptions | HyperdriveBinding): Sql {
  const settings = parseOptions(input);
  const observation = new Observation("query", settings.observe, clientAttributes(settings));
  return createClient(new Connections(settings), { ...settings, observation });
}

/** The client over any source of sessions. */
export function createClient(source: Sessions, options: ClientOptions = {}): Sql {
  const types = registry(options.types);
  const sessions = types.sessions?.(source) ?? source;
  const { queryTimeout = DEFAULT_QUERY_TIMEOUT, observation } = options;
  let ended = false;
  const sharing = new ContextLocal(() => new Sharing(sessions, refuseOpenTransaction));
  const pooled: Executor = {
    types,
    queryTimeout,
    signal: undefined,
    observation,
    run: (execution) => {
      if (!ended && execution.sociable) sharing.get().run(execution);
      else void runAlone(sessions, execution);
    },
    hold: async (signal) => {
      const loan = new Loan(await sessions.acquire({ signal, hold: true }));
      return holdOf(loan, {
        inTransaction: false,
        run: (task) => loan.run(task),
        end: () => void loan.finish(),
      });
    },
  };
  const channels = new ContextLocal(() => new Channels(sessions, observation));
  const listen = (
    channel: string,
    second?: ListenOptions | ((payload: string) => void),
    onListen?: () => void,
  ): Listener | Promise<Subscription> => {
    if (typeof second === "function") return subscribe(channels.get(), channel, second, onListen);
    return new Listener(() => channels.get(), channel, second);
  };
  const sql: Sql = Object.assign(makeTag(pooled), {
    listen: listen as Sql["listen"],
    begin: async <R>(first: string | BeginOptions | Work<R>, second?: Work<R>): Promise<Answers<R>> => {
      const work = typeof first === "function" ? first : second;
      if (typeof work !== "function") throw new TypeError("begin() takes a function");
      const given = beginOptions(first);
      const begin = beginText(given.modes);
      return retried(given, async () => {
        const loan = new Loan(await sessions.acquire({ signal: given.signal, hold: true }));
        const transaction = new Transaction({ loan, types, queryTimeout, signal: given.signal, observation, begin });
        try {
          return await runTransaction(transaction, work, given.signal);
        } finally {
          void loan.finish();
        }
      });
    },
    batch: async <const Q extends readonly Query<unknown>[]>(queries: Q, options?: BatchOptions) => {
      const batch = batchOf(pooled, queries, options);
      void runAlone(sessions, batch);
      return (await batch.answer) as Answer & { -readonly [I in keyof Q]: Awaited<Q[I]> };
    },
    reserve: async (given: { readonly signal?: AbortSignal | undefined } = {}): Promise<ReservedSql> => {
      return reservedTag(new Loan(await sessions.acquire({ signal: given.signal, hold: true })), pooled);
    },
    end: ({ timeout = DEFAULT_END_TIMEOUT }: { readonly timeout?: number | undefined } = {}) => {
      ended = true;
      channels.peek()?.close();
      return sessions.close({ timeout });
    },
    [Symbol.asyncDispose]: () => {
      ended = true;
      channels.peek()?.close();
      return sessions.close({ timeout: 0 });
    },
  });
  return sql;
}

type Work<R> = (sql: TransactionSql) => R | PromiseLike<R>;

function beginOptions(first: string | BeginOptions | ((sql: TransactionSql) => unknown)): BeginOptions {
  if (typeof first === "function") return {};
  return typeof first === "string" ? { modes: first } : first;
}

/** On a connection of its own. */
async function runAlone(sessions: Sessions, execution: Execution): Promise<void> {
  try {
    const loan = new Loan(await sessions.acquire({ signal: execution.signal }));
    // Cancelled while it waited: the connection goes straight back.
    if (!execution.settled) loan.run(execution, (session) => refuseOpenTransaction(execution, session));
    void loan.finish();
  } catch (error) {
    execution.fail(error);
  }
}

/** A transaction that was begun on the pool would end with the loan, or worse, be the next caller's. */
function refuseOpenTransaction(execution: Execution, session: Session | undefined): void {
  if (session?.alive !== true || session.facts.transaction === "I") return;
  execution.refuse(
    new TransactionError(
      "this left a transaction open on a connection of the pool, and was rolled back; use begin() or reserve()",
      {
        code: "TRANSACTION_UNSAFE",
        outcome: "refused",
      },
    ),
  );
}

async function runTransaction<R>(
  transaction: Transaction,
  work: Work<R>,
  signal: AbortSignal | undefined,
): Promise<Answers<R>> {
  let result: Answers<R>;
  try {
    result = await orAborted(async () => answersOf(await work(transactionTag(transaction))), signal);
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
  await transaction.commit();
  return result;
}

/** A query that is returned in a list has not been run by anybody yet. */
async function answersOf<R>(result: R): Promise<Answers<R>> {
  const listed = Array.isArray(result) && result.some((each) => each instanceof Query);
  return (listed ? await Promise.all(result) : result) as Answers<R>;
}

/** `work`, unless the signal is faster; what comes of `work` then is nobody's concern. */
function orAborted<R>(work: () => Promise<R>, signal: AbortSignal | undefined): Promise<R> {
  if (signal === undefined) return work();
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", onAbort));
  });
}

function transactionTag(transaction: Transaction): TransactionSql {
  return Object.assign(makeTag(transaction), {
    savepoint: async <R>(first: string | Work<R>, second?: Work<R>): Promise<Answers<R>> => {
      const work = typeof first === "function" ? first : second;
      if (typeof work !== "function") throw new TypeError("savepoint() takes a function");
      const name = transaction.savepointName(typeof first === "string" ? first : undefined);
      // Not awaited: where a savepoint fails, the transaction has failed, and what follows fails with it.
      const saved = transaction.command(`savepoint ${name}`, { simple: false });
      saved.catch(() => {});
      let result: Answers<R>;
      try {
        result = await answersOf(await work(transactionTag(transaction)));
      } catch (error) {
        await transaction
          .command(`rollback to savepoint ${name}; release savepoint ${name}`, { simple: true })
          .catch(() => {});
        throw error;
      }
      await saved;
      await transaction.command(`release savepoint ${name}`, { simple: true });
      return result;
    },
  });
}

function reservedTag(loan: Loan, { types, queryTimeout, observation }: Executor): ReservedSql {
  let released = false;
  const over = (): TransactionError =>
    new TransactionError("this connection has been released", { code: "TRANSACTION_OVER", outcome: "unsent" });
  const executor: Executor = {
    types,
    queryTimeout,
    signal: undefined,
    observation,
    run: (execution) => {
      if (execution.settled) return;
      if (!released) return loan.run(execution);
      execution.fail(over());
    },
    hold: async () => {
      // What is in flight may begin or end a transaction, and whether there is one has to be known.
      while (!released && loan.session.alive && !loan.session.idle) {
        const fence = command("", queryTimeout);
        loan.run(fence);
        await fence.answer.catch(() => {});
      }
      if (released) throw over();
      return holdOf(loan, {
        inTransaction: loan.session.facts.transaction !== "I",
        run: (task) => (released ? task.fail(over()) : loan.run(task)),
        end: () => {},
      });
    },
  };
  const release = (): void => {
    if (released) return;
    released = true;
    void loan.finish();
  };
  return Object.assign(makeTag(executor), {
    release,
    [Symbol.asyncDispose]: () => {
      release();
      return Promise.resolve();
    },
  });
}

function holdOf(loan: Loan, { inTransaction, run, end }: Pick<Hold, "inTransaction" | "run" | "end">): Hold {
  return {
    inTransaction,
    portalName: () => loan.portalName(),
    run,
    onRevoke: undefined,
    end,
  };
}

function makeTag(executor: Executor): Tag {
  const tag = (first: unknown, ...rest: unknown[]): unknown => {
    if (!isTemplate(first)) return new Helper(first, rest.flat() as string[]);
    const template = { strings: first, values: rest };
    return new Query(executor, () => buildStatement(template), { template });
  };
  return Object.assign(tag as Pick<Tag, never> as Tag, {
    unsafe: (text: string, values: readonly unknown[] = []) => {
      if (typeof text !== "string") throw new TypeError("unsafe() takes the text of a query");
      return new Query(executor, () => ({ text, values }), { simple: values.length === 0 });
    },
    file: (path: string, values: readonly unknown[] = []) =>
      new Query(executor, () => ({ text: textOf(path), values }), { simple: values.length === 0 }),
    json: (value: unknown) => new Typed(value, 0, "json"),
    array: (value: readonly unknown[], type = 0) => new Typed(value, type, "array"),
    typed: (value: unknown, type: number) => new Typed(value, type, "value"),
    CLOSE,
    notify: (channel: string, payload = "") => {
      checkChannel(channel);
      return new Query(executor, () => ({ text: "select pg_notify($1, $2)", values: [channel, payload] }));
    },
  }) as Tag;
}

function isTemplate(first: unknown): first is TemplateStringsArray {
  return Array.isArray(first) && Array.isArray((first as unknown as TemplateStringsArray).raw);
}

/** Reached without an import, which a runtime that has no files could not resolve. */
function textOf(path: string): string {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  const files = process?.getBuiltinModule?.("node:fs") as
    | { readFileSync?(path: string, encoding: "utf8"): string }
    | undefined;
  if (files?.readFileSync === undefined)
    throw new TypeError("sql.file() needs a file system, which this runtime does not have");
  return files.readFileSync(path, "utf8");
}
