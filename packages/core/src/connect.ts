// connect(): a Socket at once, on whichever runtime this is. The runtime's half is chosen by export condition.

import { connect as connectOnRuntime } from "#runtime";
import { parseAddress } from "./address.ts";
import type { AnySocketAddress, SecureTransport, Socket, SocketOptions } from "./socket.ts";

const SECURE_TRANSPORTS: readonly SecureTransport[] = ["off", "on", "starttls"];

/**
 * Opens a TCP connection and returns its socket at once; wait for `opened` before reading. Most protocol code wants
 * {@link dial} instead, which adds a deadline, an `AbortSignal` and a uniform contract.
 *
 * @throws TypeError when the address or an option is not valid, before any I/O.
 * @throws ConnectError `CONNECT_GLOBAL_SCOPE` in the global scope of a Worker, where no I/O is allowed.
 * @throws TlsError `TLS_UNSUPPORTED_OPTION` for TLS options that the runtime cannot honour.
 */
export function connect(address: AnySocketAddress, options: SocketOptions = {}): Socket {
  const { secureTransport = "off" } = options;
  if (!SECURE_TRANSPORTS.includes(secureTransport)) {
    throw new TypeError(`secureTransport must be "off", "on" or "starttls", not ${JSON.stringify(secureTransport)}`);
  }
  return connectOnRuntime(parseAddress(address), options);
}
