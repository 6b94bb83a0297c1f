// connect() on workerd: the platform's own socket, behind our checks. What the platform cannot do is refused by name.

import { connect as platformConnect } from "cloudflare:sockets";
import { inBrackets } from "../address.ts";
import { TlsError, unsent } from "../errors.ts";
import { failureOf } from "../failure.ts";
import type { Socket, SocketAddress, SocketOptions } from "../socket.ts";
import { HALF_OPEN } from "../wire.ts";

/** See `connect` of the package. */
export function connect(address: SocketAddress, { tls = {}, ...options }: SocketOptions): Socket {
  // Asking for what happens anyway is no request.
  const refused = Object.keys(tls).filter((name) => name !== "rejectUnauthorized" || tls[name] !== true);
  if (refused.length > 0) {
    const message = `Workers cannot honour ${refused.join(", ")}: use a public certificate, Hyperdrive or a tunnel`;
    throw unsent(TlsError, "TLS_UNSUPPORTED_OPTION", message);
  }
  try {
    // The platform takes an IPv6 address only in brackets once TLS or a proxy is involved.
    const socket = platformConnect({ ...address, hostname: inBrackets(address.hostname) }, options) as Socket;
    return completed(socket, options.allowHalfOpen);
  } catch (cause) {
    throw failureOf(cause, address, "tcp");
  }
}

function completed(socket: Socket, allowHalfOpen = false): Socket {
  const startTls = socket.startTls.bind(socket);
  return Object.assign(socket, {
    [HALF_OPEN]: allowHalfOpen,
    /** With a stream locked the platform's returns a socket that hangs for ever, and leaves a rejection unhandled. */
    startTls(): Socket {
      if (socket.readable.locked || socket.writable.locked) {
        throw new TypeError("startTls() needs both streams to be unlocked");
      }
      return startTls();
    },
  });
}
