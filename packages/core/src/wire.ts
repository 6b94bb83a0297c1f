// The runtime's half of a transport. A wire moves bytes and reports raw events; order, limits, classification and
// settlement are the business of socket-transport.ts, so that they are the same on every runtime.

import type { Socket, SocketInfo } from "./socket.ts";

/** Takes what a wire reports. Errors are the runtime's own; the transport classifies them. */
export interface WireHandler {
  /** Borrowed until this returns. */
  data(chunk: Uint8Array): void;
  /** The peer's FIN. Once. */
  end(): void;
  /** The connection broke, or could not be made. What comes after the first time is of no interest. */
  fail(error: unknown): void;
  /** These bytes, given to `write`, have been accepted by the platform and may be reused. */
  written(bytes: Uint8Array): void;
}

/** One connection of a runtime. */
export interface Wire {
  readonly runtime: "workerd" | "node" | "memory" | "custom";
  /** Resolves once connected and, where TLS starts with the first byte, once the handshake is done. */
  readonly opened: Promise<SocketInfo>;
  /** To be set before anything is called. */
  handler: WireHandler;
  /** Reads until `pause()`. */
  resume(): void;
  /** Reads no more. Called inside `data()`, it leaves no read outstanding. */
  pause(): void;
  /** Bytes that the runtime has read ahead of what was asked for and that no `data()` has told yet, where it does so. */
  readonly readAhead?: number;
  /** Several writes in a row are kept together where the runtime can. Bytes stay unchanged until `written`. */
  write(bytes: readonly Uint8Array[]): void;
  /** Sends FIN after what was written. */
  end(): void;
  /** Starts TLS and resolves, as far as the runtime tells, when the handshake is done. The wire itself goes on. */
  startTls(): Promise<SocketInfo>;
  /** Flushes, ends both sides, and resolves when that is done. Rejects or hangs where the runtime does. */
  close(): Promise<void>;
  /** Ends at once. Reports nothing afterwards. */
  abort(reason: unknown): void;
  /** Whether the open connection keeps the process running, where the runtime has a choice. */
  ref?(keep: boolean): void;
}

/** A socket that brings its own wire, which spares it the web streams. */
export interface WiredSocket extends Socket {
  [WIRE](): Wire;
}

/** Where a {@link WiredSocket} has its wire. Shared between copies of this package. */
export const WIRE: unique symbol = Symbol.for("landline.wire") as never;

/**
 * Set on sockets that are workerd's own: whether they stay half open when the peer ends. Of such a one the platform settles
 * `closed` by itself only after a reset.
 */
export const HALF_OPEN: unique symbol = Symbol.for("landline.half-open") as never;
