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

/**
 * Calls `fire` with the signal's reason when it aborts, or with a `TimeoutError` when the time is over, until the function
 * that it returns is called.
 */
export function limit(
  { signal, timeout = Infinity }: WaitOptions,
  fire: (reason: unknown) => void,
  late: () => string,
  outcome: Outcome = "unknown",
): () => void {
  const onAbort = (): void => fire(signal?.reason);
  const onTimeout = (): void => fire(new TimeoutError(late(), { code: "TIMEOUT", outcome }));
  // A longer wait than a timer can count would ring at once; 24 days are as good as for ever.
  const timer = timeout < Infinity ? setTimeout(onTimeout, Math.min(timeout, 0x7fff_ffff)) : undefined;
  signal?.addEventListener("abort", onAbort);
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  };
}

/** Somebody who waits. */
export type Waiter<T> = PromiseWithResolvers<T>;

/** With options: `late` is what a `TimeoutError` says, and `givenUp` is called when the wait ends before its time. */
export function waiter<T>(options?: WaitOptions, late?: string, givenUp?: () => void): Waiter<T> {
  const waiting = Promise.withResolvers<T>();
  if (options === undefined) return waiting;
  const fire = (reason: unknown): void => {
    givenUp?.();
    waiting.reject(reason);
  };
  const stop = limit(options, fire, () => `${late} within ${options.timeout} ms`);
  waiting.promise.then(stop, stop);
  return waiting;
}
