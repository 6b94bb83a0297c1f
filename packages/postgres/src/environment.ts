// `@landline/postgres/environment`: the options that libpq takes from the environment, and the password from its password file
// (PostgreSQL documentation, "Environment Variables" and "The Password File"). On Node, Deno and Bun.

import type { PostgresOptions } from "./options.ts";
import { passwordFromFile, readText, type Environment, type Process } from "./password-file.ts";
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
  const ca = readText(path, process);
  if (ca === undefined) throw new TypeError("the file that PGSSLROOTCERT names cannot be read");
  return {
    ...options,
    tls: { ...(typeof options.tls === "object" ? options.tls : { mode: options.tls ?? "starttls" }), ca },
  };
}

function passwordFrom(env: Environment, process: Process | undefined, options: PostgresOptions): string | undefined {
  const { host = "localhost", port = 5432, user = "", database = user } = options;
  return passwordFromFile(env, process, [
    host.split(",")[0] ?? "",
    String(typeof port === "object" ? port[0] : port),
    database,
    user,
  ]);
}
