// What sql.listen() returns: an async iterable over a bounded queue, or with a callback a subscription.

import { ClosedError } from "@landline/core";
import { checkChannel, type Channels, type Gap, type Notification, type Subscriber } from "./listen.ts";

/** How to listen. */
export interface ListenOptions {
  /** Ends the loop: it rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
  /** How many may wait for the loop; beyond that they are dropped, and a gap says so. Default 1,000. */
  readonly maxQueue?: number | undefined;
}

/** A channel with a callback. */
export interface Subscription extends AsyncDisposable {
  /** Listens no more. */
  unlisten(): Promise<void>;
}

const DEFAULT_MAX_QUEUE = 1_000;

interface Waiter {
  resolve(result: IteratorResult<Notification | Gap, void>): void;
  reject(error: unknown): void;
}

const DONE: IteratorReturnResult<void> = { done: true, value: undefined };

/** One loop over a channel. It begins to listen when the first event is asked for, and ends with the loop. */
export class Listener
  implements AsyncIterableIterator<Notification | Gap, void, undefined>, AsyncDisposable, Subscriber
{
  readonly #channels: () => Channels;
  readonly #channel: string;
  readonly #signal: AbortSignal | undefined;
  readonly #maxQueue: number;
  #joined: Channels | undefined;
  #queue: (Notification | Gap)[] = [];
  #waiters: Waiter[] = [];
  #over: { readonly error?: unknown } | undefined;
  #begun: Promise<void> | undefined;
  #notBegun: (error: unknown) => void = () => {};

  /** @throws TypeError when the channel cannot be one. */
  constructor(channels: () => Channels, channel: string, options: ListenOptions = {}) {
    checkChannel(channel);
    this.#channels = channels;
    this.#channel = channel;
    this.#signal = options.signal;
    this.#maxQueue = options.maxQueue ?? DEFAULT_MAX_QUEUE;
    if (!(this.#maxQueue >= 1)) throw new TypeError("maxQueue must be a number of at least 1");
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * Begins to listen, if it has not yet, and resolves once the server does: what is sent from then on is heard, so that now is
   * the time to look at what there is already. Rejects when it cannot begin.
   */
  ready(): Promise<void> {
    this.#join();
    return (this.#begun ??= Promise.reject(closed()));
  }

  next(): Promise<IteratorResult<Notification | Gap, void>> {
    this.#join();
    const value = this.#queue.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    const over = this.#over;
    if (over === undefined) return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
    // An error is told once; after it, the loop is simply over.
    this.#over = {};
    return "error" in over ? Promise.reject(over.error as Error) : Promise.resolve(DONE);
  }

  return(): Promise<IteratorResult<Notification | Gap, void>> {
    this.#queue = [];
    this.end();
    return Promise.resolve(DONE);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  event(event: Notification | Gap): void {
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) return waiter.resolve({ done: false, value: event });
    const queue = this.#queue;
    if (queue.length < this.#maxQueue) queue.push(event);
    else if (queue.length === this.#maxQueue) queue.push({ gap: true, channel: this.#channel, reason: "overflow" });
  }

  end(failure?: { readonly error: unknown }): void {
    if (this.#over !== undefined) return;
    const waiters = this.#waiters.splice(0);
    this.#over = failure !== undefined && waiters.length === 0 ? failure : {};
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#joined?.remove(this.#channel, this);
    this.#notBegun(failure === undefined ? closed() : failure.error);
    for (const waiter of waiters) {
      if (failure === undefined) waiter.resolve(DONE);
      else waiter.reject(failure.error);
    }
  }

  #abort = (): void => {
    this.#queue = [];
    this.end({ error: this.#signal?.reason });
  };

  #join(): void {
    if (this.#joined !== undefined || this.#over !== undefined) return;
    const channels = (this.#joined = this.#channels());
    this.#begun = new Promise((resolve, reject) => {
      this.#notBegun = reject;
      if (this.#signal?.aborted === true) return this.#abort();
      this.#signal?.addEventListener("abort", this.#abort, { once: true });
      channels.add(this.#channel, this).then(
        () => (this.#over === undefined ? resolve() : channels.remove(this.#channel, this)),
        (error: unknown) => this.end({ error }),
      );
    });
    this.#begun.catch(() => {});
  }
}

function closed(): ClosedError {
  return new ClosedError("this listens no more", { code: "CLOSED", outcome: "unsent" });
}

/** Calls `notify` with each payload, and `onListen` whenever the server has begun to listen: at first, and after each gap. */
export async function subscribe(
  channels: Channels,
  channel: string,
  notify: (payload: string) => void,
  onListen: (() => void) | undefined,
): Promise<Subscription> {
  checkChannel(channel);
  if (onListen !== undefined && typeof onListen !== "function") throw new TypeError("onListen must be a function");
  const subscriber: Subscriber = {
    // Apart from the connection, whose other callers are not to suffer from what a callback throws.
    event: (event) => queueMicrotask(() => (event.gap ? onListen?.() : notify(event.payload))),
    end: () => {},
  };
  await channels.add(channel, subscriber);
  onListen?.();
  const unlisten = (): Promise<void> => {
    channels.remove(channel, subscriber);
    return Promise.resolve();
  };
  return { unlisten, [Symbol.asyncDispose]: unlisten };
}
