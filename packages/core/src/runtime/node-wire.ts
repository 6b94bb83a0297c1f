// A wire straight on net.Socket, with no web stream between. One read-ahead exists: what libuv read before pause().

import type { Socket as NetSocket } from "node:net";
import type { SocketInfo } from "../socket.ts";
import type { Wire, WireHandler } from "../wire.ts";

/** Makes the TLS socket over a plain one. */
export type Upgrade = (socket: NetSocket) => { socket: NetSocket; opened: Promise<SocketInfo> };

/** The wire of a Node socket. */
export class NodeWire implements Wire {
  readonly runtime = "node";
  opened: Promise<SocketInfo>;
  #socket: NetSocket;
  #upgrade: Upgrade;
  #handler: WireHandler | undefined;
  #ended = false;
  #failed = false;
  #aborted = false;

  constructor(socket: NetSocket, opened: Promise<SocketInfo>, upgrade: Upgrade) {
    this.#socket = socket;
    this.opened = opened;
    this.#upgrade = upgrade;
    opened.catch(() => {});
  }

  get readAhead(): number {
    return this.#socket.readableLength;
  }

  attach(handler: WireHandler): void {
    this.#handler = handler;
    this.#listen();
  }

  resume(): void {
    this.#socket.resume();
  }

  pause(): void {
    this.#socket.pause();
  }

  write(bytes: readonly Uint8Array[]): void {
    const socket = this.#socket;
    if (bytes.length > 1) socket.cork();
    for (const chunk of bytes) {
      socket.write(chunk, (error) => {
        // A failed write is told by the socket's own 'error'.
        if (error === undefined || error === null) this.#handler?.written(chunk);
      });
    }
    if (bytes.length > 1) socket.uncork();
  }

  end(): void {
    this.#socket.end();
  }

  startTls(): Promise<SocketInfo> {
    const plain = this.#socket;
    plain.removeAllListeners("data");
    plain.removeAllListeners("end");
    const { socket, opened } = this.#upgrade(plain);
    this.#socket = socket;
    this.opened = opened;
    this.#listen();
    socket.pause();
    return opened;
  }

  close(): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve) => {
      if (socket.destroyed) return resolve();
      socket.once("close", () => resolve());
      // Our FIN after what is queued, then the peer's. What still arrives is read and dropped: a socket that is closed
      // with unread bytes is reset by the kernel, and the peer may lose what we sent last.
      socket.removeAllListeners("data");
      socket.resume();
      socket.end();
      if (this.#ended) socket.destroySoon();
      else socket.once("end", () => socket.destroySoon());
    });
  }

  abort(): void {
    this.#aborted = true;
    this.#socket.destroy();
  }

  #listen(): void {
    const socket = this.#socket;
    // Node's Buffer goes no further than this: its slice() is a view where that of every other array is a copy.
    socket.on("data", ({ buffer, byteOffset, length }: Buffer) => {
      this.#handler?.data(new Uint8Array(buffer, byteOffset, length));
    });
    socket.once("end", () => {
      this.#ended = true;
      if (!this.#aborted) this.#handler?.end();
    });
    socket.on("error", (error) => {
      if (this.#failed || this.#aborted) return;
      this.#failed = true;
      this.#handler?.fail(error);
    });
    socket.once("close", () => {
      if (this.#failed || this.#aborted || this.#ended || socket !== this.#socket) return;
      this.#failed = true;
      this.#handler?.fail(new Error("the connection closed without an end"));
    });
    // A 'data' listener makes the stream flow unless it was paused explicitly before.
    socket.pause();
  }
}
