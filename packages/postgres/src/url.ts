// postgres:// and postgresql:// URLs, and strings of keywords (`host=… dbname=…`), with the parameters of libpq (PostgreSQL documentation, "Connection Strings") and
// those that hosting services print. Encryption that is asked for is always verified: `sslmode=require` means here what
// `verify-full` means to libpq.

import type { TlsMode } from "@landline/core";
import type { AuthMethod, PostgresOptions, PostgresTls } from "./options.ts";

type Writable = { -readonly [Key in keyof PostgresOptions]: PostgresOptions[Key] };
type Parameter = (value: string, options: Writable, name: string) => void;
type Reader<T> = (value: string, name: string) => T;

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
const RUNTIME_SETTINGS =
  /^(?:default_transaction_(?:deferrable|isolation|read_only)|idle_(?:in_transaction_)?session_timeout|jit|(?:lock|statement|transaction)_timeout|options|role|search_path|timezone|work_mem)$/i;

/** The option that a parameter sets, as it is or as `read` has it. */
function to<Name extends keyof Writable>(option: Name, read: Reader<unknown> = String): Parameter {
  return (value, options, name) => {
    options[option] = read(value, name) as Writable[Name];
  };
}

function word<T extends string>(...allowed: T[]): Reader<T> {
  return (value, name) => oneOf(name, value, allowed);
}

/** Of several words, whether it is the first. */
function is(yes: string, ...no: string[]): Reader<boolean> {
  const read = word(yes, ...no);
  return (value, name) => read(value, name) === yes;
}

function number(pattern: RegExp, what: string): Reader<number> {
  return (value, name) => {
    if (!pattern.test(value)) throw new TypeError(`${name} must be ${what}`);
    return Number(value);
  };
}

/** A file, of which the content has to be passed. */
function file(option: string): Parameter {
  return (value, _, name) => {
    if (value !== "system") throw new TypeError(`${name} names a file: pass what is in it as tls: { ${option} }`);
  };
}

const bool = is("true", "false");
const seconds = number(/^\d{1,6}$/, "a number of seconds");
const version: Reader<"3.0" | "3.2"> = (value, name) => oneOf(name, value === "latest" ? "3.2" : value, ["3.0", "3.2"]);
const encoding = word("utf8", "utf-8", "auto");

const PARAMETERS: Readonly<Record<string, Parameter>> = {
  host: to("host"),
  port: to("port", (value) => value.split(",").map(portOf)),
  user: to("user"),
  password: to("password"),
  dbname: to("database"),
  application_name: to("applicationName"),
  sslmode: to("tls", (value, name) => SSLMODES[word(...Object.keys(SSLMODES))(value, name)]),
  ssl: to("tls", (value, name) => (bool(value, name) ? "starttls" : "off")),
  sslnegotiation(value, options, name) {
    if (!is("direct", "postgres")(value, name)) return;
    const given = typeof options.tls === "object" ? options.tls : { mode: options.tls ?? "starttls" };
    if (given.mode !== "starttls") throw new TypeError("sslnegotiation=direct needs sslmode=require or verify-full");
    options.tls = { ...given, mode: "on", alpn: ["postgresql"] };
  },
  sslrootcert: file("ca"),
  sslcert: file("cert"),
  sslkey: file("key"),
  channel_binding: to("channelBinding", is("require", "disable", "prefer")),
  require_auth: to("auth", authMethods),
  gssencmode: (value, _, name) => void oneOf(name, value, ["disable", "prefer"]),
  target_session_attrs: to("targetSession"), // parseOptions knows which there are
  load_balance_hosts: to("loadBalanceHosts", is("random", "disable")),
  min_protocol_version: to("minProtocol", version),
  max_protocol_version: to("maxProtocol", version),
  client_encoding: (value, _, name) => void encoding(value.toLowerCase(), name),
  hostaddr() {
    throw new TypeError("hostaddr is not taken: give it as host, and the certificate's name as tls: { servername }");
  },
  // 0 is libpq's word for "no limit"; ours stays bounded.
  connect_timeout: to("connectTimeout", (value, name) => seconds(value, name) * 1000 || undefined),
  pgbouncer: to("pooling", (value, name) => (bool(value, name) ? "transaction" : undefined)),
  connection_limit: to("max", number(/^[1-9]\d{0,4}$/, "a positive number")),
};

/** A list of hosts, for which `URL` has no place. */
const SEVERAL_HOSTS = /^(postgres(?:ql)?:\/\/(?:[^@/?#]*@)?)([^@/?#]*,[^@/?#]*)(?=[/?]|$)/;
const KEYWORD = /\s*([a-z_]\w*)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/suy;

/** @throws TypeError that says what is wrong and never repeats the URL. */
export function parseUrl(text: string): PostgresOptions {
  if (/^\s*[a-z_]\w*\s*=/.test(text) && !text.includes("://")) return parseKeywords(text);
  const [whole = "", head = "", hosts] = SEVERAL_HOSTS.exec(text) ?? [];
  const single = hosts === undefined ? text : `${head}localhost${text.slice(whole.length)}`;
  if (!/^postgres(?:ql)?:\/\//.test(single) || !URL.canParse(single))
    throw new TypeError("not a postgres:// URL: in a user name or password, @ / ? # and : are percent-encoded");
  const url = new URL(single);
  if (url.hash !== "") throw new TypeError("a # in a postgres:// URL is percent-encoded, as %23");
  const options: Writable = {};
  const set = (name: "user" | "password" | "host" | "database", part: string): void => {
    if (part !== "") options[name] = decode(name, part);
  };
  set("user", url.username);
  set("password", url.password);
  set("host", url.hostname);
  set("database", url.pathname.slice(1));
  if (url.port !== "") options.port = Number(url.port);
  if (hosts !== undefined) placeHosts(hosts.split(","), options);
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
    if (name === undefined) throw new TypeError("keywords come as pairs of name=value, a value with spaces in '…'");
    pairs.push([name, (quoted ?? bare).replaceAll(/\\(.)/gsu, "$1")]);
  }
  return withParameters({}, pairs.sort(later), false);
}

/** What parameters of these names say. `hasAt`: there is an @ where none belongs. */
export function withParameters(options: Writable, given: readonly [string, string][], hasAt: boolean): PostgresOptions {
  const settings: Record<string, string> = {};
  const unknown: string[] = [];
  for (const [name, value] of given) {
    if (Object.hasOwn(PARAMETERS, name)) PARAMETERS[name]?.(value, options, name);
    else if (RUNTIME_SETTINGS.test(name)) settings[name] = value;
    else unknown.push(name);
  }
  // A password with a ? in it ends up among the names, in front of the host: then they are not told.
  if (unknown.length > 0)
    throw new TypeError(
      hasAt
        ? "in the user name or password of a postgres:// URL, a ? is percent-encoded, as %3F"
        : `unknown parameters: ${unknown.join(", ")}; run-time settings go by the option settings`,
    );
  return { ...options, settings };
}

/** Parameters with percent-decoding alone: a plus sign is a plus sign, as in libpq. */
function parameters(search: string): [string, string][] {
  const parts = search.slice(1).split("&");
  return parts
    .filter((part) => part !== "")
    .map((part): [string, string] => {
      const [, name, value] = /^(.*?)=(.*)$/s.exec(part) ?? [];
      if (name === undefined) throw new TypeError("a parameter in the URL has no value");
      return [decode("parameters", name), decode("parameters", value as string)];
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
    throw new TypeError(`the ${what} in the URL is not percent-encoded; a % itself is %25`);
  }
  if (decoded.includes("\0")) throw new TypeError(`the ${what} in the URL must not contain a NUL character`);
  return decoded;
}

/** @throws TypeError when it is none of them. */
export function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  if (!(allowed as readonly string[]).includes(value)) throw new TypeError(`${name} must be ${allowed.join(" or ")}`);
  return value as T;
}

/** libpq's require_auth: a list of methods that may be used, or of methods with `!` that may not. */
function authMethods(value: string): AuthMethod[] {
  const all: AuthMethod[] = ["scram-sha-256", "md5", "password", "none"];
  const named = value.split(",").map((method) => method.trim());
  const negated = value.trim().startsWith("!");
  const plain = named.map((method) => (negated ? method.replace(/^!/, "") : method));
  if (
    named.some((method) => method.startsWith("!") !== negated) ||
    plain.some((method) => !all.includes(method as AuthMethod))
  )
    throw new TypeError(`require_auth may hold ${all.join(", ")}, all of them or none with a !`);
  return all.filter((method) => plain.includes(method) !== negated);
}
