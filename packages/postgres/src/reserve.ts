// sql.reserve(): one connection set aside, on which queries are pipelined.

import { TransactionError } from "./errors.ts";
import { command } from "./execution.ts";
import type { Loan } from "./loan.ts";
import type { Executor } from "./query.ts";
import { makeTag, type Tag } from "./tag.ts";

/** The tag on one connection that is set aside. Queries on it are pipelined. */
export interface ReservedSql extends Tag, AsyncDisposable {
  /** Gives the connection back, once what runs on it has ended. */
  release(): void;
}

/** The tag of a reservation, which gives the loan back when it is released. */
export function reservedTag(loan: Loan, { types, queryTimeout, observation }: Executor): ReservedSql {
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
      return loan.hold(loan.session.facts.transaction !== "I", (task) =>
        released ? task.fail(over()) : loan.run(task),
      );
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
