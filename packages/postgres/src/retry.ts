// Transactions that got in each other's way: the server has undone all of this one and says that it may be run again. Nothing
// else is ever run twice.

import { isDeadlock, isSerializationFailure } from "./conditions.ts";

/** How often, and until when. */
export interface RetryOptions {
  readonly retries?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const WAIT_BASE = 10;
const WAIT_MAX = 1_000;

/** Runs `work` again while it fails for such a reason. @throws TypeError when `retries` is not a count. */
export async function retried<R>({ retries = 0, signal }: RetryOptions, work: () => Promise<R>): Promise<R> {
  if (!Number.isInteger(retries) || retries < 0) throw new TypeError("retries must be a whole number of at least 0");
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= retries || !(isSerializationFailure(error) || isDeadlock(error))) throw error;
    }
    // Those who met once would meet again if they all waited for as long.
    await pause(Math.min(WAIT_MAX, WAIT_BASE * 2 ** attempt) * Math.random(), signal);
  }
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason as Error);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
