// All subscriptions of a client in one I/O context: who listens to what, telling the server of the first and of the last
// of each name, and telling it again after a lost connection. In RESP3 they go over the connection of the commands; in
// RESP2, where a subscribed connection takes no commands, over one of their own.

import { ClosedError } from "@landline/core";
import { NO_PUSHES } from "./connection.ts";
import { RedisError } from "./errors.ts";
import { Flight, named } from "./flights.ts";
import type { Patience } from "./line.ts";
import type { Link } from "./link.ts";
import { BYTES_FORMAT } from "./protocol/messages.ts";
import type { Argument, Command, Reply } from "./protocol/messages.ts";
import { text } from "./protocol/text.ts";
import { bytesOf, nameKey } from "./session.ts";
import type { Confirmations } from "./session.ts";
import { Subscriber } from "./subscription.ts";
import type { Gap, Message, SubscriberInit } from "./subscription.ts";

/** The command that begins a kind of subscription. */
export type Kind = "subscribe" | "psubscribe" | "ssubscribe";

const ENDS: Readonly<Record<Kind, string>> = {
  subscribe: "unsubscribe",
  psubscribe: "punsubscribe",
  ssubscribe: "sunsubscribe",
};
const MESSAGES: Readonly<Record<string, Kind>> = {
  message: "subscribe",
  pmessage: "psubscribe",
  smessage: "ssubscribe",
};
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2_000;
const RECONNECTED: Gap = { type: "gap", reason: "reconnected", missed: undefined };

/** (Un)subscribing. It is confirmed by pushes, and refused by a reply. */
class Announcement extends Flight {
  override readonly confirms: Confirmations;

  constructor(kind: string, names: readonly string[], resolve: () => void, reject: (error: unknown) => void) {
    super([[kind.toUpperCase(), ...names.map(bytesOf)]], BYTES_FORMAT, resolve, reject);
    this.confirms = { kind, names };
  }

  protected take(value: Reply): void {
    if (value instanceof RedisError) this.reject(named(value, this.commands[0] as Command));
    else this.resolve(undefined as never);
  }
}

export class Subscriptions {
  /** By kind and name. */
  readonly #listeners: Record<Kind, Map<string, Set<Subscriber>>> = {
    subscribe: new Map(),
    psubscribe: new Map(),
    ssubscribe: new Map(),
  };
  #link: Link;
  readonly #openOwn: () => Link;
  #restoring = false;
  #ended = false;
  #wake: (() => void) | undefined;

  /** `link` is that of the commands; `openOwn` makes one for where it cannot carry subscriptions. */
  constructor(link: Link, openOwn: () => Link) {
    this.#link = link;
    this.#openOwn = openOwn;
  }

  /** Begins to listen; what goes wrong is told to the subscriber. */
  add(kind: Kind, channels: readonly Argument[], init: Omit<SubscriberInit, "leave">, patience: Patience): Subscriber {
    const names = [...new Set(channels.map(nameKey))];
    const subscriber: Subscriber = new Subscriber({
      ...init,
      leave: () => this.#leave(kind, names, subscriber, patience),
    });
    const { signal } = patience;
    if (this.#ended)
      subscriber.finish(new ClosedError("this client has been closed", { code: "CLOSED", outcome: "unsent" }));
    else if (signal?.aborted === true) subscriber.finish(signal.reason);
    else void this.#join(kind, names, subscriber, patience);
    return subscriber;
  }

  /** Takes a push of the connection. */
  push(items: readonly Reply[]): void {
    const [kind = "", first = "", ...rest] = items.map((item) =>
      item instanceof Uint8Array ? item : new Uint8Array(),
    );
    const told = text(kind as Uint8Array, 0, kind.length);
    const name = nameKey(first);
    if (told === "sunsubscribe" && this.#listeners.ssubscribe.has(name)) return this.lost();
    const of = MESSAGES[told];
    if (of === undefined) return;
    const listeners = this.#listeners[of].get(name);
    if (listeners === undefined) return;
    for (const subscriber of listeners)
      subscriber.give(messageOf(of, [first as Uint8Array, ...(rest as Uint8Array[])], subscriber.bytes));
  }

  /** The connection is gone, or the server has ended a subscription: subscribes again to everything, and tells of the gap. */
  lost(link: Link = this.#link): void {
    if (link !== this.#link || this.#restoring || this.#ended || this.#live().size === 0) return;
    this.#restoring = true;
    void this.#restore();
  }

  /** Ends all of them. */
  end(): Promise<void> {
    this.#ended = true;
    for (const subscriber of this.#all()) subscriber.finish();
    for (const names of Object.values(this.#listeners)) names.clear();
    this.#wake?.();
    return this.#link.end();
  }

  async #join(kind: Kind, names: readonly string[], subscriber: Subscriber, patience: Patience): Promise<void> {
    const { signal } = patience;
    const abort = (): void => {
      subscriber.finish(signal?.reason);
      void subscriber.unsubscribe();
    };
    const fresh = names.filter((name) => !this.#listeners[kind].has(name));
    for (const name of names) {
      const listeners = this.#listeners[kind].get(name) ?? new Set();
      this.#listeners[kind].set(name, listeners.add(subscriber));
    }
    signal?.addEventListener("abort", abort, { once: true });
    try {
      // Also for names that are known: the confirmation tells that those before have been, too.
      await this.#announce(kind, fresh.length > 0 ? fresh : names, patience);
      subscriber.confirmed();
    } catch (error) {
      subscriber.finish(error);
      void subscriber.unsubscribe();
    }
  }

  async #leave(kind: Kind, names: readonly string[], subscriber: Subscriber, { timeout }: Patience): Promise<void> {
    const over = names.filter((name) => {
      const listeners = this.#listeners[kind].get(name);
      return listeners?.delete(subscriber) === true && listeners.size === 0 && this.#listeners[kind].delete(name);
    });
    if (over.length === 0 || this.#link.idle) return;
    await this.#announce(ENDS[kind], over, { timeout, signal: undefined }).catch(() => {});
  }

  async #announce(kind: string, names: readonly string[], patience: Patience): Promise<void> {
    const link = this.#link;
    try {
      await new Promise<void>((resolve, reject) => {
        link.send(new Announcement(kind, names, resolve, reject), { ...patience, signal: undefined });
      });
    } catch (error) {
      if (error !== NO_PUSHES) throw error;
      if (this.#link === link) this.#link = this.#openOwn();
      await this.#announce(kind, names, patience);
    }
  }

  async #restore(): Promise<void> {
    const waiting = new Set<Subscriber>();
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      for (const subscriber of this.#live()) waiting.add(subscriber);
      if (waiting.size === 0 || this.#ended) break;
      try {
        // oxlint-disable-next-line no-await-in-loop -- each attempt waits for the one before, and the link pauses between them
        await Promise.all(
          (Object.keys(ENDS) as Kind[])
            .map((kind) => [kind, this.#liveNames(kind)] as const)
            .filter(([, names]) => names.length > 0)
            .map(([kind, names]) => this.#announce(kind, names, { timeout: Infinity, signal: undefined })),
        );
        break;
      } catch (error) {
        if (!(error instanceof RedisError) && !this.#ended) {
          // A server that takes logins and then hangs up is not to be asked again at once.
          // oxlint-disable-next-line no-await-in-loop -- as above
          await this.#pause(pause);
          continue;
        }
        for (const subscriber of waiting) {
          subscriber.finish(error);
          void subscriber.unsubscribe();
        }
        break;
      }
    }
    this.#restoring = false;
    for (const subscriber of waiting) {
      subscriber.give(RECONNECTED);
    }
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Those that the server has confirmed: one that it has not fails instead of being taken along. */
  #live(): Set<Subscriber> {
    return new Set([...this.#all()].filter((subscriber) => subscriber.live));
  }

  #liveNames(kind: Kind): string[] {
    const names = [...this.#listeners[kind]];
    return names.filter(([, listeners]) => [...listeners].some((subscriber) => subscriber.live)).map(([name]) => name);
  }

  #all(): Set<Subscriber> {
    const kinds = Object.values(this.#listeners);
    return new Set(kinds.flatMap((names) => [...names.values()].flatMap((listeners) => [...listeners])));
  }
}

function messageOf(kind: Kind, items: readonly Uint8Array[], bytes: boolean): Message<never> {
  const told = items.map((item) => (bytes ? item : text(item, 0, item.length))) as never[];
  if (kind !== "psubscribe") return { type: "message", channel: told[0] as never, message: told[1] as never };
  return { type: "message", pattern: told[0] as never, channel: told[1] as never, message: told[2] as never };
}
