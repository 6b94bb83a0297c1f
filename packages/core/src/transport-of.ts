// From a Socket, whoever made it, to a Transport.

import { parseAddress } from "./address.ts";
import type { AnySocketAddress, Socket } from "./socket.ts";
import { SocketTransport } from "./socket-transport.ts";
import type { Transport } from "./transport.ts";

/**
 * Wraps any spec-shaped socket, e.g. of a service binding, once it is open. The socket's streams must be unlocked and
 * belong to the transport from then on. `address` is for messages.
 */
export async function transportOf(socket: Socket, address: AnySocketAddress = "socket:1"): Promise<Transport> {
  const transport = new SocketTransport(parseAddress(address));
  await transport.open(() => socket, socket.secureTransport === "on");
  return transport;
}
