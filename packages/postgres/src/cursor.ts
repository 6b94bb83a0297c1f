// Rows in batches, by a named portal in a transaction: `Execute n; Sync` for each batch, so that the server makes no more
// rows than are asked for. Ends its portal, its transaction and its loan however the loop over it ends.

import { TransactionError } from "./errors.ts";
import { command, Execution, type ExecutionInit, type Portal } from "./execution.ts";
import type { Executor } from "./query.ts";
import type { Result } from "./result.ts";
import type { Hold } from "./task.ts";

const MAX_ROWS = 0x7fff_ffff;
/** An end that takes longer has no server behind it; its connection is given up. */
const END_TIMEOUT = 5_000;

/** @throws TypeError when `rows` is not a number of rows that a server can be asked for. */
export function checkBatchSize(rows: number): void {
  if (!Number.isInteger(rows) || rows < 1 || rows > MAX_ROWS) {
    throw new TypeError(`a cursor takes a whole number of rows from 1 to ${MAX_ROWS}`);
  }
}

/** Reads `init`'s rows, `rows` at a time. Borrows a session when the first batch is asked for. */
export async function* readCursor(
  executor: Executor,
  init: ExecutionInit,
  rows: number,
): AsyncGenerator<Result, void, undefined> {
  const hold = await executor.hold(init.signal);
  const portal: Portal = { name: hold.portalName(), rows };
  let open = false;
  let failed = true;
  try {
    const first = new Execution({ ...init, portal });
    if (!hold.inTransaction) first.prelude = "begin";
    hold.run(first);
    let batch = (await first.answer) as Result;
    open = first.suspended;
    while (batch.length > 0) {
      // What the loop's body throws is not ours: the portal has not failed.
      failed = false;
      yield batch;
      if (!open) break;
      failed = true;
      const fetch = new Execution({ ...init, portal: { ...portal, opened: first } });
      hold.run(fetch);
      batch = (await fetch.answer) as Result;
      open = fetch.suspended;
    }
    failed = false;
  } finally {
    try {
      await endCursor(hold, portal, { init, open, failed });
    } finally {
      hold.end();
    }
  }
}

interface Ending {
  readonly init: ExecutionInit;
  readonly open: boolean;
  readonly failed: boolean;
}

/** Rejects only when a COMMIT did not work: what failed before that says more. */
async function endCursor(hold: Hold, portal: Portal, { init, open, failed }: Ending): Promise<void> {
  if (hold.inTransaction) {
    if (!open || failed) return;
    const closing = { ...portal, rows: 0, opened: { plan: undefined } };
    const close = new Execution({ ...init, portal: closing, signal: undefined, timeout: END_TIMEOUT });
    hold.run(close);
    await close.answer.catch(() => {});
    return;
  }
  const end = command(failed ? "rollback" : "commit", failed ? END_TIMEOUT : init.timeout);
  hold.run(end);
  if (failed) return void (await end.answer.catch(() => {}));
  if (((await end.answer) as Result).command === "COMMIT") return;
  throw new TransactionError("the transaction of a cursor was rolled back, although commit was asked for", {
    code: "TRANSACTION_ROLLED_BACK",
    outcome: "refused",
  });
}
