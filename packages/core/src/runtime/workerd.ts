// connect() on workerd: the platform's own socket, behind our checks. What the platform cannot do is refused by name.

import { connect as platformConnect } from "cloudflare:sockets";
import { inBrackets } from "../address.ts";
import { TlsError, unsent } from "../errors.ts";
import { failureOf } from "../failure.ts";
import type { Socket, SocketAddress, SocketOptions } from "../socket.ts";
import { WebWire } from "../web-wire.ts";
import { WIRE } from "../wire.ts";
import type { Wire, WiredSocket } from "../wire.ts";

/** See `connect` of the package. */
export function connect({ hostname, port }: SocketAddress, { tls = {}, ...options }: SocketOptions): Socket {
  // Asking for what happens anyway is no request.
  const refused = Object.entries(tls).filter(([name, value]) => name !== "rejectUnauthorized" || value !== true);
  if (refused.length > 0) {
    const names = refused.map(([name]) => name).join(", ");
    const message = `Workers cannot honour the TLS option ${names}: use a host with a public certificate, Hyperdrive or a tunnel`;
    throw unsent(TlsError, "TLS_UNSUPPORTED_OPTION", message);
  }
  try {
    // The platform takes an IPv6 address only in brackets once TLS or a proxy is involved.
    const socket = platformConnect({ hostname: inBrackets(hostname), port }, options) as Socket;
    return completed(socket, options.allowHalfOpen);
  } catch (cause) {
    throw failureOf(cause, { hostname, port }, "tcp");
  }
}

function completed(socket: Socket, allowHalfOpen: boolean | undefined): WiredSocket {
  const startTls = socket.startTls.bind(socket);
  let wire: Wire | undefined;
  return Object.assign(socket, {
    [WIRE]: () => (wire ??= new WebWire(socket, "workerd", allowHalfOpen)),
    /** With a stream locked the platform's returns a socket that hangs for ever, and leaves a rejection unhandled. */
    startTls(): Socket {
      if (socket.readable.locked || socket.writable.locked) {
        throw new TypeError("startTls() needs both streams to be unlocked");
      }
      return startTls();
    },
  });
}
