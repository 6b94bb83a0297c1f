// A wire straight on net.Socket, with no web stream between. One read-ahead exists: what libuv read before pause().

import type { Socket as NetSocket } from "node:net";
import type { SocketInfo } from "../socket.ts";
import type { Wire, WireHandler } from "../wire.ts";

/** Makes the TLS socket over a plain one. */
export type Upgrade = (socket: NetSocket) => { socket: NetSocket; opened: Promise<SocketInfo> };

/** The wire of a Node socket. */
export class NodeWire implements Wire {
  readonly runtime = "node";
  handler!: WireHandler;
  opened: Promise<SocketInfo>;
  /** Resolves when the socket is closed, however that came about. */
  readonly gone: Promise<void>;
  #socket: NetSocket;
  #upgrade: Upgrade;
  #reading = false;
  #ended = false;
  #failed = false;
  #aborted = false;
  #settleGone!: () => void;

  constructor(socket: NetSocket, opened: Promise<SocketInfo>, upgrade: Upgrade) {
    this.#socket = socket;
    this.opened = opened;
    this.#upgrade = upgrade;
    this.gone = new Promise((resolve) => (this.#settleGone = resolve));
    opened.catch(() => {});
    // Node reads ahead from the moment of the connection, unless the socket is paused by then.
    socket.pause();
    this.#listen();
  }

  get readAhead(): number {
    return this.#socket.readableLength;
  }

  resume(): void {
    if (!this.#reading) {
      this.#reading = true;
      this.#socket.on("data", this.#onData);
    }
    this.#socket.resume();
  }

  pause(): void {
    // Deno loses what arrives first on a TLS socket that was paused before its handshake; without a 'data' listener none flows.
    if (this.#reading) this.#socket.pause();
  }

  write(bytes: readonly Uint8Array[]): void {
    const socket = this.#socket;
    if (bytes.length > 1) socket.cork();
    for (const chunk of bytes) {
      socket.write(chunk, (error) => {
        // A failed write is told by the socket's own 'error'.
        if (error === undefined || error === null) this.handler?.written(chunk);
      });
    }
    if (bytes.length > 1) socket.uncork();
  }

  end(): void {
    this.#socket.end();
  }

  startTls(): Promise<SocketInfo> {
    const plain = this.#socket;
    // Bun hands ciphertext to listeners that stay.
    plain.off("data", this.#onData);
    plain.off("end", this.#onEnd);
    const { socket, opened } = this.#upgrade(plain);
    this.#socket = socket;
    this.#reading = false;
    this.opened = opened;
    this.#listen();
    return opened;
  }

  /** `linger`: whether the peer's end is waited for, so that the kernel does not reset what was sent last. */
  close(linger = true): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed) return this.gone;
    // What still arrives is read and dropped: a socket that is closed with unread bytes is reset by the kernel.
    socket.off("data", this.#onData);
    socket.resume();
    if (linger && !this.#ended) {
      socket.end();
      socket.once("end", () => socket.destroySoon());
    } else {
      socket.end(() => socket.destroySoon());
    }
    return this.gone;
  }

  abort(): void {
    this.#aborted = true;
    this.#socket.destroy();
  }

  ref(keep: boolean): void {
    if (keep) this.#socket.ref();
    else this.#socket.unref();
  }

  // Node's Buffer goes no further than this: its slice() is a view where that of every other array is a copy. Nobody else has it, so
  // that it may become an array like any other, which costs less than a second one over the same bytes.
  #onData = (chunk: Buffer): void => {
    this.handler?.data(Object.setPrototypeOf(chunk, Uint8Array.prototype) as Uint8Array);
  };

  #onEnd = (): void => {
    this.#ended = true;
    if (!this.#aborted) this.handler?.end();
  };

  #listen(): void {
    const socket = this.#socket;
    socket.once("end", this.#onEnd);
    socket.on("error", (error) => this.#fail(error));
    socket.once("close", () => {
      if (socket !== this.#socket) return;
      if (!this.#ended) this.#fail(new Error("the connection closed without an end"));
      this.#settleGone();
    });
  }

  #fail(error: unknown): void {
    if (this.#failed || this.#aborted) return;
    this.#failed = true;
    this.handler?.fail(error);
  }
}
