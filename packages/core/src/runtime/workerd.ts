// connect() on workerd: the platform's own socket, behind our checks. What the platform cannot do is refused by name.

import { connect as platformConnect } from "cloudflare:sockets";
import { inBrackets } from "../address.ts";
import { ConnectError, TlsError } from "../errors.ts";
import { connectFailure } from "../failure.ts";
import type { Socket, SocketAddress, SocketOptions } from "../socket.ts";
import { WebWire } from "../web-wire.ts";
import type { Wire } from "../wire.ts";

/** Sockets of the platform's that stay half open: of no others is it known what their `closed` tells. */
const halfOpen = new WeakSet<Socket>();

/** See `connect` of the package. */
export function connect(address: SocketAddress, { tls = {}, ...options }: SocketOptions): Socket {
  // Asking for what happens anyway is no request.
  const refused = Object.entries(tls).filter(([name, value]) => name !== "rejectUnauthorized" || value !== true);
  if (refused.length > 0) {
    throw new TlsError(
      `Workers cannot honour the TLS option ${refused.map(([name]) => name).join(", ")}: certificates are verified against public authorities and the address's hostname; connect by a name with such a certificate, or through Hyperdrive or a tunnel`,
      { code: "TLS_UNSUPPORTED_OPTION", outcome: "unsent" },
    );
  }
  const { hostname, port } = address;
  try {
    const socket = platformConnect(
      // The platform takes an IPv6 address only in brackets once TLS or a proxy is involved.
      { hostname: inBrackets(hostname), port },
      options,
    ) as Socket;
    if (options.allowHalfOpen === true) halfOpen.add(socket);
    return guarded(socket);
  } catch (cause) {
    if (!String(cause).includes("global scope")) throw connectFailure(cause, address, false);
    throw new ConnectError(
      "a Worker cannot connect in the global scope: make the call inside a handler (the client itself may be made here)",
      { code: "CONNECT_GLOBAL_SCOPE", outcome: "unsent", cause },
    );
  }
}

/** The wire of a socket that does not bring its own. */
export function wireOfSocket(socket: Socket): Wire {
  return new WebWire(socket, "workerd", halfOpen.has(socket));
}

/** With a stream locked the platform's startTls() returns a socket that hangs for ever, and leaves a rejection unhandled. */
function guarded(socket: Socket): Socket {
  const startTls = socket.startTls.bind(socket);
  return Object.defineProperty(socket, "startTls", {
    value(): Socket {
      if (socket.readable.locked || socket.writable.locked) {
        throw new TypeError("startTls() needs both streams of the socket to be unlocked");
      }
      return startTls();
    },
  });
}
