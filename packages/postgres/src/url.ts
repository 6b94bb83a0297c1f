// postgres:// and postgresql:// URLs, and strings of keywords (`host=… dbname=…`), with the parameters of libpq (PostgreSQL documentation, "Connection Strings") and
// those that hosting services print. Encryption that is asked for is always verified: `sslmode=require` means here what
// `verify-full` means to libpq.

import type { TlsMode } from "@landline/core";
import type { TargetSession } from "./hosts.ts";
import type { AuthMethod, PostgresOptions, PostgresTls } from "./options.ts";

type Writable = { -readonly [Key in keyof PostgresOptions]: PostgresOptions[Key] };
type Parameter = (value: string, options: Writable) => void;

const DEFAULT_PORT = 5432;
const SSLMODES: Readonly<Record<string, TlsMode | PostgresTls>> = {
  disable: "off",
  prefer: "prefer",
  require: "starttls",
  "verify-ca": "starttls",
  "verify-full": "starttls",
  "no-verify": { mode: "starttls", rejectUnauthorized: false },
};

/** Run-time settings that pass through to the server. Others go by the option `settings`. */
const RUNTIME_SETTINGS = new Set([
  "default_transaction_deferrable",
  "default_transaction_isolation",
  "default_transaction_read_only",
  "idle_in_transaction_session_timeout",
  "idle_session_timeout",
  "jit",
  "lock_timeout",
  "options",
  "role",
  "search_path",
  "statement_timeout",
  "timezone",
  "transaction_timeout",
  "work_mem",
]);

const PARAMETERS: Readonly<Record<string, Parameter>> = {
  sslmode: (value, options) => {
    const mode = Object.hasOwn(SSLMODES, value) ? SSLMODES[value] : undefined;
    if (mode === undefined) throw new TypeError(`sslmode must be one of ${Object.keys(SSLMODES).join(", ")}`);
    options.tls = mode;
  },
  ssl: (value, options) => {
    options.tls = oneOf("ssl", value, ["true", "false"]) === "true" ? "starttls" : "off";
  },
  sslnegotiation: (value, options) => {
    if (oneOf("sslnegotiation", value, ["postgres", "direct"]) === "postgres") return;
    const given = typeof options.tls === "object" ? options.tls : { mode: options.tls ?? "starttls" };
    if (given.mode !== "starttls")
      throw new TypeError("sslnegotiation=direct needs sslmode=require, verify-full or no-verify");
    options.tls = { ...given, mode: "on", alpn: ["postgresql"] };
  },
  sslrootcert: (value) => {
    if (value !== "system") throw new TypeError("sslrootcert names a file: pass the certificate itself as tls: { ca }");
  },
  sslcert: () => {
    throw new TypeError("sslcert names a file: pass the certificate itself as tls: { cert, key }");
  },
  sslkey: () => {
    throw new TypeError("sslkey names a file: pass the key itself as tls: { cert, key }");
  },
  channel_binding: (value, options) => {
    options.channelBinding = oneOf("channel_binding", value, ["disable", "prefer", "require"]) === "require";
  },
  require_auth: (value, options) => {
    options.auth = authMethods(value);
  },
  gssencmode: (value) => {
    oneOf("gssencmode", value, ["disable", "prefer"]);
  },
  target_session_attrs: (value, options) => {
    options.targetSession = value as TargetSession; // parseOptions knows which there are
  },
  load_balance_hosts: (value, options) => {
    options.loadBalanceHosts = oneOf("load_balance_hosts", value, ["disable", "random"]) === "random";
  },
  min_protocol_version: (value, options) => {
    options.minProtocol = version("min_protocol_version", value);
  },
  max_protocol_version: (value, options) => {
    options.maxProtocol = version("max_protocol_version", value);
  },
  client_encoding: (value) => {
    oneOf("client_encoding", value.toLowerCase(), ["utf8", "utf-8", "auto"]);
  },
  user: (value, options) => {
    options.user = value;
  },
  password: (value, options) => {
    options.password = value;
  },
  host: (value, options) => {
    options.host = value;
  },
  port: (value, options) => {
    options.port = value.split(",").map(portOf);
  },
  dbname: (value, options) => {
    options.database = value;
  },
  hostaddr: () => {
    throw new TypeError(
      "hostaddr has no place here: connect to the address as host, and name the certificate's name as tls: { servername }",
    );
  },
  application_name: (value, options) => {
    options.applicationName = value;
  },
  connect_timeout: (value, options) => {
    if (!/^\d{1,6}$/.test(value)) throw new TypeError("connect_timeout must be a number of seconds");
    // 0 is libpq's word for "no limit"; ours stays bounded.
    if (Number(value) > 0) options.connectTimeout = Number(value) * 1000;
  },
  pgbouncer: (value, options) => {
    if (oneOf("pgbouncer", value, ["true", "false"]) === "true") options.pooling = "transaction";
  },
  connection_limit: (value, options) => {
    if (!/^[1-9]\d{0,4}$/.test(value)) throw new TypeError("connection_limit must be a positive number");
    options.max = Number(value);
  },
};

/** A list of hosts, for which `URL` has no place. */
const SEVERAL_HOSTS = /^(postgres(?:ql)?:\/\/(?:[^@/?#]*@)?)([^@/?#]*,[^@/?#]*)(?=[/?]|$)/;
const KEYWORD = /\s*([a-z_]\w*)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/suy;

/** @throws TypeError that says what is wrong and never repeats the URL. */
export function parseUrl(text: string): PostgresOptions {
  if (typeof text === "string" && !text.includes("://") && /^\s*[a-z_]\w*\s*=/.test(text)) return parseKeywords(text);
  const [whole = "", head = "", hosts] = (typeof text === "string" && SEVERAL_HOSTS.exec(text)) || [];
  const single = hosts === undefined ? text : `${head}localhost${text.slice(whole.length)}`;
  const url =
    typeof text === "string" && /^postgres(?:ql)?:\/\//.test(single) && URL.canParse(single)
      ? new URL(single)
      : undefined;
  if (url === undefined) {
    throw new TypeError(
      "not a postgres:// URL: characters such as @ / ? # : in a user name or password must be percent-encoded",
    );
  }
  if (url.hash !== "") throw new TypeError("a # in a postgres:// URL must be percent-encoded as %23");
  const options: Writable = {};
  if (url.username !== "") options.user = decode("user name", url.username);
  if (url.password !== "") options.password = decode("password", url.password);
  if (url.hostname !== "") options.host = decode("host", url.hostname);
  if (url.port !== "") options.port = Number(url.port);
  if (hosts !== undefined) placeHosts(hosts.split(","), options);
  if (url.pathname.length > 1) options.database = decode("database", url.pathname.slice(1));
  return withParameters(options, parameters(url.search), url.search.includes("@"));
}

function placeHosts(hosts: readonly string[], options: Writable): void {
  const parts = hosts.map((host) => /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(host) ?? []);
  options.host = parts.map(([, name = ""]) => decode("host", name)).join();
  options.port = parts.map(([, , port]) => (port === undefined || port === "" ? DEFAULT_PORT : portOf(port)));
}

function portOf(text: string): number {
  return /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN; // which parseOptions refuses
}

/** Keywords and values, as libpq takes them: `host=db.example dbname='my app'`. */
function parseKeywords(text: string): PostgresOptions {
  const pairs: [string, string][] = [];
  KEYWORD.lastIndex = 0;
  while (text.slice(KEYWORD.lastIndex).trim() !== "") {
    const [, name, quoted, bare = ""] = KEYWORD.exec(text) ?? [];
    if (name === undefined)
      throw new TypeError(
        "a connection string of keywords has pairs of name=value, with a value that has spaces in '…'",
      );
    pairs.push([name, (quoted ?? bare).replaceAll(/\\(.)/gsu, "$1")]);
  }
  return withParameters({}, pairs.sort(later), false);
}

/** What parameters of these names say. `hasAt`: there is an @ where none belongs. */
export function withParameters(options: Writable, given: readonly [string, string][], hasAt: boolean): PostgresOptions {
  const settings: Record<string, string> = {};
  const unknown: string[] = [];
  for (const [name, value] of given) {
    const parameter = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name] : undefined;
    if (parameter !== undefined) parameter(value, options);
    else if (RUNTIME_SETTINGS.has(name.toLowerCase())) settings[name] = value;
    else unknown.push(name);
  }
  if (unknown.length > 0) {
    // A password with a ? in it ends up here, in front of the host: such names are not told.
    if (hasAt) {
      throw new TypeError(
        "a ? in the user name or password of a postgres:// URL must be percent-encoded as %3F (or it has a parameter that is not known)",
      );
    }
    throw new TypeError(
      `unknown parameters in the URL: ${unknown.join(", ")}; run-time settings go by the option settings`,
    );
  }
  return { ...options, settings };
}

/** Parameters with percent-decoding alone: a plus sign is a plus sign, as in libpq. */
function parameters(search: string): [string, string][] {
  if (search.length < 2) return [];
  return search
    .slice(1)
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const equals = part.indexOf("=");
      if (equals < 0) throw new TypeError("a parameter in the URL has no value");
      return [decode("parameters", part.slice(0, equals)), decode("parameters", part.slice(equals + 1))] as [
        string,
        string,
      ];
    })
    .sort(later);
}

/** What builds on sslmode comes last. */
function later([name]: readonly [string, string], [other]: readonly [string, string]): number {
  return Number(name === "sslnegotiation") - Number(other === "sslnegotiation");
}

function decode(what: string, text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    throw new TypeError(`the ${what} in the URL is not percent-encoded properly; a % itself is %25`);
  }
  if (decoded.includes("\0")) throw new TypeError(`the ${what} in the URL must not contain a NUL character`);
  return decoded;
}

/** @throws TypeError when it is none of them. */
export function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  if (!(allowed as readonly string[]).includes(value)) throw new TypeError(`${name} must be ${allowed.join(" or ")}`);
  return value as T;
}

function version(name: string, value: string): "3.0" | "3.2" {
  return oneOf(name, value === "latest" ? "3.2" : value, ["3.0", "3.2"]);
}

/** libpq's require_auth: a list of methods that may be used, or of methods with `!` that may not. */
function authMethods(value: string): AuthMethod[] {
  const all: readonly string[] = ["scram-sha-256", "md5", "password", "none"];
  const named = value.split(",").map((method) => method.trim());
  const negated = named.every((method) => method.startsWith("!"));
  if (!negated && named.some((method) => method.startsWith("!")))
    throw new TypeError("require_auth cannot mix methods with and without !");
  const plain = negated ? named.map((method) => method.slice(1)) : named;
  const foreign = plain.find((method) => !all.includes(method));
  if (foreign !== undefined) throw new TypeError(`require_auth may hold ${all.join(", ")}`);
  return all.filter((method) => plain.includes(method) !== negated) as AuthMethod[];
}
