// Connection strings as pg-connection-string reads them: every parameter becomes an option of the Client by its own name.
// Encryption that is asked for is always verified, unless `sslmode=no-verify` says otherwise.

import type { ClientConfig, SslOptions } from "./parameters.ts";

const MODES = new Set(["disable", "prefer", "require", "verify-ca", "verify-full", "no-verify"]);

/** @throws TypeError that does not repeat the string. */
export function parseConnectionString(text: string): ClientConfig {
  if (text.startsWith("/")) {
    const [host = "", database] = text.split(" ");
    return { host, database };
  }
  const url = urlOf(text);
  const config: Record<string, unknown> = Object.fromEntries(url.searchParams);
  const { sslmode, ssl, uselibpqcompat, port } = config;
  config.user ||= decode(url.username) || undefined;
  config.password ||= decode(url.password) || undefined;
  config.host ||= decode(url.hostname === NOBODY ? "" : url.hostname.replace(/^\[(.*)\]$/, "$1")) || undefined;
  config.port = Number(port ?? url.port) || undefined;
  config.database ||= decode(url.pathname.slice(1)) || undefined;
  if (uselibpqcompat !== undefined)
    throw new TypeError("uselibpqcompat is not offered: it would turn off the verification of certificates");
  for (const file of ["sslcert", "sslkey", "sslrootcert"]) {
    if (config[file] !== undefined && config[file] !== "system") {
      throw new TypeError(`${file} names a file: pass what is in it as ssl: { ca, cert, key }`);
    }
  }
  const chosen = sslOf(sslmode, ssl);
  if (chosen !== undefined) config.ssl = chosen;
  else if (config.sslnegotiation === "direct") config.ssl = true;
  else delete config.ssl;
  for (const name of Object.keys(config)) if (config[name] === undefined) delete config[name];
  return config as ClientConfig;
}

/** For URLs without a host, which then comes from elsewhere. */
const NOBODY = "nobody.invalid";

function urlOf(text: string): URL {
  // A blank in a password is no reason to fail.
  const escaped = / |%[^a-f0-9]|%[a-f0-9][^a-f0-9]/i.test(text)
    ? encodeURI(text).replaceAll(/%25(\d\d)/g, "%$1")
    : text;
  const complete = escaped.replace(/^([a-z]+:\/\/(?:[^/?#]*@)?)(?=[/?#]|$)/i, `$1${NOBODY}`);
  if (!/^postgres(?:ql)?:\/\//i.test(complete) || !URL.canParse(complete)) {
    throw new TypeError(
      "the connection string is not a postgres:// URL; characters such as @ / ? # : in its parts must be percent-encoded",
    );
  }
  return new URL(complete);
}

function sslOf(sslmode: unknown, ssl: unknown): boolean | SslOptions | undefined {
  if (typeof sslmode === "string") {
    if (!MODES.has(sslmode)) throw new TypeError(`sslmode must be one of ${[...MODES].join(", ")}`);
    if (sslmode === "disable") return false;
    return sslmode === "no-verify" ? { rejectUnauthorized: false } : true;
  }
  if (ssl === "no-verify") return { rejectUnauthorized: false };
  return ssl === undefined ? undefined : ssl !== "0" && ssl !== "false";
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new TypeError("a part of the connection string is not percent-encoded properly; a % itself is %25");
  }
}
