// `@landline/postgres/environment`: the options that libpq takes from the environment, and the password from its password file
// (PostgreSQL documentation, "Environment Variables" and "The Password File"). On Node, Deno and Bun.

import type { PostgresOptions } from "./options.ts";
import { withParameters } from "./url.ts";

/** Variable, and the parameter of a URL that says the same. In order: what builds on another comes behind it. */
const VARIABLES: Readonly<Record<string, string>> = {
  PGHOST: "host",
  PGPORT: "port",
  PGDATABASE: "dbname",
  PGUSER: "user",
  PGPASSWORD: "password",
  PGAPPNAME: "application_name",
  PGOPTIONS: "options",
  PGTZ: "timezone",
  PGCONNECT_TIMEOUT: "connect_timeout",
  PGREQUIREAUTH: "require_auth",
  PGCHANNELBINDING: "channel_binding",
  PGSSLMODE: "sslmode",
  PGSSLNEGOTIATION: "sslnegotiation",
  PGTARGETSESSIONATTRS: "target_session_attrs",
  PGLOADBALANCEHOSTS: "load_balance_hosts",
  PGMINPROTOCOLVERSION: "min_protocol_version",
  PGMAXPROTOCOLVERSION: "max_protocol_version",
  PGCLIENTENCODING: "client_encoding",
};
/** Bits of a file's mode: what others than its owner may do. */
const GROUP_AND_OTHERS = 0o077;

/** What of Node's file system is used. */
interface Files {
  readFileSync(path: string, encoding: "utf8"): string;
  statSync(path: string): { readonly mode: number };
}

type Environment = Readonly<Record<string, string | undefined>>;

interface Process {
  readonly env: Environment;
  readonly platform: string;
  getBuiltinModule?(name: string): unknown;
}

/**
 * Options for `postgres()` from `PGHOST`, `PGUSER` and so on, a certificate from the file that `PGSSLROOTCERT` names, and where
 * `PGPASSWORD` is not set, the password from `PGPASSFILE` or `~/.pgpass`, which nobody else may be allowed to read.
 *
 * @throws TypeError when a variable is not valid, or a file that is named cannot be used.
 *
 * @example
 * const sql = postgres({ ...environment(), max: 20 });
 */
export function environment(variables?: Environment): PostgresOptions {
  const process = (globalThis as { process?: Process }).process;
  const env = variables ?? process?.env ?? {};
  const given: [string, string][] = [];
  for (const [variable, parameter] of Object.entries(VARIABLES)) {
    const value = env[variable];
    if (value !== undefined && value !== "") given.push([parameter, value]);
  }
  const options = withRootCertificate(withParameters({}, given, false), env, process);
  const user = options.user ?? env["USER"] ?? env["USERNAME"];
  const complete = user === undefined ? options : { ...options, user };
  const password = complete.password ?? passwordFrom(env, process, complete);
  return password === undefined ? complete : { ...complete, password };
}

function withRootCertificate(
  options: PostgresOptions,
  env: Environment,
  process: Process | undefined,
): PostgresOptions {
  const path = env["PGSSLROOTCERT"];
  if (path === undefined || path === "" || path === "system") return options;
  const ca = read(path, filesOf(process));
  if (ca === undefined) throw new TypeError("the file that PGSSLROOTCERT names cannot be read");
  return {
    ...options,
    tls: { ...(typeof options.tls === "object" ? options.tls : { mode: options.tls ?? "starttls" }), ca },
  };
}

function passwordFrom(env: Environment, process: Process | undefined, options: PostgresOptions): string | undefined {
  const home = env["HOME"];
  const named = env["PGPASSFILE"];
  const path =
    named ?? (process?.platform === "win32" ? `${env["APPDATA"]}\\postgresql\\pgpass.conf` : `${home}/.pgpass`);
  const files = filesOf(process);
  const text = read(path, files);
  if (text === undefined) return undefined;
  if (process?.platform !== "win32" && ((files?.statSync(path).mode ?? 0) & GROUP_AND_OTHERS) !== 0)
    throw new TypeError("the password file may be read by others: take that away from them (chmod 600)");
  const { host = "localhost", port = 5432, user = "", database = user } = options;
  return passwordIn(text, [
    host.split(",")[0] ?? "",
    String(typeof port === "object" ? port[0] : port),
    database,
    user,
  ]);
}

/** The first line that fits: `host:port:database:user:password`, where a star fits everything. */
function passwordIn(text: string, place: readonly string[]): string | undefined {
  for (const line of text.split(/\r?\n/)) {
    const fields = line.startsWith("#")
      ? []
      : Array.from(line.matchAll(/((?:[^:\\]|\\.)*)(?::|$)/gu), ([, field = ""]) => field);
    const password = line.replace(/^(?:(?:[^:\\]|\\.)*:){4}/u, "");
    const fits = place.every((part, index) => fields[index] === "*" || unescaped(fields[index] ?? "") === part);
    if (fields.length > place.length && fits) return unescaped(password);
  }
  return undefined;
}

function unescaped(field: string): string {
  return field.replaceAll(/\\([:\\])/gu, "$1");
}

function filesOf(process: Process | undefined): Files | undefined {
  return process?.getBuiltinModule?.("node:fs") as Files | undefined;
}

function read(path: string, files: Files | undefined): string | undefined {
  try {
    return files?.readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
