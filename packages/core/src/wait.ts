// One wait of one caller, which a signal or a timeout may end before its time. `Deadlines` is for many of them at once.

import { TimeoutError } from "./errors.ts";
import type { Outcome } from "./errors.ts";

/** Bounds of one wait. */
export interface WaitOptions {
  /** Gives the wait up. It rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the wait is given up with a `TimeoutError`. Default: none. */
  readonly timeout?: number | undefined;
}

/** Somebody who waits. */
export type Waiter<T> = PromiseWithResolvers<T>;

/**
 * A wait that rejects with the signal's reason when it aborts, or with a `TimeoutError` when the time is over, unless it
 * ends before. `late` is what that error says, and `givenUp` is told of either.
 */
export function waiter<T>(
  { signal, timeout = Infinity }: WaitOptions = {},
  late: () => string = String,
  givenUp?: (reason: unknown) => void,
  outcome: Outcome = "unknown",
): Waiter<T> {
  const waiting = Promise.withResolvers<T>();
  const giveUp = (reason: unknown): void => {
    givenUp?.(reason);
    waiting.reject(reason);
  };
  const onAbort = (): void => giveUp(signal?.reason);
  const onTimeout = (): void => giveUp(new TimeoutError(`${late()} after ${timeout} ms`, { code: "TIMEOUT", outcome }));
  // A longer wait than a timer can count would ring at once; 24 days are as good as for ever.
  const timer = timeout < 2 ** 31 ? setTimeout(onTimeout, timeout) : undefined;
  signal?.addEventListener("abort", onAbort);
  const stop = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  };
  waiting.promise.then(stop, stop);
  return waiting;
}
