// A NATS client: publish, subscribe, and ask. All of it over one connection, opened when it is needed and again after a loss;
// in a Worker each request has its own, so that the client may be made at module scope.

import { Deadlines, LandlineError, TimeoutError } from "@landline/core";
import { ContextLocal } from "@landline/core/pool";
import { checkSubject, open } from "./connection.ts";
import type { Connection, Message, NatsOptions } from "./connection.ts";

const MAX_QUEUED = 1000;
const ASK_TIMEOUT = 5_000;

/** What one call may take. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for an answer. Default 5,000. */
  readonly timeout?: number;
}

interface Place {
  connection: Connection;
  readonly inbox: string;
  readonly waiting: Map<string, { resolve(message: Message): void; reject(error: unknown): void }>;
}

export class Nats implements AsyncDisposable {
  readonly #places: ContextLocal<{ opening: Promise<Place> | undefined; readonly deadlines: Deadlines }>;
  readonly #options: NatsOptions;

  constructor(options: NatsOptions) {
    this.#options = options;
    this.#places = new ContextLocal(() => ({ opening: undefined, deadlines: new Deadlines() }));
  }

  /** Hands a message to the connection, and waits for nothing; see {@link flush}. */
  async publish(subject: string, data: Uint8Array): Promise<void> {
    checkSubject(subject);
    (await this.#place()).connection.publish(subject, data);
  }

  /**
   * Resolves once the server has read all that was published. A Worker waits for it before its request ends, and with that
   * the connection.
   */
  async flush({ signal, timeout = ASK_TIMEOUT }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const { connection } = await this.#place();
    const done = Promise.withResolvers<void>();
    const deadline = this.#places.get().deadlines.guard(timeout, signal, (why) => {
      const late = `the server did not confirm within ${timeout} ms`;
      done.reject(why === "abort" ? signal?.reason : new TimeoutError(late, { code: "TIMEOUT", outcome: "unknown" }));
    });
    connection.flush().then(done.resolve, done.reject);
    try {
      await done.promise;
    } finally {
      deadline.clear();
    }
  }

  /** Asks whoever listens to `subject`. Many questions are under way at once, over one subscription. */
  async ask(subject: string, data: Uint8Array, { signal, timeout = ASK_TIMEOUT }: CallOptions = {}): Promise<Message> {
    checkSubject(subject);
    signal?.throwIfAborted();
    const { connection, inbox, waiting } = await this.#place();
    const reply = `${inbox}.${crypto.randomUUID()}`;
    const answer = Promise.withResolvers<Message>();
    const deadline = this.#places.get().deadlines.guard(timeout, signal, (why) => {
      const late = `nobody answered within ${timeout} ms`;
      answer.reject(why === "abort" ? signal?.reason : new TimeoutError(late, { code: "TIMEOUT", outcome: "unknown" }));
    });
    waiting.set(reply, answer);
    try {
      connection.publish(subject, data, reply);
      return await answer.promise;
    } finally {
      deadline.clear();
      waiting.delete(reply);
    }
  }

  /**
   * What is published to subjects that match, from the first turn of the loop on. Leaving the loop ends it. A reader that is
   * more than a thousand messages behind gets an error, and loses nobody else's.
   */
  async *subscribe(pattern: string, { signal }: CallOptions = {}): AsyncGenerator<Message, void, undefined> {
    checkSubject(pattern, true);
    signal?.throwIfAborted();
    const queue: Message[] = [];
    let failure: { readonly error: unknown } | undefined;
    let wake = (): void => {};
    const fail = (error: unknown): void => {
      failure ??= { error };
      wake();
    };
    const { connection } = await this.#place();
    const unsubscribe = connection.subscribe(pattern, {
      message: (message) => {
        if (queue.push(message) > MAX_QUEUED) fail(slow());
        wake();
      },
      end: fail,
    });
    const onAbort = (): void => fail(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      for (;;) {
        const next = queue.shift();
        if (next !== undefined) yield next;
        else if (failure !== undefined) throw failure.error;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      signal?.removeEventListener("abort", onAbort);
      unsubscribe();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const place = await this.#places.peek()?.opening?.catch(() => undefined);
    place?.connection.close();
  }

  async #place(): Promise<Place> {
    const here = this.#places.get();
    const place = await here.opening?.catch(() => undefined);
    if (place?.connection.alive === true) return place;
    here.opening = this.#open();
    return here.opening;
  }

  async #open(): Promise<Place> {
    const connection = await open(this.#options);
    const place: Place = { connection, inbox: `_INBOX.${crypto.randomUUID()}`, waiting: new Map() };
    connection.subscribe(`${place.inbox}.*`, {
      message: (message) => place.waiting.get(message.subject)?.resolve(message),
      end: (error) => {
        for (const { reject } of place.waiting.values()) reject(error);
      },
    });
    return place;
  }
}

function slow(): LandlineError {
  return new LandlineError(`this reader is more than ${MAX_QUEUED} messages behind`, {
    code: "NATS_SLOW_READER",
    outcome: "unknown",
  });
}
