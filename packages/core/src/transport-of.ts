// From a Socket, whoever made it, to a Transport.

import { wireOfSocket } from "#runtime";
import { parseAddress } from "./address.ts";
import { TlsError } from "./errors.ts";
import type { AnySocketAddress, Socket } from "./socket.ts";
import { SocketTransport } from "./socket-transport.ts";
import type { Transport } from "./transport.ts";
import { WIRE } from "./wire.ts";
import type { Wire, WiredSocket } from "./wire.ts";

/**
 * Wraps any spec-shaped socket, e.g. of a service binding, once it is open. The socket's streams must be unlocked and
 * belong to the transport from then on. `address` is for messages.
 */
export async function transportOf(socket: Socket, address: AnySocketAddress = "socket:1"): Promise<Transport> {
  const transport = new SocketTransport(wireOf(socket), parseAddress(address));
  await transport.opened(socket.secureTransport === "on");
  return transport;
}

/** The wire of a socket: its own, or one over its streams. */
export function wireOf(socket: Socket): Wire {
  if (socket.upgraded) {
    throw new TlsError("the socket has been replaced by startTls(): use the one that it returned", {
      code: "TLS_FAILED",
      outcome: "unsent",
    });
  }
  return WIRE in socket ? (socket as WiredSocket)[WIRE]() : wireOfSocket(socket);
}
