// Options of nodeSocket(), and the transport that they ask for.

import { connect } from "../connect.ts";
import { dial } from "../dial.ts";
import type { DialOptions } from "../dial.ts";
import type { Connector, SocketAddress, TlsMode } from "../socket.ts";
import type { Transport } from "../transport.ts";
import { WIRE } from "../wire.ts";
import type { Wire, WiredSocket } from "../wire.ts";

/** Options of {@link nodeSocket}: those of `dial()`, except that TLS is up to the driver. */
export interface NodeSocketOptions extends Omit<DialOptions, "tls"> {
  /**
   * Default: what the driver does. The connection is made in the clear, and the driver may upgrade it as it is used to,
   * within the first 16 KiB that it receives. `"off"`: an upgrade is refused. `"on"`: TLS from the first byte, whatever the
   * driver knows of it. `"starttls"` and `"prefer"`: `negotiate` asks for TLS before the driver is told of the connection.
   */
  readonly tls?: TlsMode;
  /**
   * Whether the peer may end the connection before the driver does. Default `true`: it is an `'end'`, as of a server that
   * was told to quit; before its first byte it is an `ECONNRESET` all the same. `false`: it is an `ECONNRESET` whenever it
   * comes, for protocols in which a server never ends first, such as Postgres'.
   */
  readonly peerMayEnd?: boolean;
}

/** Dials; `onWire` gets what a process waits for, where the runtime has that. */
export function dialFor(
  address: SocketAddress,
  options: NodeSocketOptions,
  signal: AbortSignal,
  onWire: (wire: Wire) => void,
): Promise<Transport> {
  const { tls, negotiate, connect: connector = connect, signal: _, peerMayEnd: __, ...more } = options;
  const remembering: Connector = (where, socketOptions) => {
    const socket = connector(where, socketOptions);
    if (WIRE in socket) onWire((socket as WiredSocket)[WIRE]());
    return socket;
  };
  return dial(address, {
    ...more,
    // A socket that can be upgraded, and is not yet: that is for the driver to say.
    tls: tls ?? "prefer",
    negotiate: tls === undefined ? () => Promise.resolve(false) : negotiate,
    signal,
    connect: remembering,
  } as DialOptions);
}
