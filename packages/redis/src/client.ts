// redis(): the client that people use. Every command goes over one connection, opened by the first of them; on Workers,
// where a connection belongs to a request, each request has its own.

import { Observation } from "@landline/core";
import type { Fields, Key, Shape } from "./command-types.ts";
import { factsOf } from "./commands.ts";
import { Talk } from "./conversation.ts";
import type { Carrier, Conversation, ShapeOf, TextShape } from "./conversation.ts";
import { consume } from "./group.ts";
import type { Entry, GroupCommands, GroupOptions } from "./group.ts";
import type { Patience } from "./line.ts";
import { clientAttributes, observeCommands } from "./observe.ts";
import { openConnection } from "./open.ts";
import type { OpenSession } from "./open.ts";
import { settingsOf } from "./options.ts";
import type { CallOptions, RedisOptions, Settings } from "./options.ts";
import { checkArguments } from "./protocol/encoder.ts";
import type { Argument, ReplyFormat } from "./protocol/messages.ts";
import { Own, ReservedTalk } from "./reserved.ts";
import type { Reserved } from "./reserved.ts";
import type { Flight, Order } from "./flights.ts";
import type { Script } from "./script.ts";
import { scan, scanPairs } from "./scan.ts";
import type { ScanKeysOptions, ScanOptions } from "./scan.ts";
import { Stations } from "./station.ts";
import type { Notice, Subscriber, Subscription } from "./subscription.ts";
import type { Kind } from "./subscriptions.ts";

/** Names of channels, and, if wanted, what to call with what comes. */
export type ListenArguments<S extends Shape> =
  | [...channels: [Key, ...Key[]]]
  | [...channels: [Key, ...Key[]], onNotice: (notice: Notice<S["string"]>) => void];

/** A Redis or Valkey server, as one client sees it. */
export interface Redis<S extends Shape = TextShape> extends Conversation<S> {
  /**
   * The same client with other options for the calls made on it.
   * @example
   * await kv.with({ signal: request.signal, timeout: 500 }).get("k");
   * const image = await kv.with({ bytes: true }).get("image"); // Uint8Array | null
   */
  with<const O extends CallOptions>(options: O): Redis<ShapeOf<O, S>>;
  /**
   * A connection of your own, for what depends on its state: WATCH, WAIT. Give it back, or let `await using` do it.
   * @example
   * await using own = await kv.reserve();
   * await own.watch("k");
   */
  reserve(): Promise<Reserved<S>>;
  /** All keys, or those that match; each at least once. */
  scanIterator(options?: ScanKeysOptions): AsyncGenerator<S["string"], void, undefined>;
  /** The fields of a hash. */
  hscanIterator(key: Key, options?: ScanOptions): AsyncGenerator<[S["string"], S["string"]], void, undefined>;
  /** The members of a set. */
  sscanIterator(key: Key, options?: ScanOptions): AsyncGenerator<S["string"], void, undefined>;
  /** The members of a sorted set, with their scores. */
  zscanIterator(key: Key, options?: ScanOptions): AsyncGenerator<[S["string"], number], void, undefined>;
  /**
   * Consumes a stream as a member of a group, one entry after the other, for ever: leave the loop, or give a signal.
   * @example
   * for await (const entry of kv.group("jobs", "workers", "w1", { create: "0" })) {
   *   await work(entry.fields);
   *   await entry.ack();
   * }
   */
  group(
    stream: Key,
    group: Key,
    consumer: Key,
    options?: GroupOptions,
  ): AsyncGenerator<Entry<Fields<S>>, void, undefined>;
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
  return createClient(settings, (signal, more) => openConnection(settings, signal, more));
}

/** The client over anybody's sessions. */
export function createClient(settings: Settings, open: OpenSession): Redis {
  const manner = {
    timeout: settings.commandTimeout,
    signal: undefined,
    maxQueued: undefined,
    onAttributes: undefined,
    cacheFor: undefined,
  };
  return new Client(new Shared(settings, open), settings.format, manner) as unknown as Redis;
}

/** The connections that the callers in an I/O context share. */
class Shared implements Carrier {
  readonly own = false;
  readonly scripts: WeakSet<Script> = new WeakSet();
  readonly stations: Stations;
  readonly observation: Observation;

  constructor(settings: Settings, open: OpenSession) {
    this.observation = new Observation("command", settings.observe, clientAttributes(settings));
    this.stations = new Stations(settings, open);
  }

  cached(order: Order, format: ReplyFormat, patience: Patience, milliseconds: number): Promise<unknown> | undefined {
    return this.stations.get().cache?.read(order, format, patience, milliseconds);
  }

  send(flight: Flight, patience: Patience): void {
    this.stations.get().link.send(flight, patience);
  }

  block(flight: Flight, patience: Patience, milliseconds: number): void {
    void this.stations.get().block(flight, patience, milliseconds);
  }
}

type Listening = readonly (Argument | ((notice: Notice<never>) => void))[];

class Client extends Talk<Shared> implements AsyncDisposable {
  subscribe(...args: Listening): Subscriber {
    return this.#listen("subscribe", args);
  }

  psubscribe(...args: Listening): Subscriber {
    return this.#listen("psubscribe", args);
  }

  ssubscribe(...args: Listening): Subscriber {
    return this.#listen("ssubscribe", args);
  }

  scanIterator(options?: ScanKeysOptions): AsyncGenerator<unknown> {
    return scan((...args) => this.#say("SCAN", ...args), options);
  }

  hscanIterator(key: Argument, options?: ScanOptions): AsyncGenerator<unknown> {
    return scanPairs((...args) => this.#say("HSCAN", key, ...args), options, false);
  }

  sscanIterator(key: Argument, options?: ScanOptions): AsyncGenerator<unknown> {
    return scan((...args) => this.#say("SSCAN", key, ...args), options);
  }

  zscanIterator(key: Argument, options?: ScanOptions): AsyncGenerator<unknown> {
    return scanPairs((...args) => this.#say("ZSCAN", key, ...args), options, true);
  }

  group(stream: Argument, group: Argument, consumer: Argument, options: GroupOptions = {}): AsyncGenerator<unknown> {
    return consume(this as unknown as GroupCommands, [stream, group, consumer], options);
  }

  #say(...command: [string, ...Argument[]]): Promise<unknown> {
    return this.order({ command, facts: factsOf(command) });
  }

  async reserve(): Promise<ReservedTalk> {
    const station = this.carrier.stations.get();
    return new ReservedTalk(
      new Own(await station.lease(this.manner), station.watched, this.carrier.observation),
      this.format,
      this.manner,
    );
  }

  end(): Promise<void> {
    return this.carrier.stations.end();
  }

  close(): Promise<void> {
    return this.end();
  }

  /** Does not wait: what is under way settles within its own deadline. */
  async [Symbol.asyncDispose](): Promise<void> {
    void this.end();
  }

  #listen(kind: Kind, args: Listening): Subscriber {
    const last = args.at(-1);
    const onNotice = typeof last === "function" ? last : undefined;
    const channels = (onNotice === undefined ? args : args.slice(0, -1)) as readonly Argument[];
    if (channels.length === 0) throw new TypeError(`${kind}() needs the name of a channel`);
    checkArguments([kind, ...channels]);
    const { bytes } = this.format;
    const { maxQueued } = this.manner;
    const { stations, observation } = this.carrier;
    const { subscriptions } = stations.get();
    const subscriber = subscriptions.add(kind, channels, { bytes, maxQueued, onNotice }, this.manner);
    if (observation.on) observeCommands(observation, [[kind, ...channels]], undefined, subscriber.ready);
    return subscriber;
  }
}
