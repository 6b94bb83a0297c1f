// Where a Client connects to and as whom: its config, then a connection string (which wins over the rest), the PG*
// environment variables and the defaults, in node-postgres' order; and what all of that means to our own layers.

import { parseAddress, type Connector, type Observer, type TlsMode, type TlsOptions } from "@landline/core";
import type { Settings } from "../options.ts";
import { passwordFromFile, type Process } from "../password-file.ts";
import { parseConnectionString } from "./connection-string.ts";
import { defaults, environment, type Defaults } from "./defaults.ts";
import type { CustomTypesConfig } from "./types/registry.ts";

/** TLS as node-postgres takes it: options of Node's `tls.connect`, of which those that are named here can be honoured. */
export interface SslOptions {
  /** PEM; bytes of it are taken as well. */
  ca?: string | string[] | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  servername?: string | undefined;
  /** `false` takes any certificate; only where the runtime can. */
  rejectUnauthorized?: boolean | undefined;
}

/** What `new Client()` takes. Times are in milliseconds. */
export interface ClientConfig {
  user?: string | undefined;
  database?: string | undefined;
  /** Or a function that is asked for one at each login. */
  password?: string | (() => string | Promise<string>) | undefined;
  port?: number | undefined;
  host?: string | undefined;
  connectionString?: string | undefined;
  keepAlive?: boolean | undefined;
  keepAliveInitialDelayMillis?: number | undefined;
  statement_timeout?: false | number | undefined;
  lock_timeout?: number | undefined;
  idle_in_transaction_session_timeout?: number | undefined;
  /** For the answer to a query. */
  query_timeout?: number | undefined;
  ssl?: boolean | SslOptions | undefined;
  sslnegotiation?: "postgres" | "direct" | undefined;
  /** Binds the login to the TLS connection, and does without neither; only where the runtime knows its certificate. */
  enableChannelBinding?: boolean | undefined;
  application_name?: string | undefined;
  fallback_application_name?: string | undefined;
  /** For TCP, TLS and the login together. Without it, a minute. */
  connectionTimeoutMillis?: number | undefined;
  types?: CustomTypesConfig | undefined;
  options?: string | undefined;
  client_encoding?: string | undefined;
  replication?: string | undefined;
  /** Send queries without waiting for the answers to those before. */
  pipeline?: boolean | undefined;
  binary?: boolean | undefined;
  Promise?: PromiseConstructorLike | undefined;
  /** Not in node-postgres: used instead of the platform's `connect`. */
  connect?: Connector | undefined;
  /** Not in node-postgres: send a password that the server wants in the clear, also without TLS. */
  allowPasswordInTheClear?: boolean | undefined;
  /** Not in node-postgres: hears of connections, queries and cursors, see `@landline/core/tracing`. */
  observe?: Observer | undefined;
}

const SSL_BY_MODE: Readonly<Record<string, boolean | SslOptions>> = {
  disable: false,
  prefer: true,
  require: true,
  "verify-ca": true,
  "verify-full": true,
  "no-verify": { rejectUnauthorized: false },
};

/** No wait is for ever, also where node-postgres has none of its own. */
const CONNECT_BOUND = 60_000;
const CANCEL_BOUND = 5_000;
/** Options of Node's TLS that would make it stricter or laxer, and that we could only ignore. */
const FOREIGN_TLS = [
  "checkServerIdentity",
  "ciphers",
  "crl",
  "maxVersion",
  "minVersion",
  "passphrase",
  "pfx",
  "secureContext",
];

/** Everything decided. */
export class ConnectionParameters {
  readonly user: string | undefined;
  readonly database: string | undefined;
  readonly port: number;
  readonly host: string;
  /** Not enumerable, so that it is not logged by accident. */
  declare password: string | null | (() => string | Promise<string>);
  readonly binary: boolean;
  /** A path is refused when it comes to connecting. */
  readonly isDomainSocket: boolean;
  readonly options: string | undefined;
  readonly ssl: boolean | SslOptions;
  readonly sslnegotiation: "postgres" | "direct" | undefined;
  readonly client_encoding: string;
  readonly replication: string | undefined;
  readonly application_name: string | undefined;
  readonly fallback_application_name: string | undefined;
  readonly statement_timeout: number | false;
  readonly lock_timeout: number | false;
  readonly idle_in_transaction_session_timeout: number | false;
  readonly query_timeout: number | false;
  readonly connectionTimeoutMillis: number;
  readonly #channelBinding: boolean;
  readonly #connect: Connector | undefined;
  readonly #allowPasswordInTheClear: boolean | undefined;

  /** @throws Error when a connection string or `sslnegotiation` is not valid. */
  constructor(given: string | ClientConfig = {}) {
    const config = resolve(given);
    const pick = picker(config);
    this.user = pick("user", "PGUSER");
    this.database = pick("database", "PGDATABASE") ?? this.user;
    this.port = Number.parseInt(String(pick("port", "PGPORT")), 10);
    this.host = pick("host", "PGHOST") as string;
    this.isDomainSocket = this.host.startsWith("/");
    Object.defineProperty(this, "password", {
      configurable: true,
      enumerable: false,
      writable: true,
      value: pick("password", "PGPASSWORD"),
    });
    this.binary = pick("binary", "PGBINARY") as boolean;
    this.options = pick("options", "PGOPTIONS");
    this.ssl = sslOf(config.ssl);
    this.sslnegotiation = pick("sslnegotiation", "PGSSLNEGOTIATION");
    if (![undefined, "postgres", "direct"].includes(this.sslnegotiation)) {
      throw new Error(
        `Invalid sslnegotiation value: "${this.sslnegotiation}". Valid values are "postgres" and "direct".`,
      );
    }
    if (this.sslnegotiation === "direct" && this.ssl === false) {
      throw new Error("sslnegotiation=direct requires SSL to be enabled");
    }
    this.client_encoding = pick("client_encoding", "PGCLIENTENCODING") as string;
    this.replication = config.replication;
    this.application_name = pick("application_name", "PGAPPNAME");
    this.fallback_application_name = config.fallback_application_name ?? defaults.fallback_application_name;
    this.statement_timeout = pick("statement_timeout") as number | false;
    this.lock_timeout = pick("lock_timeout") as number | false;
    this.idle_in_transaction_session_timeout = pick("idle_in_transaction_session_timeout") as number | false;
    this.query_timeout = pick("query_timeout") as number | false;
    this.connectionTimeoutMillis = Number(config.connectionTimeoutMillis ?? 0);
    this.#channelBinding = config.enableChannelBinding === true;
    this.#connect = config.connect;
    this.#allowPasswordInTheClear = config.allowPasswordInTheClear;
  }

  /** For our own layers. @throws TypeError when they cannot do what is asked for. */
  settings(): Settings {
    if (this.host.startsWith("/"))
      throw new TypeError("a socket in the file system is not possible here: give a host name");
    if (this.replication !== undefined) throw new TypeError("replication is not offered");
    const { user, port, host, ssl } = this;
    if (user === undefined) throw new TypeError("user is missing: give it as an option, in the URL, or as PGUSER");
    const { mode, ...options } = tlsOf(ssl, this.sslnegotiation);
    const address = parseAddress({ hostname: host, port });
    return {
      address,
      hosts: [address],
      target: "any",
      loadBalance: false,
      protocol: { min: 0, max: 0 },
      channelBinding: this.#channelBinding && ssl !== false,
      user,
      password: this.#secret(),
      tls: mode,
      tlsOptions: options,
      auth: undefined,
      allowPasswordInTheClear: this.#allowPasswordInTheClear ?? false,
      eagerLogin: undefined,
      startup: this.#startup(),
      max: undefined,
      pool: {},
      connectTimeout: this.connectionTimeoutMillis > 0 ? this.connectionTimeoutMillis : CONNECT_BOUND,
      queryTimeout: undefined,
      cancelTimeout: CANCEL_BOUND,
      pooling: "session",
      maxStatements: 0,
      types: {},
      connect: this.#connect,
      onNotice: undefined,
      observe: undefined,
    };
  }

  #startup(): ReadonlyMap<string, string> {
    const startup = new Map([
      ["database", this.database ?? ""],
      ["client_encoding", "UTF8"],
      ["DateStyle", "ISO"],
    ]);
    const name = this.application_name || this.fallback_application_name;
    if (name !== undefined && name !== "") startup.set("application_name", name);
    for (const timeout of ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"] as const) {
      const value = this[timeout];
      if (value) startup.set(timeout, String(Number.parseInt(String(value), 10)));
    }
    if (this.options) startup.set("options", this.options);
    return startup;
  }

  /** Out of the password file. One that others may read is told of and not used, as with libpq. */
  #filed(): string | undefined {
    const { process } = globalThis as { process?: Process };
    const { host, port, database = "", user = "" } = this;
    try {
      return passwordFromFile(process?.env ?? {}, process, [host, String(port), database, user]);
    } catch (error) {
      console.error((error as Error).message);
      return undefined;
    }
  }

  #secret(): Settings["password"] {
    const { password } = this;
    if (password === null) return this.#filed();
    if (typeof password !== "function") return String(password);
    return async () => {
      const told: unknown = await (password as (parameters: ConnectionParameters) => unknown)(this);
      if (typeof told !== "string") throw new TypeError("Password must be a string");
      return told;
    };
  }
}

type Picked = {
  [Key in keyof Defaults & keyof ClientConfig]: (name: Key, variable?: string) => Defaults[Key] | ClientConfig[Key];
};

/** What is given, else the environment's, else the default. What is empty counts as not given. */
function picker(config: ClientConfig): <Key extends keyof Picked>(name: Key, variable?: string) => Defaults[Key] {
  return (name, variable) =>
    (config[name] ||
      (variable === undefined ? undefined : environment(variable)) ||
      defaults[name]) as Defaults[typeof name];
}

function resolve(given: string | ClientConfig): ClientConfig {
  const config = typeof given === "string" ? { connectionString: given } : given;
  const connectionString = config.connectionString || defaults.connectionString;
  return connectionString ? { ...config, ...parseConnectionString(connectionString) } : config;
}

/** A string comes from untyped code, or from a connection string. */
function sslOf(ssl: string | ClientConfig["ssl"]): boolean | SslOptions {
  const given = ssl ?? SSL_BY_MODE[environment("PGSSLMODE") ?? ""] ?? (defaults.ssl as boolean | SslOptions);
  if (typeof given !== "string") return given ?? false;
  if (given === "true") return true;
  const mode = Object.hasOwn(SSL_BY_MODE, given) ? SSL_BY_MODE[given] : undefined;
  if (mode === undefined) throw new TypeError("ssl must be true, false, an object of TLS options, or an sslmode");
  return mode;
}

type Tls = TlsOptions & { readonly mode: TlsMode };

function tlsOf(ssl: boolean | SslOptions, negotiation: "postgres" | "direct" | undefined): Tls {
  if (ssl === false) return { mode: "off" };
  const mode: TlsMode = negotiation === "direct" ? "on" : "starttls";
  const options: TlsOptions = {
    ...(ssl === true ? {} : tlsOptions(ssl)),
    ...(negotiation === "direct" ? { alpn: ["postgresql"] } : {}),
  };
  return { ...options, mode };
}

function tlsOptions(ssl: SslOptions): TlsOptions {
  const foreign = FOREIGN_TLS.find((name) => (ssl as Record<string, unknown>)[name] !== undefined);
  if (foreign !== undefined) throw new TypeError(`ssl.${foreign} cannot be honoured here, and is not ignored`);
  const { ca, cert, key, servername, rejectUnauthorized } = ssl;
  return {
    ...(ca === undefined ? {} : { ca: Array.isArray(ca) ? ca.map(pem) : pem(ca) }),
    ...(cert === undefined ? {} : { cert: pem(cert) }),
    ...(key === undefined ? {} : { key: pem(key) }),
    ...(servername === undefined || servername === "" ? {} : { servername }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  };
}

function pem(value: string | Uint8Array): string {
  return typeof value === "string" ? value : new TextDecoder().decode(value);
}
