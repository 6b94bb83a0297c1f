// redis(): the client that people use. Every command goes over one connection, opened by the first of them; on Workers,
// where a connection belongs to a request, each request has its own.

import { ContextLocal } from "@landline/core/pool";
import { Collector } from "./batch.ts";
import type { Batch } from "./batch.ts";
import type { Shape } from "./command-types.ts";
import { factsOf, installCommands } from "./commands.ts";
import type { Commands } from "./generated/commands.ts";
import { Pipeline, Single, Transaction } from "./flights.ts";
import type { Order } from "./flights.ts";
import { Link } from "./link.ts";
import type { Flight, Patience } from "./link.ts";
import { openConnection } from "./open.ts";
import { formatOf, settingsOf } from "./options.ts";
import type { CallOptions, FormatOptions, RedisOptions } from "./options.ts";
import { checkArguments } from "./protocol/encoder.ts";
import type { Argument, Reply, ReplyFormat } from "./protocol/messages.ts";
import { needsCare, refuseUnshareable } from "./refusals.ts";

interface Integers {
  readonly number: number;
  readonly bigint: bigint;
  readonly string: string;
}

/** The {@link Shape} of a client that is not told otherwise. */
export interface TextShape extends Shape {
  readonly string: string;
  readonly integer: number;
}

/** The {@link Shape} that options `O` give, and `S` where they are silent. */
export type ShapeOf<O extends FormatOptions, S extends Shape = TextShape> = {
  readonly string: O extends { readonly bytes: infer B extends boolean }
    ? B extends true
      ? Uint8Array
      : string
    : S["string"];
  readonly integer: O extends { readonly integers: infer I extends keyof Integers } ? Integers[I] : S["integer"];
};

/** A Redis or Valkey server, as one client sees it. */
export interface Redis<S extends Shape = TextShape> extends Commands<S, undefined>, AsyncDisposable {
  /**
   * Any command, by name; its words and arguments as in the command reference. Never sent twice.
   * @throws TypeError for one that cannot share a connection (SUBSCRIBE, MULTI, BLPOP, …).
   * @example
   * await kv.call("OBJECT", "ENCODING", "k");
   */
  call(name: string, ...args: Argument[]): Promise<Reply>;
  /**
   * The same client with other options for the calls made on it.
   * @example
   * await kv.with({ signal: request.signal, timeout: 500 }).get("k");
   * const image = await kv.with({ bytes: true }).get("image"); // Uint8Array | null
   */
  with<const O extends CallOptions>(options: O): Redis<ShapeOf<O, S>>;
  /** Collects commands and sends them in one piece; each has its own result. */
  pipeline(): Batch<S, []>;
  /** Collects commands and sends them as one transaction, in one piece. */
  multi(): Batch<S, []>;
  /** Refuses new commands, lets those under way finish, and closes. Idempotent; never rejects. */
  end(): Promise<void>;
  /** As `end()`. */
  close(): Promise<void>;
}

/**
 * A client of one server. Does no I/O until its first command, so that it may be made at module scope; in a Worker each
 * request then has a connection of its own.
 *
 * @throws TypeError for options that are not valid.
 * @example
 * await using kv = redis("rediss://user:password@cache.example:6380/0");
 * await kv.set("greeting", "hello", "EX", 60);
 */
export function redis<const O extends RedisOptions = RedisOptions>(url: string, options?: O): Redis<ShapeOf<O>>;
export function redis<const O extends RedisOptions>(options: O): Redis<ShapeOf<O>>;
export function redis(target: string | RedisOptions, options?: RedisOptions): Redis {
  const settings = settingsOf(target, options);
  const links = new Links(() => new Link((signal) => openConnection(settings, signal), settings.connection.maxWaiting));
  return new Client(links, settings.format, {
    timeout: settings.commandTimeout,
    signal: undefined,
  }) as unknown as Redis;
}

/** The connection of each I/O context, and the end of them all. */
class Links {
  readonly #links: ContextLocal<Link>;
  #ended = false;

  constructor(make: () => Link) {
    this.#links = new ContextLocal(make);
  }

  send(flight: Flight, patience: Patience): void {
    const link = this.#links.get();
    if (this.#ended) void link.end();
    link.send(flight, patience);
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#links.peek()?.end();
  }
}

class Client implements AsyncDisposable {
  readonly #link: Links;
  readonly #format: ReplyFormat;
  readonly #patience: Patience;

  constructor(link: Links, format: ReplyFormat, patience: Patience) {
    this.#link = link;
    this.#format = format;
    this.#patience = patience;
  }

  async call(name: string, ...args: Argument[]): Promise<unknown> {
    const command = [name, ...args] as const;
    refuseUnshareable(command, factsOf(command));
    return this.send({ command, facts: undefined });
  }

  with(options: CallOptions): Client {
    const { timeout = this.#patience.timeout, signal = this.#patience.signal } = options;
    if (!(timeout > 0)) throw new TypeError("timeout must be a positive number of milliseconds");
    return new Client(this.#link, formatOf(options, this.#format), { timeout, signal });
  }

  pipeline(): Collector {
    return new Collector((orders) => this.#fly(Pipeline, orders));
  }

  multi(): Collector {
    return new Collector((orders) => this.#fly(Transaction, orders));
  }

  end(): Promise<void> {
    return this.#link.end();
  }

  close(): Promise<void> {
    return this.#link.end();
  }

  /** Does not wait: what is under way settles within its own deadline. */
  async [Symbol.asyncDispose](): Promise<void> {
    void this.#link.end();
  }

  /** @internal */
  send(order: Order): Promise<unknown> {
    return new Promise((resolve, reject) => {
      // A throw in here rejects: what a caller began beside this one is then still awaited.
      checkArguments(order.command);
      if (order.facts !== undefined && needsCare(order.facts)) refuseUnshareable(order.command, order.facts);
      this.#link.send(new Single(order, this.#format, resolve, reject), this.#patience);
    });
  }

  #fly(Kind: typeof Pipeline | typeof Transaction, orders: readonly Order[]): Promise<readonly unknown[]> {
    return new Promise((resolve, reject) => {
      this.#link.send(new Kind(orders, this.#format, resolve, reject), this.#patience);
    });
  }
}

installCommands(Client.prototype, (self, facts, command) => self.send({ command, facts }));
