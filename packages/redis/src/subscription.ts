// One subscription as its owner sees it: what came and was not taken yet, an async iterator or a callback, an end. Knows
// nothing of connections.

import { Fifo } from "./fifo.ts";

const DEFAULT_MAX_QUEUED = 10_000;

/** A message that was published. `text` is `string`, or `Uint8Array` where strings are asked for as bytes. */
export interface Message<T = string> {
  readonly type: "message";
  readonly channel: T;
  /** The pattern that the channel matched, for `psubscribe`. */
  readonly pattern?: T;
  readonly message: T;
}

/** Messages may be missing at this point. */
export interface Gap {
  readonly type: "gap";
  /** The connection was lost, and is there again; or the reader was too slow, and the oldest were dropped. */
  readonly reason: "reconnected" | "overflow";
  /** How many were dropped; not known of a lost connection. */
  readonly missed: number | undefined;
}

/** What a subscription yields. */
export type Notice<T = string> = Message<T> | Gap;

/**
 * Messages of channels, patterns or shard channels, from the moment on that {@link ready} resolves. To be read by one
 * `for await`; leaving the loop unsubscribes, and so does `await using`.
 */
export interface Subscription<T = string> extends AsyncIterableIterator<Notice<T>>, AsyncDisposable {
  /** Resolves once the server has confirmed it; rejects where it refused. It need not be awaited. */
  readonly ready: Promise<void>;
  /** Ends it; what came before is still read. Resolves once the server has confirmed; never rejects. */
  unsubscribe(): Promise<void>;
}

interface Waiter {
  readonly resolve: (result: IteratorResult<Notice<never>, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

export interface SubscriberInit {
  readonly bytes: boolean;
  readonly maxQueued: number | undefined;
  readonly onNotice: ((notice: Notice<never>) => void) | undefined;
  /** Leaves the channels. */
  readonly leave: () => Promise<void>;
}

/** The subscription behind {@link Subscription}. */
export class Subscriber implements Subscription<never> {
  readonly ready: Promise<void>;
  readonly bytes: boolean;
  #confirm!: () => void;
  #refuse!: (error: unknown) => void;
  #queue = new Fifo<Notice<never>>();
  #missed = 0;
  #live = false;
  #waiters = new Fifo<Waiter>();
  #ended: { readonly error: unknown } | undefined;
  #left: Promise<void> | undefined;
  #init: SubscriberInit;

  constructor(init: SubscriberInit) {
    this.#init = init;
    this.bytes = init.bytes;
    this.ready = new Promise((resolve, reject) => {
      this.#confirm = resolve;
      this.#refuse = reject;
    });
    // Whoever does not look at `ready` learns of a refusal from the iterator.
    this.ready.catch(() => {});
  }

  /** Whether the server has confirmed it, and it has not ended. */
  get live(): boolean {
    return this.#live && this.#ended === undefined;
  }

  confirmed(): void {
    this.#live = true;
    this.#confirm();
  }

  /** Hands a message or a gap to whoever waits, or keeps it. A callback that throws ends the subscription with its error. */
  give(notice: Notice<never>): void {
    if (this.#ended !== undefined) return;
    const { onNotice, maxQueued = DEFAULT_MAX_QUEUED } = this.#init;
    if (onNotice !== undefined) {
      try {
        onNotice(notice);
      } catch (error) {
        console.error("the callback of a subscription threw, and so the subscription ends", error);
        this.finish(error);
        void this.unsubscribe();
      }
      return;
    }
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) return waiter.resolve({ done: false, value: notice });
    if (this.#queue.length >= maxQueued) {
      this.#queue.shift();
      this.#missed++;
    }
    this.#queue.push(notice);
  }

  /** No more will come: what is queued is still read, then the end, or `error`. */
  finish(error?: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = { error };
    if (error === undefined) this.#confirm();
    else this.#refuse(error);
    for (let waiter = this.#waiters.shift(); waiter !== undefined; waiter = this.#waiters.shift()) this.#end(waiter);
  }

  next(): Promise<IteratorResult<Notice<never>, undefined>> {
    if (this.#missed > 0) {
      const value: Gap = { type: "gap", reason: "overflow", missed: this.#missed };
      this.#missed = 0;
      return Promise.resolve({ done: false, value });
    }
    const value = this.#queue.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      if (this.#ended === undefined) this.#waiters.push(waiter);
      else this.#end(waiter);
    });
  }

  /** Does not wait for the server, so that leaving a loop takes no time. */
  return(): Promise<IteratorResult<Notice<never>, undefined>> {
    void this.unsubscribe();
    this.#queue = new Fifo();
    this.#missed = 0;
    return Promise.resolve({ done: true, value: undefined });
  }

  unsubscribe(): Promise<void> {
    this.finish();
    this.#left ??= this.#init.leave();
    return this.#left;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** An error is told once, to the first who comes. */
  #end(waiter: Waiter): void {
    const { error } = this.#ended as { error: unknown };
    this.#ended = { error: undefined };
    if (error === undefined) waiter.resolve({ done: true, value: undefined });
    else waiter.reject(error);
  }
}
