// Client-side caching (Valkey's "client-side caching", CLIENT TRACKING in its opt-in mode): a read is remembered until the
// server says that its key has changed, its time to live on the server has passed, or the caller's own bound has. One store
// for each connection: what is in it is forgotten with the connection, and no two I/O contexts ever share one.

import { RedisError } from "./errors.ts";
import { Flight, named, valueOf } from "./flights.ts";
import type { Order } from "./flights.ts";
import type { Patience } from "./line.ts";
import type { Argument, Command, Reply, ReplyFormat } from "./protocol/messages.ts";
import { nameKey } from "./session.ts";

/** Reads of one key, which is their first argument. */
const CACHEABLE = new Set(
  (
    "bitcount bitpos geodist geohash geopos geosearch get getbit getrange hexists hget hgetall hkeys hlen hmget hstrlen hvals " +
    "lindex llen lpos lrange scard sismember smembers smismember strlen type xlen xrange xrevrange zcard zcount zlexcount " +
    "zmscore zrange zrangebylex zrangebyscore zrank zrevrange zrevrangebylex zrevrangebyscore zrevrank zscore"
  ).split(" "),
);
const DEFAULT_MAX_ENTRIES = 10_000;
const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
/** What an entry is taken to cost beside its value. */
const OVERHEAD = 100;

/** Bounds of a cache; the entries that were used longest ago make room. */
export interface CacheOptions {
  /** Default 10,000. */
  readonly maxEntries?: number;
  /** About how much memory its values take. Default 16 MiB. A value of more than an eighth of it is not kept. */
  readonly maxBytes?: number;
}

/** What a client keeps of replies, in one I/O context. */
export interface ReplyCache {
  /** The value of a read, from here or from the server; `undefined` for a command that is not for a cache. */
  read(order: Order, format: ReplyFormat, patience: Patience, milliseconds: number): Promise<unknown> | undefined;
  /** Takes an out-of-band message of the server. */
  push(items: readonly Reply[]): void;
  /** Forgets everything: the server does not tell any more what changes. */
  flush(): void;
}

/** Makes the cache of an I/O context, which sends by `send`. */
export type MakeCache = (send: (flight: Flight, patience: Patience) => void) => ReplyCache;

/**
 * A cache in the client, for the option `cache` of `redis()`; views that say how long they trust it use it. RESP3 only: in
 * RESP2 the reads go to the server.
 * @example
 * const kv = redis("redis://localhost", { cache: clientCache({ maxEntries: 1_000 }) });
 * await kv.with({ cacheFor: 60_000 }).get("k");
 */
export function clientCache(options: CacheOptions = {}): MakeCache {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !(value >= 1)) throw new TypeError(`${name} must be a number from 1 up`);
  }
  return (send) => new Store(options, send);
}

interface Entry {
  readonly key: string;
  readonly value: Reply;
  readonly bytes: number;
  readonly until: number;
}

/** A read on its way: whether its key has changed meanwhile. */
interface Reading {
  stale: boolean;
}

class Store implements ReplyCache {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #send: (flight: Flight, patience: Patience) => void;
  /** By format, command and arguments; the ones used last come last. */
  readonly #entries = new Map<string, Entry>();
  readonly #names = new Map<string, Set<string>>();
  readonly #reading = new Map<string, Set<Reading>>();
  #bytes = 0;

  constructor(options: CacheOptions, send: (flight: Flight, patience: Patience) => void) {
    this.#maxEntries = options.maxEntries ?? DEFAULT_MAX_ENTRIES;
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#send = send;
  }

  read(order: Order, format: ReplyFormat, patience: Patience, milliseconds: number): Promise<unknown> | undefined {
    const { command, facts } = order;
    const key = command[1];
    if (facts === undefined || key === undefined || !CACHEABLE.has(facts.name)) return undefined;
    const name = nameOf(command, format);
    const entry = this.#entries.get(name);
    if (entry !== undefined && patience.signal?.aborted !== true) {
      this.#drop(name, entry);
      if (Date.now() < entry.until) {
        this.#keep(name, entry);
        return Promise.resolve(valueOf(copyOf(entry.value), order, format));
      }
    }
    return new Promise((resolve, reject) => {
      const keyName = nameKey(key);
      const reading: Reading = { stale: false };
      const others = this.#reading.get(keyName) ?? new Set();
      this.#reading.set(keyName, others.add(reading));
      const asked = Date.now();
      const keep = (value: Reply, ttl: number): void => {
        const lasting = ttl < 0 ? milliseconds : Math.min(ttl, milliseconds);
        const bytes = weightOf(value) + name.length * 2 + OVERHEAD;
        if (!reading.stale && bytes <= this.#maxBytes / 8) {
          this.#keep(name, { key: keyName, value: copyOf(value), bytes, until: asked + lasting });
        }
      };
      const flight = new TrackedRead(order, format, keep, resolve, reject);
      flight.settled = () => {
        others.delete(reading);
        if (others.size === 0 && this.#reading.get(keyName) === others) this.#reading.delete(keyName);
      };
      this.#send(flight, patience);
    });
  }

  push([kind, keys]: readonly Reply[]): void {
    if (!(kind instanceof Uint8Array) || nameKey(kind) !== "invalidate") return;
    if (!Array.isArray(keys)) return this.flush();
    for (const key of keys as readonly Argument[]) {
      const name = nameKey(key);
      for (const reading of this.#reading.get(name) ?? []) reading.stale = true;
      for (const each of this.#names.get(name) ?? []) this.#drop(each, this.#entries.get(each));
    }
  }

  flush(): void {
    for (const readings of this.#reading.values()) for (const reading of readings) reading.stale = true;
    this.#entries.clear();
    this.#names.clear();
    this.#bytes = 0;
  }

  #keep(name: string, entry: Entry): void {
    this.#drop(name, this.#entries.get(name));
    this.#entries.set(name, entry);
    this.#names.set(entry.key, (this.#names.get(entry.key) ?? new Set()).add(name));
    this.#bytes += entry.bytes;
    for (const [oldest, its] of this.#entries) {
      if (this.#entries.size <= this.#maxEntries && this.#bytes <= this.#maxBytes) break;
      this.#drop(oldest, its);
    }
  }

  #drop(name: string, entry: Entry | undefined): void {
    if (entry === undefined) return;
    this.#entries.delete(name);
    this.#bytes -= entry.bytes;
    const names = this.#names.get(entry.key);
    names?.delete(name);
    if (names?.size === 0) this.#names.delete(entry.key);
  }
}

/** A read that the server keeps track of, and how long its key has to live: in one piece, so that the two belong together. */
class TrackedRead extends Flight {
  readonly #order: Order;
  readonly #keep: (value: Reply, ttl: number) => void;
  #tracked = false;

  /** `keep` gets a value that is tracked, and how many milliseconds it has; negative for no end. */
  constructor(
    order: Order,
    format: ReplyFormat,
    keep: (value: Reply, ttl: number) => void,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    const { command } = order;
    super(
      [["CLIENT", "CACHING", "YES"], ["MULTI"], ["PTTL", command[1] as Argument], command, ["EXEC"]],
      format,
      resolve,
      reject,
    );
    this.#order = order;
    this.#keep = keep;
  }

  override get repeatable(): boolean {
    return true;
  }

  protected take(value: Reply, inexact: RedisError | undefined): void {
    if (this.left === this.commands.length - 1) this.#tracked = !(value instanceof RedisError);
    if (this.left > 0) return;
    const [ttl, told = value] = Array.isArray(value) ? (value as readonly Reply[]) : [];
    const error = inexact ?? told;
    if (error instanceof RedisError) return this.reject(named(error, this.#order.command));
    const result = valueOf(copyOf(told), this.#order, this.format);
    if (result instanceof Error) return this.reject(result);
    if (this.#tracked) this.#keep(told, Number(ttl));
    this.resolve(result as never);
  }
}

/** Each argument with its length and kind, so that no two commands have one name. */
function nameOf(command: Command, { bytes, integers }: ReplyFormat): string {
  let name = `${bytes ? "b" : "t"}${integers[0]}`;
  for (const argument of command) {
    const text = nameKey(argument);
    name += `${text.length}:${text}`;
  }
  return name;
}

/** What one caller does with a value must not show to the next. */
function copyOf(value: Reply): Reply {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return (value as readonly Reply[]).map(copyOf);
  if (value instanceof Map) {
    return new Map([...(value as ReadonlyMap<Reply, Reply>)].map(([key, item]) => [copyOf(key), copyOf(item)]));
  }
  return value;
}

function weightOf(value: Reply): number {
  if (typeof value === "string") return value.length * 2;
  if (value instanceof Uint8Array) return value.length;
  if (Array.isArray(value)) return (value as readonly Reply[]).reduce<number>((sum, item) => sum + weightOf(item), 8);
  if (value instanceof Map) {
    return [...(value as ReadonlyMap<Reply, Reply>)].reduce(
      (sum, [key, item]) => sum + weightOf(key) + weightOf(item),
      8,
    );
  }
  return 8;
}
