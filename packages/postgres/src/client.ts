// The client: the `sql` tag and everything that hangs on it, over any source of sessions. No I/O, no timer and no
// randomness until something is run.

import { Observation } from "@landline/core";
import { ContextLocal } from "@landline/core/pool";
import { batchOf, type BatchOptions } from "./batch.ts";
import { type Answers, begin, type BeginOptions, type TransactionSql, type Work } from "./begin.ts";
import { Connections } from "./connections.ts";
import { TransactionError } from "./errors.ts";
import type { Answer, Execution } from "./execution.ts";
import { Channels } from "./listen.ts";
import { Listener, subscribe, type ListenOptions, type Subscription } from "./listener.ts";
import { Loan } from "./loan.ts";
import { clientAttributes } from "./observe.ts";
import { parseOptions, type HyperdriveBinding, type PostgresOptions } from "./options.ts";
import type { Executor, Query } from "./query.ts";
import { reservedTag, type ReservedSql } from "./reserve.ts";
import type { Session, Sessions } from "./session.ts";
import { Sharing } from "./sharing.ts";
import { makeTag, type Tag } from "./tag.ts";
import { registry, type TypeOptions } from "./types/registry.ts";

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
      return loan.hold(
        false,
        (task) => loan.run(task),
        () => void loan.finish(),
      );
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
    begin: <R>(first: string | BeginOptions | Work<R>, second?: Work<R>) => begin(sessions, pooled, first, second),
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
