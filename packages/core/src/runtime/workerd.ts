// connect() on workerd: the platform's own socket, behind our checks. What the platform cannot do is refused by name.

import { connect as platformConnect } from "cloudflare:sockets";
import { formatAddress } from "../address.ts";
import { ConnectError, TlsError } from "../errors.ts";
import type { Socket, SocketAddress, SocketOptions } from "../socket.ts";
import { WebWire } from "../web-wire.ts";
import type { Wire } from "../wire.ts";

/** Sockets of the platform's that stay half open: of no others is it known what their `closed` tells. */
const halfOpen = new WeakSet<Socket>();

/** See `connect` of the package. */
export function connect(address: SocketAddress, options: SocketOptions): Socket {
  refuseTlsOptions(options);
  const { hostname, port } = address;
  const { secureTransport = "off", allowHalfOpen = false, highWaterMark } = options;
  try {
    const socket = platformConnect(
      // The platform takes an IPv6 address only in brackets once TLS or a proxy is involved.
      { hostname: hostname.includes(":") ? `[${hostname}]` : hostname, port },
      { secureTransport, allowHalfOpen, ...(highWaterMark === undefined ? {} : { highWaterMark }) },
    ) as Socket;
    if (allowHalfOpen) halfOpen.add(socket);
    return guarded(socket);
  } catch (error) {
    if (error instanceof Error && error.message.includes("global scope")) {
      throw new ConnectError(
        "a Worker cannot connect in the global scope: make the call inside a handler (the client itself may be made here)",
        { code: "CONNECT_GLOBAL_SCOPE", outcome: "unsent", cause: error },
      );
    }
    throw new ConnectError(`connect to ${formatAddress(address)} failed: the runtime refused the attempt`, {
      code: "CONNECT_FAILED",
      outcome: "unsent",
      cause: error,
    });
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

function refuseTlsOptions({ tls = {} }: SocketOptions): void {
  const given = Object.entries(tls).filter(([, value]) => value !== undefined);
  // Asking for what happens anyway is no request.
  const refused = given
    .filter(([name, value]) => !(name === "rejectUnauthorized" && value === true))
    .map(([name]) => name);
  if (refused.length === 0) return;
  throw new TlsError(
    `Workers cannot honour the TLS option ${refused.join(", ")}: certificates are verified against public authorities and the address's hostname; connect by a name with such a certificate, or through Hyperdrive or a tunnel`,
    { code: "TLS_UNSUPPORTED_OPTION", outcome: "unsent" },
  );
}
