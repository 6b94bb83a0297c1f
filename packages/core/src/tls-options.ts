// Which TLS options are given at all. What they may be is the business of the runtime that honours them.

import type { SecureTransport, TlsOptions } from "./socket.ts";

const NAMES = ["ca", "cert", "key", "alpn", "servername", "rejectUnauthorized"] as const;

/**
 * Those of `options` that have a value.
 * @throws TypeError when `mode` is none, or when there are some, and no TLS that they could apply to.
 */
export function givenTlsOptions(options: TlsOptions, mode: SecureTransport): TlsOptions {
  if (!["off", "on", "starttls"].includes(mode)) throw new TypeError('TLS must be "off", "on" or "starttls"');
  const given = NAMES.filter((name) => options[name] !== undefined);
  if (mode === "off" && given.length > 0) throw new TypeError(`there is no TLS for ${given.join(", ")}`);
  return Object.fromEntries(given.map((name) => [name, options[name]]));
}
