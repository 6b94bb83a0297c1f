// What a client may be told, and the one form that everything else reads: checked, complete, secrets in one place.

import { parseAddress } from "@landline/core";
import type { Connector, Observer, SocketAddress, TlsMode, TlsOptions } from "@landline/core";
import type { PoolOptions } from "@landline/core/pool";
import { RateLimit } from "./rate.ts";
import type { Composed } from "./message/compose.ts";
import type { Login } from "./handshake.ts";
import { loginWith } from "./auth/authenticate.ts";
import { MECHANISM_NAMES } from "./auth/mechanism.ts";
import type { Credentials, TokenProvider } from "./auth/mechanism.ts";

/** Puts a signature before a message. */
export type Signer = (message: Composed) => Promise<Composed>;

/** Options of {@link smtp}. What is said here goes before what the URL says. */
export interface SmtpOptions extends TlsOptions {
  /** `smtps://user:password@host` (TLS from the first byte) or `smtp://user:password@host` (STARTTLS). */
  readonly url?: string | URL;
  readonly hostname?: string;
  /** Default 465 with `tls: "on"`, else 587. */
  readonly port?: number;
  /**
   * Default `"starttls"`, also without a login: mail goes in the clear only where `"off"` or `"prefer"` is said by name.
   */
  readonly tls?: TlsMode;
  readonly username?: string;
  readonly password?: string;
  /** An OAuth 2 access token, or what gives one for each new connection. Instead of a password. */
  readonly accessToken?: string | TokenProvider;
  /** The only SASL mechanism to use, such as `"PLAIN"`. Default: the best that the server offers. */
  readonly authMethod?: string;
  /** How this client introduces itself (EHLO): a domain name or an address literal. Default `[127.0.0.1]`. */
  readonly name?: string;
  /** Milliseconds for a new connection: TCP, TLS, greeting, login. Default 20,000. */
  readonly connectTimeout?: number;
  /** Milliseconds without an answer to a command, or without progress of a message. Default 30,000. */
  readonly commandTimeout?: number;
  /** Milliseconds for the server's word on a whole message. Default 120,000. */
  readonly dataTimeout?: number;
  /** LMTP (RFC 2033) instead of SMTP; `lmtp://` says the same. */
  readonly lmtp?: boolean;
  /**
   * `false`: messages go by DATA, one at a time. Default: in chunks where the server offers that (CHUNKING), and then with
   * up to 10 small messages in flight on one connection.
   */
  readonly chunking?: boolean;
  /** How many messages may begin in `rateDelta` ms, over all connections. What has to wait keeps its place. Default: no limit. */
  readonly rateLimit?: number;
  /** Milliseconds. Default 1,000. */
  readonly rateDelta?: number;
  /** Signs each message: `dkim({ … })` of `@landline/smtp/dkim`. */
  readonly dkim?: Signer;
  /** Used instead of the runtime's own `connect`. */
  readonly connect?: Connector;
  /** Hears of connections, messages and the pool; see `@landline/core/tracing`. Default: nobody. */
  readonly observe?: Observer | undefined;
  /**
   * Connections. Defaults that differ from other pools': `max` 2, `maxUses` (messages for one connection) 100,
   * `acquireTimeout` (how long a message waits for a connection) 60,000, `idleTimeout` 15,000.
   */
  readonly pool?: PoolOptions;
}

/** Options, complete and checked. */
export interface Settings {
  readonly address: SocketAddress;
  readonly tls: TlsMode;
  readonly tlsOptions: TlsOptions;
  readonly credentials: Credentials | undefined;
  /** The same as the handshake wants it. */
  readonly login: Login | undefined;
  readonly name: string;
  readonly connectTimeout: number;
  readonly commandTimeout: number;
  readonly dataTimeout: number;
  readonly lmtp: boolean;
  readonly chunking: boolean;
  readonly rate: RateLimit | undefined;
  readonly dkim: Signer | undefined;
  readonly connect: Connector | undefined;
  readonly observe: Observer | undefined;
  readonly pool: PoolOptions;
}

const TLS_MODES: readonly string[] = ["off", "on", "starttls", "prefer"] satisfies TlsMode[];
/** What each port speaks, wherever a provider opens it. */
const IMPLICIT_TLS_PORTS: readonly number[] = [465, 2465];
const STARTTLS_PORTS: readonly number[] = [25, 587, 2525, 2587];
const TLS_OPTIONS = ["ca", "cert", "key", "alpn", "servername", "rejectUnauthorized"] as const;
const OPTIONS: ReadonlySet<string> = new Set<keyof SmtpOptions>([
  ...TLS_OPTIONS,
  "url",
  "hostname",
  "port",
  "tls",
  "username",
  "password",
  "accessToken",
  "authMethod",
  "name",
  "connectTimeout",
  "commandTimeout",
  "dataTimeout",
  "lmtp",
  "chunking",
  "rateLimit",
  "rateDelta",
  "dkim",
  "connect",
  "observe",
  "pool",
]);
const CLIENT_NAME = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[a-z0-9.:]+\])$/i;

/** @throws TypeError that says what is wrong and what to write instead; it never holds the password. */
export function parseOptions(input: string | URL | SmtpOptions): Settings {
  const given: SmtpOptions = typeof input === "string" || input instanceof URL ? { url: input } : input;
  if (typeof given !== "object" || given === null) throw new TypeError("smtp() takes a URL or options");
  const stranger = Object.keys(given).find((key) => !OPTIONS.has(key));
  if (stranger !== undefined) throw new TypeError(`smtp() has no option ${JSON.stringify(stranger.slice(0, 40))}`);
  const told: SmtpOptions = given.url === undefined ? given : { ...parseUrl(given.url), ...defined(given) };

  const { tls = "starttls", lmtp = false, name = "[127.0.0.1]" } = told;
  if (!TLS_MODES.includes(tls)) throw new TypeError(`tls must be one of ${TLS_MODES.join(", ")}`);
  if (told.hostname === undefined) throw new TypeError("smtp() needs a hostname, or a URL that has one");
  if (lmtp && told.port === undefined) throw new TypeError("LMTP has no port of its own: say which");
  const address = parseAddress({ hostname: told.hostname, port: told.port ?? (tls === "on" ? 465 : 587) });
  checkPort(address.port, tls);
  if (!CLIENT_NAME.test(name) || name.length > 255) {
    throw new TypeError("name must be a domain name or an address literal such as [192.0.2.1]");
  }
  const credentials = credentialsOf(told);
  return {
    address,
    tls,
    tlsOptions: Object.fromEntries(TLS_OPTIONS.filter((key) => told[key] !== undefined).map((key) => [key, told[key]])),
    credentials,
    login: credentials === undefined ? undefined : loginWith(credentials),
    name,
    connectTimeout: milliseconds("connectTimeout", told.connectTimeout ?? 20_000),
    commandTimeout: milliseconds("commandTimeout", told.commandTimeout ?? 30_000),
    dataTimeout: milliseconds("dataTimeout", told.dataTimeout ?? 120_000),
    lmtp,
    chunking: told.chunking !== false,
    rate: rateOf(told),
    dkim: told.dkim,
    connect: told.connect,
    observe: told.observe,
    pool: { max: 2, maxUses: 100, acquireTimeout: 60_000, idleTimeout: 15_000, ...told.pool },
  };
}

function parseUrl(input: string | URL): SmtpOptions {
  if (!URL.canParse(String(input))) throw badUrl("it cannot be read");
  const url = new URL(String(input));
  const { protocol, port } = url;
  if (protocol !== "smtp:" && protocol !== "smtps:" && protocol !== "lmtp:")
    throw badUrl("it must start with smtp://, smtps:// or lmtp://");
  if (url.hostname === "") throw badUrl("it has no host");
  if ((url.pathname !== "" && url.pathname !== "/") || url.hash !== "")
    throw badUrl("nothing may follow the host but parameters");
  let tls = protocol === "smtps:" ? "on" : "starttls";
  let name: string | undefined;
  for (const [key, value] of url.searchParams) {
    if (key === "name") {
      name = value;
    } else if (key === "tls") {
      if (!TLS_MODES.includes(value)) throw badUrl(`tls must be one of ${TLS_MODES.join(", ")}`);
      if (protocol === "smtps:" && value !== "on")
        throw badUrl(`smtps:// is TLS from the first byte; for tls=${value} write smtp://`);
      tls = value;
    } else if (url.search.includes("@")) {
      // A password with a ? in it ends up here, in front of the host: such a name is not told.
      throw badUrl("it has an @ behind a ?, which has to be percent-encoded in a password");
    } else {
      throw badUrl(
        `it has a parameter that this client does not know (${JSON.stringify(key.slice(0, 40))}); it knows tls and name`,
      );
    }
  }
  return {
    hostname: decoded(url.hostname),
    tls: tls as TlsMode,
    lmtp: protocol === "lmtp:",
    ...(port === "" ? {} : { port: Number(port) }),
    ...(name === undefined ? {} : { name }),
    ...(url.username === "" ? {} : { username: decoded(url.username) }),
    ...(url.password === "" ? {} : { password: decoded(url.password) }),
  };
}

function checkPort(port: number, tls: TlsMode): void {
  if (tls !== "on" && IMPLICIT_TLS_PORTS.includes(port)) {
    throw new TypeError(`port ${port} speaks TLS from the first byte: write smtps:// or tls: "on" (not tls: "${tls}")`);
  }
  if (tls === "on" && STARTTLS_PORTS.includes(port)) {
    throw new TypeError(
      `port ${port} starts in the clear and upgrades by STARTTLS: write smtp:// or tls: "starttls" (not tls: "on")`,
    );
  }
}

function credentialsOf({ username, password, accessToken, authMethod: method }: SmtpOptions): Credentials | undefined {
  if (method !== undefined && !MECHANISM_NAMES.includes(method))
    throw new TypeError(`authMethod must be one of ${MECHANISM_NAMES.join(", ")}`);
  if (username === undefined && password === undefined && accessToken === undefined) return undefined;
  if (accessToken === undefined ? typeof password !== "string" : password !== undefined)
    throw new TypeError("a login needs a password or an accessToken, not both");
  if (typeof username !== "string" || username === "") throw new TypeError("a login needs a username");
  if (/[\u0000-\u001f\u007f]/.test(username) || `${password}`.includes("\0") || !(username + password).isWellFormed())
    throw new TypeError("username and password must be text without NUL or other control characters");
  if (accessToken !== undefined && typeof accessToken !== "string" && typeof accessToken !== "function")
    throw new TypeError("accessToken must be a string, or a function that gives one");
  return { username, password, accessToken, method };
}

function rateOf({ rateLimit, rateDelta = 1_000 }: SmtpOptions): RateLimit | undefined {
  const interval = milliseconds("rateDelta", rateDelta);
  if (rateLimit === undefined) return undefined;
  if (!(Number.isInteger(rateLimit) && rateLimit > 0 && rateLimit <= 100_000))
    throw new TypeError("rateLimit must be a whole number of messages, 1 to 100,000");
  return new RateLimit(rateLimit, interval);
}

function milliseconds(name: string, value: number): number {
  if (!(typeof value === "number" && value > 0))
    throw new TypeError(`${name} must be a positive number of milliseconds`);
  return value;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl("a percent sign is not followed by two hexadecimal digits (write % itself as %25)");
  }
}

function badUrl(why: string): TypeError {
  return new TypeError(
    `not a valid SMTP URL: ${why}. It looks like smtps://user:password@smtp.example:465; characters such as @ : / ? # % in user and password are percent-encoded (@ is %40, / is %2F)`,
  );
}

function defined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
