// sql.begin() and savepoints: work in a transaction, which ends as the work does.

import { Loan } from "./loan.ts";
import { type Executor, Query } from "./query.ts";
import { retried } from "./retry.ts";
import type { Sessions } from "./session.ts";
import { makeTag, type Tag } from "./tag.ts";
import { beginText, Transaction } from "./transaction.ts";

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

/** What a transaction resolves to: what its work returned; of a list of queries, which are run together, their results. */
export type Answers<R> = R extends readonly Query<infer T>[] ? T[] : R;

/** The tag inside a transaction. */
export interface TransactionSql extends Tag {
  /** Runs `work` inside a savepoint; a throw rolls back to it and is thrown on. */
  savepoint<R>(work: (sql: TransactionSql) => R | PromiseLike<R>): Promise<Answers<R>>;
  savepoint<R>(name: string, work: (sql: TransactionSql) => R | PromiseLike<R>): Promise<Answers<R>>;
}

/** What is done in a transaction. */
export type Work<R> = (sql: TransactionSql) => R | PromiseLike<R>;

/** Runs `second`, or `first` where there is no second, in a transaction of its own. */
export async function begin<R>(
  sessions: Sessions,
  executor: Executor,
  first: string | BeginOptions | Work<R>,
  second?: Work<R>,
): Promise<Answers<R>> {
  const work = workOf("begin", first, second);
  const given = typeof first === "object" ? first : { modes: typeof first === "string" ? first : undefined };
  const { signal, modes } = given;
  const text = beginText(modes);
  return retried(given, async () => {
    const loan = new Loan(await sessions.acquire({ signal, hold: true }));
    try {
      return await runTransaction(new Transaction(loan, { ...executor, signal }, text), work, signal);
    } finally {
      void loan.finish();
    }
  });
}

function workOf<R>(what: string, first: unknown, second: Work<R> | undefined): Work<R> {
  const work = typeof first === "function" ? (first as Work<R>) : second;
  if (typeof work !== "function") throw new TypeError(`${what}() takes a function`);
  return work;
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
      const work = workOf("savepoint", first, second);
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
