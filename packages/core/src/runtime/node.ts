// connect() on Node, Deno and Bun: a spec-shaped Socket on node:net and node:tls. Its web streams move nothing unless
// somebody uses them; a transport takes the wire instead.

import { connect as netConnect } from "node:net";
import type { Socket as NetSocket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import type { TLSSocket } from "node:tls";
import { formatAddress } from "../address.ts";
import type { Socket, SocketAddress, SocketInfo, SocketOptions } from "../socket.ts";
import { nodeSocket } from "./node-socket.ts";
import { tlsConnectOptions } from "./node-tls.ts";
import { NodeWire } from "./node-wire.ts";

/** See `connect` of the package. */
export function connect(address: SocketAddress, options: SocketOptions): Socket {
  const { secureTransport = "off", allowHalfOpen = false, tls = {} } = options;
  const tlsOptions = secureTransport === "off" ? {} : tlsConnectOptions(address, tls);
  const { hostname: host, port } = address;
  const common = { host, port, allowHalfOpen, noDelay: true };
  const upgrade = (plain: NetSocket): { socket: NetSocket; opened: Promise<SocketInfo> } => {
    const socket = tlsConnect({ socket: plain, ...tlsOptions });
    return { socket, opened: openedOf(socket, "secureConnect") };
  };
  const secure = secureTransport === "on";
  const socket = secure ? tlsConnect({ ...common, ...tlsOptions }) : netConnect(common);
  const wire = new NodeWire(socket, openedOf(socket, secure ? "secureConnect" : "connect"), upgrade);
  return nodeSocket(wire, secureTransport, address, options);
}

function openedOf(socket: NetSocket, readyEvent: "connect" | "secureConnect"): Promise<SocketInfo> {
  return new Promise((resolve, reject) => {
    let failure: unknown;
    socket.once("error", (error) => (failure ??= error));
    socket.once("close", () => reject(failure ?? new Error("the connection ended before it was ready")));
    socket.once(readyEvent, () => {
      const { remoteAddress, remotePort, localAddress, localPort } = socket;
      resolve({
        ...whereabouts("remoteAddress", remoteAddress, remotePort),
        ...whereabouts("localAddress", localAddress, localPort),
        ...(readyEvent === "secureConnect" ? handshakeOf(socket as TLSSocket) : { alpn: null }),
      });
    });
  });
}

function handshakeOf(socket: TLSSocket): Pick<SocketInfo, "alpn" | "peerCertificate"> {
  const { raw } = socket.getPeerCertificate() as { raw?: Uint8Array };
  return {
    alpn: socket.alpnProtocol || null,
    ...(raw === undefined ? {} : { peerCertificate: new Uint8Array(raw) }),
  };
}

function whereabouts(name: string, hostname: string | undefined, port: number | undefined): Record<string, string> {
  return hostname === undefined || port === undefined ? {} : { [name]: formatAddress({ hostname, port }) };
}
