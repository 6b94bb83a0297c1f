// redis(): the client that people use. Every command goes over one connection, opened by the first of them; on Workers,
// where a connection belongs to a request, each request has its own.

import { Collector } from "./batch.ts";
import type { Batch } from "./batch.ts";
import type { Key, Shape } from "./command-types.ts";
import { factsOf, installCommands } from "./commands.ts";
import type { Commands } from "./generated/commands.ts";
import { Pipeline, Single, Transaction } from "./flights.ts";
import type { Order } from "./flights.ts";
import type { Patience } from "./link.ts";
import { formatOf, settingsOf } from "./options.ts";
import type { CallOptions, FormatOptions, RedisOptions } from "./options.ts";
import { checkArguments } from "./protocol/encoder.ts";
import type { Argument, Reply, ReplyFormat } from "./protocol/messages.ts";
import { needsCare, refuseUnshareable } from "./refusals.ts";
import { Stations } from "./station.ts";
import type { Notice, Subscriber, Subscription } from "./subscription.ts";
import type { Kind } from "./subscriptions.ts";

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

/** Names of channels, and, if wanted, what to call with what comes. */
export type ListenArguments<S extends Shape> =
  | [...channels: [Key, ...Key[]]]
  | [...channels: [Key, ...Key[]], onNotice: (notice: Notice<S["string"]>) => void];

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
  /**
   * Listens to channels, from when {@link Subscription.ready} resolves; after a lost connection again, behind a
   * {@link Gap}. Leaving the loop unsubscribes. With a function as the last argument, that is called instead.
   * @example
   * for await (const notice of kv.subscribe("news")) if (notice.type === "message") console.log(notice.message);
   */
  subscribe(...args: ListenArguments<S>): Subscription<S["string"]>;
  /** Likewise, to all channels whose names match glob-style patterns. */
  psubscribe(...args: ListenArguments<S>): Subscription<S["string"]>;
  /** Likewise, to shard channels. */
  ssubscribe(...args: ListenArguments<S>): Subscription<S["string"]>;
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
  return new Client(new Stations(settings), settings.format, {
    timeout: settings.commandTimeout,
    signal: undefined,
    maxQueued: undefined,
  }) as unknown as Redis;
}

/** How a view waits. */
interface Manner extends Patience {
  readonly maxQueued: number | undefined;
}

class Client implements AsyncDisposable {
  readonly #stations: Stations;
  readonly #format: ReplyFormat;
  readonly #manner: Manner;

  constructor(stations: Stations, format: ReplyFormat, manner: Manner) {
    this.#stations = stations;
    this.#format = format;
    this.#manner = manner;
  }

  async call(name: string, ...args: Argument[]): Promise<unknown> {
    const command = [name, ...args] as const;
    refuseUnshareable(command, factsOf(command));
    return this.send({ command, facts: undefined });
  }

  with(options: CallOptions): Client {
    const { timeout, signal, maxQueued } = { ...this.#manner, ...options };
    if (!(timeout > 0)) throw new TypeError("timeout must be a positive number of milliseconds");
    if (maxQueued !== undefined && !(maxQueued >= 1)) throw new TypeError("maxQueued must be a number from 1 up");
    return new Client(this.#stations, formatOf(options, this.#format), { timeout, signal, maxQueued });
  }

  pipeline(): Collector {
    return new Collector((orders) => this.#fly(Pipeline, orders));
  }

  multi(): Collector {
    return new Collector((orders) => this.#fly(Transaction, orders));
  }

  subscribe(...args: Listening): Subscriber {
    return this.#listen("subscribe", args);
  }

  psubscribe(...args: Listening): Subscriber {
    return this.#listen("psubscribe", args);
  }

  ssubscribe(...args: Listening): Subscriber {
    return this.#listen("ssubscribe", args);
  }

  end(): Promise<void> {
    return this.#stations.end();
  }

  close(): Promise<void> {
    return this.#stations.end();
  }

  /** Does not wait: what is under way settles within its own deadline. */
  async [Symbol.asyncDispose](): Promise<void> {
    void this.#stations.end();
  }

  /** @internal */
  send(order: Order): Promise<unknown> {
    return new Promise((resolve, reject) => {
      // A throw in here rejects: what a caller began beside this one is then still awaited.
      checkArguments(order.command);
      if (order.facts !== undefined && needsCare(order.facts)) refuseUnshareable(order.command, order.facts);
      this.#stations.get().link.send(new Single(order, this.#format, resolve, reject), this.#manner);
    });
  }

  #fly(Kind: typeof Pipeline | typeof Transaction, orders: readonly Order[]): Promise<readonly unknown[]> {
    return new Promise((resolve, reject) => {
      this.#stations.get().link.send(new Kind(orders, this.#format, resolve, reject), this.#manner);
    });
  }

  #listen(kind: Kind, args: Listening): Subscriber {
    const last = args.at(-1);
    const onNotice = typeof last === "function" ? last : undefined;
    const channels = (onNotice === undefined ? args : args.slice(0, -1)) as readonly Argument[];
    if (channels.length === 0) throw new TypeError(`${kind}() needs the name of a channel`);
    checkArguments([kind, ...channels]);
    const { bytes } = this.#format;
    const { maxQueued } = this.#manner;
    return this.#stations.get().subscriptions.add(kind, channels, { bytes, maxQueued, onNotice }, this.#manner);
  }
}

type Listening = readonly (Argument | ((notice: Notice<never>) => void))[];

installCommands(Client.prototype, (self, facts, command) => self.send({ command, facts }));
