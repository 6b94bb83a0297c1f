// Which TLS options are given at all. What they may be is the business of the runtime that honours them.

import type { TlsMode, TlsOptions } from "./socket.ts";

/** The options that have a value. @throws TypeError when there are some, and no TLS that they could apply to. */
export function givenTlsOptions(options: TlsOptions, mode: TlsMode): TlsOptions {
  if (typeof options !== "object" || options === null) throw new TypeError("tls must be an object of TLS options");
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  if (mode === "off" && given.length > 0) {
    throw new TypeError(`there is no TLS that ${given.map(([name]) => name).join(", ")} could apply to`);
  }
  return Object.fromEntries(given);
}
