// connect(): a Socket at once, on whichever runtime this is. The runtime's half is chosen by export condition.

import { connect as connectOnRuntime } from "#runtime";
import { parseAddress } from "./address.ts";
import type { AnySocketAddress, Socket, SocketOptions } from "./socket.ts";
import { givenTlsOptions } from "./tls-options.ts";

/**
 * Opens a TCP connection and returns its socket at once; wait for `opened` before reading. Most protocol code wants
 * {@link dial} instead, which adds a deadline, an `AbortSignal` and a uniform contract.
 *
 * @throws TypeError when the address or an option is not valid, before any I/O.
 * @throws ConnectError `CONNECT_GLOBAL_SCOPE` in the global scope of a Worker, where no I/O is allowed.
 * @throws TlsError `TLS_UNSUPPORTED_OPTION` for TLS options that the runtime cannot honour.
 */
export function connect(address: AnySocketAddress, options: SocketOptions = {}): Socket {
  const where = parseAddress(address);
  const { secureTransport = "off", allowHalfOpen = false, highWaterMark = 1, tls = {} } = options;
  const valid = {
    options: Object(options) === options,
    allowHalfOpen: typeof allowHalfOpen === "boolean",
    highWaterMark: typeof highWaterMark === "number" && highWaterMark > 0,
    tls: Object(tls) === tls,
  };
  for (const [name, is] of Object.entries(valid)) if (!is) throw new TypeError(`${name} is not valid`);
  return connectOnRuntime(where, { ...options, tls: givenTlsOptions(tls, secureTransport) });
}
