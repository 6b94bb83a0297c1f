// Rows in batches, by a named portal in a transaction: `Execute n; Sync` for each batch, so that the server makes no more
// rows than are asked for. Ends its portal, its transaction and its loan however the loop over it ends.

import { ProtocolError } from "@landline/core";
import type { ByteWriter } from "@landline/core/bytes";
import { TransactionError } from "./errors.ts";
import { Execution, rowReader, type ExecutionInit, type Portal, type RowReader } from "./execution.ts";
import { Flight } from "./flight.ts";
import { closePortal, executePortal, sync } from "./protocol/encoder.ts";
import type { BackendMessage } from "./protocol/messages.ts";
import type { Executor } from "./query.ts";
import { Result } from "./result.ts";
import type { Hold } from "./task.ts";
import type { RowPlan } from "./types/row.ts";

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
      const fetch = new Fetch(portal, first.plan, init);
      hold.run(fetch);
      batch = await fetch.answer;
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
    const close = new Fetch({ ...portal, rows: 0 }, undefined, { ...init, signal: undefined, timeout: END_TIMEOUT });
    hold.run(close);
    await close.answer.catch(() => {});
    return;
  }
  const end = new Execution({
    text: failed ? "rollback" : "commit",
    parameters: { values: [], types: [] },
    simple: true,
    arrays: false,
    types: init.types,
    signal: undefined,
    timeout: failed ? END_TIMEOUT : init.timeout,
  });
  hold.run(end);
  if (failed) return void (await end.answer.catch(() => {}));
  const { command } = (await end.answer) as Result;
  if (command === "COMMIT") return;
  throw new TransactionError("the transaction of a cursor was rolled back, although commit was asked for", {
    code: "TRANSACTION_ROLLED_BACK",
    outcome: "refused",
  });
}

/** The next batch of a portal; with 0 rows, its Close. */
class Fetch extends Flight<Result> {
  suspended = false;
  readonly #portal: Portal;
  readonly #plan: RowPlan | undefined;
  readonly #text: string;
  readonly #read: RowReader;
  readonly #rows = new Result();
  #done = false;

  constructor(portal: Portal, plan: RowPlan | undefined, init: ExecutionInit) {
    super(init);
    this.#portal = portal;
    this.#plan = plan;
    this.#text = init.text;
    this.#read = rowReader(init);
  }

  write(writer: ByteWriter): void {
    const { name, rows } = this.#portal;
    if (rows === 0) closePortal(writer, name);
    else executePortal(writer, name, rows);
    sync(writer);
  }

  row(bytes: Uint8Array, start: number, end: number): void {
    const read = this.#read;
    if (this.#plan === undefined) throw new ProtocolError("the server sent a row that it was not asked for");
    this.#rows.push(read(this.#plan, bytes, start, end));
  }

  message(message: BackendMessage): void {
    switch (message.type) {
      case "portalSuspended":
        this.suspended = true;
        return this.#complete("");
      case "commandComplete":
        return this.#complete(message.tag);
      case "closeComplete":
        return this.#complete("");
      case "errorResponse":
        return this.failed(message.fields, this.#text);
      case "readyForQuery":
        if (this.#done || this.error !== undefined) return;
        throw new ProtocolError("the server reported to be ready before it had answered the query");
      default:
        throw new ProtocolError(`the server sent ${message.type} in answer to a query`);
    }
  }

  protected result(): Result {
    return this.#rows;
  }

  #complete(tag: string): void {
    if (this.#done) throw new ProtocolError("the server completed a query twice");
    this.#done = true;
    this.#rows.complete(tag, this.#plan?.columns);
  }
}
