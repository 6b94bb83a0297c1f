// What a user may say of a client, in a URL or in words, checked and completed before anything happens. Messages about a
// URL never show it: it holds the password.

import { parseAddress } from "@landline/core";
import type { Attributes, Connector, Observer, SocketAddress, TlsOptions } from "@landline/core";
import type { PoolOptions } from "@landline/core/pool";
import type { MakeCache } from "./cache.ts";
import type { ConnectionOptions } from "./connection.ts";
import type { LinkOptions } from "./link.ts";
import type { HandshakeOptions } from "./handshake.ts";
import type { Reply, ReplyFormat } from "./protocol/messages.ts";

const DEFAULT_PORT = 6379;
const DEFAULT_CONNECT_TIMEOUT = 10_000;
const DEFAULT_COMMAND_TIMEOUT = 5_000;
const INTEGERS: readonly ReplyFormat["integers"][] = ["number", "bigint", "string"];

/** How replies are wanted. */
export interface FormatOptions {
  /** Strings as `Uint8Array`. Default `false`: as text, where invalid UTF-8 becomes U+FFFD. */
  readonly bytes?: boolean;
  /**
   * What integers are. Default `"number"`, which is exact: an integer beyond 2^53 rejects with an `IntegerRangeError`
   * that carries it.
   */
  readonly integers?: "number" | "bigint" | "string";
}

/** Options of one call, or of a view ({@link Redis.with}). */
export interface CallOptions extends FormatOptions {
  /** Milliseconds until a command rejects with a `TimeoutError`, connecting included. Default 5,000; `Infinity` for never. */
  readonly timeout?: number;
  /** Rejects the command with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds for which a reply that is in the client's cache (option `cache` of {@link redis}) may be used; the server's
   * word that its key has changed, and the key's time to live, end it earlier. Default: replies come from the server.
   */
  readonly cacheFor?: number | undefined;
  /** Is given the attributes that the server sends before a reply, which is the same with and without it (RESP3). */
  readonly onAttributes?: ((attributes: ReadonlyMap<Reply, Reply>) => void) | undefined;
  /** How many messages a subscription keeps for a slow reader before it drops the oldest. Default 10,000. */
  readonly maxQueued?: number | undefined;
}

/** Who logs in. */
export interface Credentials {
  /** An ACL user. Default: the user `default`. */
  readonly username?: string | undefined;
  readonly password: string;
}

/** Options of {@link redis}. What is said here stands above the URL. */
export interface RedisOptions
  extends
    FormatOptions,
    TlsOptions,
    Pick<ConnectionOptions, "maxInFlight" | "limits" | "stallTimeout" | "decoder">,
    Pick<LinkOptions, "maxWaiting"> {
  /** `redis://user:password@host:port/database`, or `rediss:` for TLS; percent-encoded where it must be. */
  readonly url?: string;
  /** Default `"localhost"`. */
  readonly hostname?: string;
  /** Default 6379. */
  readonly port?: number;
  /** An ACL user. Default: the user `default`. */
  readonly username?: string;
  readonly password?: string;
  /**
   * Asked before each login, for passwords that change (IAM tokens); stands above `username` and `password`. Within
   * `connectTimeout`.
   */
  readonly credentials?: (() => Credentials | Promise<Credentials>) | undefined;
  /** The number of the database. Default 0. */
  readonly database?: number;
  /** The connection's name in CLIENT LIST. */
  readonly clientName?: string;
  /** `"on"`: TLS from the first byte, certificate verified. Default `"on"` for `rediss:`, else `"off"`. */
  readonly tls?: "on" | "off";
  /** Forces RESP2 or RESP3. Default: RESP3, and RESP2 where the server does not know HELLO. */
  readonly protocol?: 2 | 3;
  /** Remembers replies for views that say `cacheFor`: `clientCache()` of `@landline/redis/cache`. */
  readonly cache?: MakeCache | undefined;
  /** The connections of blocking commands and of `reserve()`. */
  readonly pool?: PoolOptions;
  /** Milliseconds for TCP, TLS and login together. Default 10,000. */
  readonly connectTimeout?: number;
  /** Milliseconds until a command rejects, connecting included. Default 5,000; `Infinity` for never. */
  readonly commandTimeout?: number;
  /**
   * After a failed attempt to connect, commands fail at once with its error until the next attempt is due, instead of
   * waiting for it. Default `false`.
   */
  readonly failFast?: boolean;
  /** Used instead of `@landline/core`'s `connect`. */
  readonly connect?: Connector;
  /** Hears of connections, commands and the pool; see `@landline/core/tracing`. Default: nobody. */
  readonly observe?: Observer | undefined;
}

/** Options that are complete. */
export interface Settings {
  readonly address: SocketAddress;
  readonly tls: "on" | "off";
  readonly tlsOptions: TlsOptions;
  readonly connect: Connector | undefined;
  readonly observe: Observer | undefined;
  /** What is told of the place of the server, instead of its address. */
  readonly attributes?: Attributes | undefined;
  readonly connectTimeout: number;
  readonly commandTimeout: number;
  readonly handshake: HandshakeOptions;
  readonly credentials: (() => Credentials | Promise<Credentials>) | undefined;
  readonly failFast: boolean;
  readonly cache: MakeCache | undefined;
  readonly maxWaiting: number | undefined;
  readonly connection: ConnectionOptions;
  readonly pool: PoolOptions;
  readonly format: ReplyFormat;
}

/**
 * Checks and completes what was given to `redis()`.
 * @throws TypeError that names the option, never its secret.
 */
export function settingsOf(target: string | RedisOptions, more: RedisOptions = {}): Settings {
  const given: RedisOptions = typeof target === "string" ? { ...more, url: target } : { ...target, ...more };
  const options: RedisOptions = { ...(given.url === undefined ? {} : fromUrl(given.url)), ...withoutUndefined(given) };
  const {
    hostname = "localhost",
    port = DEFAULT_PORT,
    username,
    password,
    database,
    clientName,
    tls = "off",
  } = options;
  const { connectTimeout = DEFAULT_CONNECT_TIMEOUT, commandTimeout = DEFAULT_COMMAND_TIMEOUT } = options;
  const { ca, cert, key, alpn, servername, rejectUnauthorized, connect, credentials, cache } = options;
  const { maxInFlight, maxWaiting, limits, stallTimeout, decoder, failFast = false } = options;
  const { protocol = decoder?.protocol } = options;
  if (protocol !== undefined && decoder?.protocol === 2 && protocol !== 2) {
    throw new TypeError("this decoder knows RESP2 only: leave out protocol");
  }
  checkOptions(options);
  return {
    address: parseAddress({ hostname, port }),
    tls,
    tlsOptions: withoutUndefined({ ca, cert, key, alpn, servername, rejectUnauthorized }) as TlsOptions,
    connect,
    observe: options.observe,
    connectTimeout,
    commandTimeout,
    handshake: { protocol, username, password, database, clientName },
    credentials,
    failFast,
    cache,
    maxWaiting,
    connection: { maxInFlight, limits, stallTimeout, decoder },
    pool: { createTimeout: connectTimeout, ...options.pool },
    format: formatOf(options, { bytes: false, integers: "number" }),
  };
}

const CHECKS: readonly (readonly [names: string, fits: (value: unknown) => boolean, what: string])[] = [
  ["credentials decoder cache", (value) => typeof value === "function", "a function"],
  ["username password clientName", (value) => typeof value === "string", "a string"],
  [
    "connectTimeout commandTimeout timeout cacheFor stallTimeout maxInFlight maxWaiting maxQueued",
    (value) => (value as number) > 0,
    "a positive number",
  ],
  ["database", (value) => Number.isInteger(value) && (value as number) >= 0, "a number from 0 up"],
  ["protocol", (value) => value === 2 || value === 3, "2 or 3"],
  ["tls", (value) => value === "on" || value === "off", '"on" or "off"; Redis has no way to turn it on later'],
];

/** @throws TypeError for an option of the client or of a call that is not what it must be. */
export function checkOptions(options: object): void {
  for (const [names, fits, what] of CHECKS) {
    for (const name of names.split(" ")) {
      const value = (options as Record<string, unknown>)[name];
      if (value !== undefined && !fits(value)) throw new TypeError(`${name} must be ${what}`);
    }
  }
}

/** The format that `options` ask for, and `base` where they are silent. */
export function formatOf(options: FormatOptions, base: ReplyFormat): ReplyFormat {
  const { bytes = base.bytes, integers = base.integers } = options;
  if (!INTEGERS.includes(integers)) throw new TypeError(`integers must be one of ${INTEGERS.join(", ")}`);
  return { bytes, integers };
}

function fromUrl(text: string): RedisOptions {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "redis:" && url.protocol !== "rediss:")) {
    throw new TypeError(
      "the URL must look like redis://user:password@host:port/database (rediss: for TLS), special characters percent-encoded",
    );
  }
  const path = url.pathname.replace(/^\//, "");
  if (!/^\d*$/.test(path)) throw new TypeError("the path of the URL must be the number of a database");
  const [parameter] = url.searchParams.keys();
  // A password with a ? in it ends up here, in front of the host: such a name is not told.
  if (url.search.includes("@")) throw new TypeError("a ? in the user or password of the URL must be written as %3F");
  if (parameter !== undefined)
    throw new TypeError(`the URL has a parameter that is not known: ${parameter}; say it as an option`);
  return withoutUndefined({
    tls: url.protocol === "rediss:" ? ("on" as const) : ("off" as const),
    hostname: url.hostname === "" ? undefined : decoded(url.hostname, "host"),
    port: url.port === "" ? undefined : Number(url.port),
    username: url.username === "" ? undefined : decoded(url.username, "user"),
    password: url.password === "" ? undefined : decoded(url.password, "password"),
    database: path === "" ? undefined : Number(path),
  }) as RedisOptions;
}

function decoded(part: string, name: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new TypeError(`the ${name} in the URL is not percent-encoded properly: write % as %25`);
  }
}

function withoutUndefined<T extends object>(object: T): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Partial<T>;
}
