// What postgres() takes, checked before any I/O and brought into one form. A URL is read as Neon, Supabase, RDS and
// Heroku print it; a parameter that would change security, or that nobody knows, is refused by name, never ignored.

import type { Connector, Observer, SocketAddress, TlsMode, TlsOptions } from "@landline/core";
import { parseAddress } from "@landline/core";
import type { PoolOptions } from "@landline/core/pool";
import type { ServerReport } from "./errors.ts";
import type { TypeOptions } from "./types/registry.ts";
import type { TargetSession } from "./hosts.ts";
import { oneOf, parseUrl } from "./url.ts";

/** Ways in which a server may ask us to log in. `none`: it does not ask at all. */
export type AuthMethod = "scram-sha-256" | "md5" | "password" | "none";

/** Options of `postgres()`. All times are in milliseconds. */
export interface PostgresOptions {
  /** `postgres://` or `postgresql://`. Other options override its parts. */
  readonly url?: string | undefined;
  /** Default `"localhost"`. Several, separated by commas, are tried one after the other. */
  readonly host?: string | undefined;
  /** Default 5432. One for all hosts, or a list of one for each. */
  readonly port?: number | readonly number[] | undefined;
  /** Which of several hosts will do. Needs PostgreSQL 14. Default `"any"`. */
  readonly targetSession?: TargetSession | undefined;
  /** Tries several hosts in random order. Default `false`. */
  readonly loadBalanceHosts?: boolean | undefined;
  readonly user?: string | undefined;
  /** The password, or a function that is asked for one at each login. */
  readonly password?: string | (() => string | Promise<string>) | undefined;
  /** Default: the user's name. */
  readonly database?: string | undefined;
  /** How the connection is secured, or TLS options with `mode`. Certificates are always verified. Default `"starttls"`. */
  readonly tls?: TlsMode | PostgresTls | undefined;
  /** The only methods by which we log in. Default: all, but a clear-text password over TLS only. */
  readonly auth?: readonly AuthMethod[] | undefined;
  /**
   * Log in as a server that asks for SCRAM-SHA-256 will want it, without waiting to be asked, and send the first query before
   * the server has answered: two round trips less. The query reaches a server that has not shown yet that it knows the
   * password, so that the default is `true` over verified TLS only. A server that asks for another login costs one connection
   * more, once.
   */
  readonly eagerLogin?: boolean | undefined;
  /**
   * Log in by SCRAM-SHA-256-PLUS alone, which is bound to the server's certificate. Not on Workers, where nobody tells that;
   * certificates are verified without it as well. Default `false`.
   */
  readonly channelBinding?: boolean | undefined;
  /** Send the password in clear text even over a connection that is not encrypted. Default `false`. */
  readonly allowPasswordInTheClear?: boolean | undefined;
  readonly applicationName?: string | undefined;
  /** Run-time settings for the session: `{ search_path: "app", statement_timeout: "5s" }`. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** The most connections at once. Default 10, in Workers 5. */
  readonly max?: number | undefined;
  /**
   * The newest version of the protocol to ask for: `"3.2"` (PostgreSQL 18) has longer cancel keys, and some poolers refuse it.
   * Default `"3.0"`, or `minProtocol`.
   */
  readonly maxProtocol?: "3.0" | "3.2" | undefined;
  /** The oldest to put up with. Default `"3.0"`. */
  readonly minProtocol?: "3.0" | "3.2" | undefined;
  /** More about the pool. */
  readonly pool?: Omit<PoolOptions, "max" | "createTimeout"> | undefined;
  /** For TCP, TLS and the login together. Default 10,000. */
  readonly connectTimeout?: number | undefined;
  /** For each query, from when it is sent; for each wait for the server in a COPY. Default 60,000; `Infinity` for none. */
  readonly queryTimeout?: number | undefined;
  /** For a cancelled query to end, before its connection is given up. Default 5,000. */
  readonly cancelTimeout?: number | undefined;
  /** `"transaction"` for poolers that change backends between transactions: unnamed statements only. Default `"session"`. */
  readonly pooling?: "session" | "transaction" | undefined;
  /** How many prepared statements a connection keeps. Default 256; 0 for none. */
  readonly maxStatements?: number | undefined;
  /** How some types are read. */
  readonly types?: TypeOptions | undefined;
  /** Used instead of the platform's `connect`. */
  readonly connect?: Connector | undefined;
  /** Hears what the server has to remark. Default: nobody. */
  readonly onNotice?: ((notice: ServerReport) => void) | undefined;
  /** Hears of connections, queries and the pool; see `@landline/core/tracing`. Default: nobody. */
  readonly observe?: Observer | undefined;
}

/** TLS options with the mode. */
export interface PostgresTls extends TlsOptions {
  /** Default `"starttls"`. */
  readonly mode?: TlsMode;
}

/** A binding such as Cloudflare's Hyperdrive. */
export interface HyperdriveBinding {
  readonly connectionString: string;
}

/** Minor versions of protocol 3. */
interface ProtocolVersions {
  readonly min: number;
  readonly max: number;
}

/** Everything decided. */
export interface Settings {
  /** The host of the moment; at first, the first of `hosts`. */
  readonly address: SocketAddress;
  readonly hosts: readonly SocketAddress[];
  readonly target: TargetSession;
  readonly loadBalance: boolean;
  readonly protocol: ProtocolVersions;
  readonly user: string;
  readonly password: string | (() => string | Promise<string>) | undefined;
  readonly tls: TlsMode;
  readonly tlsOptions: TlsOptions;
  readonly auth: readonly AuthMethod[] | undefined;
  readonly allowPasswordInTheClear: boolean;
  readonly channelBinding: boolean;
  /** `undefined`: over verified TLS. */
  readonly eagerLogin: boolean | undefined;
  /** Everything for the startup message but the user. */
  readonly startup: ReadonlyMap<string, string>;
  readonly max: number | undefined;
  readonly pool: Omit<PoolOptions, "max" | "createTimeout">;
  readonly connectTimeout: number;
  readonly queryTimeout: number | undefined;
  readonly cancelTimeout: number;
  readonly pooling: "session" | "transaction";
  readonly maxStatements: number;
  readonly types: TypeOptions;
  readonly connect: Connector | undefined;
  readonly onNotice: ((notice: ServerReport) => void) | undefined;
  readonly observe: Observer | undefined;
}

const DEFAULT_PORT = 5432;
const DEFAULT_CONNECT_TIMEOUT = 10_000;
const DEFAULT_CANCEL_TIMEOUT = 5_000;
const DEFAULT_MAX_STATEMENTS = 256;
const AUTH_METHODS: readonly AuthMethod[] = ["scram-sha-256", "md5", "password", "none"];
const TARGETS: readonly TargetSession[] = ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"];
const VERSIONS: readonly string[] = ["3.0", "3.2"];
const TLS_MODES: readonly TlsMode[] = ["off", "on", "starttls", "prefer"];
/** What decoders rely on, and what options of their own say. */
const RESERVED = /^(?:client_encoding|datestyle|extra_float_digits|user|database|replication)$/i;

/** @throws TypeError that names the option; never shows a value that might be secret. */
export function parseOptions(input: string | PostgresOptions | HyperdriveBinding): Settings {
  const options = optionsOf(input);
  const { password, eagerLogin, maxStatements } = options;
  const user = nonEmpty("user", options.user);
  const hosts = hostsOf(options);
  const { mode = "starttls", ...tlsOptions } =
    typeof options.tls === "string" ? { mode: options.tls } : (options.tls ?? {});
  oneOf("tls", mode, TLS_MODES);
  for (const method of options.auth ?? []) oneOf("auth", method, AUTH_METHODS);
  if (typeof password !== "function" && password !== undefined) withoutNul("password", password);
  if (eagerLogin !== undefined && typeof eagerLogin !== "boolean")
    throw new TypeError("eagerLogin must be true or false");
  const pooling = oneOf("pooling", options.pooling ?? "session", ["session", "transaction"]);
  const kept = count("maxStatements", maxStatements, 0) ?? DEFAULT_MAX_STATEMENTS;
  return {
    address: hosts[0] as SocketAddress,
    hosts,
    target: oneOf("targetSession", options.targetSession ?? "any", TARGETS),
    loadBalance: options.loadBalanceHosts ?? false,
    protocol: versions(options),
    user,
    password,
    tls: mode,
    tlsOptions,
    auth: options.auth,
    allowPasswordInTheClear: options.allowPasswordInTheClear ?? false,
    channelBinding: options.channelBinding ?? false,
    eagerLogin,
    startup: startupParameters(options, user),
    max: count("max", options.max),
    pool: options.pool ?? {},
    connectTimeout: count("connectTimeout", options.connectTimeout) ?? DEFAULT_CONNECT_TIMEOUT,
    queryTimeout: count("queryTimeout", options.queryTimeout),
    cancelTimeout: count("cancelTimeout", options.cancelTimeout) ?? DEFAULT_CANCEL_TIMEOUT,
    pooling,
    maxStatements: pooling === "transaction" ? 0 : kept,
    types: options.types ?? {},
    connect: options.connect,
    onNotice: options.onNotice,
    observe: options.observe,
  };
}

function hostsOf({ host = "localhost", port = DEFAULT_PORT }: PostgresOptions): SocketAddress[] {
  const names = withoutNul("host", host).split(",");
  const ports = typeof port === "object" ? port : [port];
  if (ports.length !== 1 && ports.length !== names.length)
    throw new TypeError("port must be one for all hosts, or one for each");
  return names.map((hostname, index) =>
    parseAddress({ hostname, port: ports[ports.length === 1 ? 0 : index] as number }),
  );
}

function versions({ minProtocol = "3.0", maxProtocol = minProtocol }: PostgresOptions): ProtocolVersions {
  const [min, max] = [minProtocol, maxProtocol].map((version) => 2 * VERSIONS.indexOf(version)) as [number, number];
  if (min < 0 || max < min) throw new TypeError("the protocol is 3.0 or 3.2, and minProtocol at most maxProtocol");
  return { min, max };
}

/** A binding leads to a pooler next door, which speaks no TLS and changes backends between transactions. */
function optionsOf(input: string | PostgresOptions | HyperdriveBinding): PostgresOptions {
  if (typeof input === "string") return parseUrl(input);
  if (typeof input !== "object" || input === null) throw new TypeError("postgres() takes a URL, options, or a binding");
  if ("connectionString" in input) return { ...parseUrl(input.connectionString), pooling: "transaction" };
  if (input.url === undefined) return input;
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as PostgresOptions;
  const parsed = parseUrl(input.url);
  return { ...parsed, ...given, settings: { ...parsed.settings, ...given.settings } };
}

function startupParameters(options: PostgresOptions, user: string): ReadonlyMap<string, string> {
  const startup = new Map<string, string>([
    ["database", nonEmpty("database", options.database ?? user)],
    ["client_encoding", "UTF8"],
    ["DateStyle", "ISO"],
    ["application_name", withoutNul("applicationName", options.applicationName ?? "landline")],
  ]);
  for (const [name, value] of Object.entries(options.settings ?? {})) {
    if (RESERVED.test(name))
      throw new TypeError(`the setting ${name} is not for you to change: the client relies on it`);
    if (!/^[a-z_][\w.]*$/i.test(name))
      throw new TypeError("the name of a setting has letters, digits, underscores and dots only");
    startup.set(name, withoutNul(`the setting ${name}`, value));
  }
  return startup;
}

function nonEmpty(name: string, value: string | undefined): string {
  if (value === undefined || value === "")
    throw new TypeError(`${name} is missing: give it in the URL or as an option`);
  return withoutNul(name, value);
}

function withoutNul(name: string, value: unknown): string {
  if (typeof value !== "string" || value.includes("\0"))
    throw new TypeError(`${name} must be a string without NUL characters`);
  return value;
}

function count(name: string, value: number | undefined, least = 1): number | undefined {
  if (value !== undefined && !(typeof value === "number" && value >= least))
    throw new TypeError(`${name} must be a number of at least ${least}`);
  return value;
}
