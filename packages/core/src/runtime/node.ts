// connect() on Node, Deno and Bun: a spec-shaped Socket on node:net and node:tls. Its web streams are made only when
// somebody asks for them; a transport takes the wire instead.

import { connect as netConnect } from "node:net";
import type { Socket as NetSocket } from "node:net";
import { Duplex } from "node:stream";
import { checkServerIdentity, connect as tlsConnect } from "node:tls";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import type { SecureTransport, Socket, SocketAddress, SocketInfo, SocketOptions, TlsOptions } from "../socket.ts";
import { WebWire } from "../web-wire.ts";
import { WIRE } from "../wire.ts";
import type { Wire, WiredSocket } from "../wire.ts";
import { NodeWire } from "./node-wire.ts";

/** See `connect` of the package. */
export function connect(address: SocketAddress, options: SocketOptions): Socket {
  const { secureTransport = "off", allowHalfOpen = false, tls = {} } = options;
  const { hostname: host, port } = address;
  const common = { host, port, allowHalfOpen, noDelay: true };
  if (secureTransport === "on") {
    // The address last: the name to verify is not the host to connect to.
    const socket = tlsConnect({ ...tlsConnectOptions(address, tls), ...common });
    return new NodeSocket(socket, "secureConnect", "on", address, options);
  }
  return new NodeSocket(netConnect(common), "connect", secureTransport, address, options);
}

/** The wire of a socket that does not bring its own. */
export function wireOfSocket(socket: Socket): Wire {
  return new WebWire(socket, "custom");
}

class NodeSocket implements WiredSocket {
  readonly opened: Promise<SocketInfo>;
  readonly closed: Promise<void>;
  readonly secureTransport: SecureTransport;
  upgraded = false;
  #socket: NetSocket;
  #address: SocketAddress;
  #options: SocketOptions;
  #streams: { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> } | undefined;

  constructor(
    socket: NetSocket,
    readyEvent: "connect" | "secureConnect",
    secureTransport: SecureTransport,
    address: SocketAddress,
    options: SocketOptions,
  ) {
    this.#socket = socket;
    this.secureTransport = secureTransport;
    this.#address = address;
    this.#options = options;
    // Paused until somebody reads, or what arrives before that would be lost.
    socket.pause();
    this.opened = openedOf(socket, readyEvent);
    this.closed = new Promise((resolve, reject) => {
      let failure: Error | undefined;
      socket.once("error", (error) => (failure = error));
      socket.once("close", () => (failure === undefined ? resolve() : reject(failure)));
    });
    this.opened.catch(() => {});
    this.closed.catch(() => {});
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#web().readable;
  }

  get writable(): WritableStream<Uint8Array> {
    return this.#web().writable;
  }

  startTls(): Socket {
    if (this.secureTransport !== "starttls") {
      throw new TypeError('startTls() needs a socket that was opened with secureTransport: "starttls"');
    }
    if (this.upgraded) throw new TypeError("startTls() has already been called on this socket");
    if (this.#streams?.readable.locked === true || this.#streams?.writable.locked === true) {
      throw new TypeError("startTls() needs both streams of the socket to be unlocked");
    }
    this.upgraded = true;
    const socket = upgrade(this.#socket, this.#address, this.#options.tls ?? {});
    return new NodeSocket(socket, "secureConnect", "on", this.#address, this.#options);
  }

  async close(): Promise<void> {
    this.#socket.end(() => this.#socket.destroySoon());
    await this.closed;
  }

  [WIRE](): Wire {
    return new NodeWire(this.#socket, this.opened, (socket) => {
      this.upgraded = true;
      const secured = upgrade(socket, this.#address, this.#options.tls ?? {});
      return { socket: secured, opened: openedOf(secured, "secureConnect") };
    });
  }

  #web(): { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> } {
    this.#streams ??= Duplex.toWeb(this.#socket) as unknown as {
      readable: ReadableStream<Uint8Array>;
      writable: WritableStream<Uint8Array>;
    };
    return this.#streams;
  }
}

function upgrade(socket: NetSocket, address: SocketAddress, tls: TlsOptions): TLSSocket {
  return tlsConnect({ socket, ...tlsConnectOptions(address, tls) });
}

function tlsConnectOptions({ hostname }: SocketAddress, tls: TlsOptions): ConnectionOptions {
  const { ca, cert, key, alpn, servername, rejectUnauthorized = true } = tls;
  const name = servername ?? hostname;
  return {
    rejectUnauthorized,
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    // Server names are names: an address literal is verified against the certificate but never sent.
    ...(isAddressLiteral(name) ? { host: name } : { servername: name, host: name }),
    ...(ca === undefined ? {} : { ca: typeof ca === "string" ? ca : [...ca] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
  };
}

function openedOf(socket: NetSocket, readyEvent: "connect" | "secureConnect"): Promise<SocketInfo> {
  return new Promise((resolve, reject) => {
    let failure: unknown;
    socket.once("error", (error) => (failure ??= error));
    socket.once("close", () => reject(failure ?? new Error("the connection ended before it was ready")));
    socket.once(readyEvent, () => {
      const { remoteAddress, remotePort, localAddress, localPort } = socket;
      resolve({
        ...(remoteAddress === undefined ? {} : { remoteAddress: `${remoteAddress}:${remotePort}` }),
        ...(localAddress === undefined ? {} : { localAddress: `${localAddress}:${localPort}` }),
        ...(readyEvent === "secureConnect" ? { alpn: (socket as TLSSocket).alpnProtocol || null } : {}),
      });
    });
  });
}

function isAddressLiteral(name: string): boolean {
  return name.includes(":") || /^\d+\.\d+\.\d+\.\d+$/.test(name);
}
