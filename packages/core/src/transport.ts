// What protocol code talks to: push-based bytes in, coalesced bytes out, in-place TLS upgrade, bounded close.
// The contract is one on every runtime; the runtimes' halves are the wires (wire.ts).

import type { ByteWriter } from "./bytes/writer.ts";
import type { SocketAddress } from "./socket.ts";
import type { WaitOptions } from "./wait.ts";

/** What is known of a transport. */
export interface TransportInfo {
  readonly address: SocketAddress;
  /** Whether TLS is on now. */
  readonly secure: boolean;
  readonly runtime: "workerd" | "node" | "memory" | "custom";
  /** The address that was found for the name, and our own, where the runtime tells. */
  readonly remoteAddress?: string;
  readonly localAddress?: string;
  /** The protocol that ALPN chose, where the runtime tells. */
  readonly alpn?: string | undefined;
  /** The certificate that the peer has shown (DER), where TLS is on and the runtime tells: not on workerd. */
  readonly peerCertificate?: Uint8Array | undefined;
}

/** Takes what a transport receives. At most one of `end` and `error` is called, once, and nothing after it. */
export interface TransportSink {
  /**
   * A chunk, borrowed until this returns: what is kept must be copied. A throw ends the connection, and comes back by
   * `error`.
   */
  data(chunk: Uint8Array): void;
  /** The peer has ended its side. */
  end(): void;
  /** The connection is gone. A `LandlineError` unless `data` threw something else. */
  error(cause: unknown): void;
}

/** How a connection ended. */
export interface CloseInfo {
  /** `local`: by `close()`. `remote`: the peer ended first. `aborted`: by `abort()`, or a close that took too long. `failed`: it broke. */
  readonly reason: "local" | "remote" | "aborted" | "failed";
  readonly cause?: unknown;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** One connection. */
export interface Transport {
  readonly info: TransportInfo;
  /** Starts pushing what arrives to `sink`. Called once; `pull()` is not possible any more. */
  receive(sink: TransportSink): void;
  /**
   * For negotiations, before `receive()`: the next chunk (the caller's own), or `undefined` at the end. Nothing is read
   * before it is asked for. A pull that its signal or timeout ends loses nothing: what comes later is there for the next.
   */
  pull(options?: WaitOptions): Promise<Uint8Array | undefined>;
  /** Puts back bytes that were pulled and not used, in front of what is still to come. They must stay unchanged. */
  unread(bytes: Uint8Array): void;
  /** Stops `data()`, and with it, in time, the peer. */
  pause(): void;
  /** Goes on after `pause()`. */
  resume(): void;
  /**
   * The buffer that encoders write to. Taking it schedules the flush: everything that is written in a tick leaves as one
   * write. Take it anew for each batch: one that was taken before an `await` is flushed already, and what is written to it
   * then waits for whoever takes it next.
   */
  readonly writer: ByteWriter;
  /** Queues `bytes` behind what was written before. Small ones are copied, large ones must stay unchanged until flushed. */
  write(bytes: Uint8Array): void;
  /** Bytes that are written but not yet accepted by the platform. */
  readonly backlog: number;
  /**
   * Resolves once the backlog is small (64 KiB or less) or the connection is gone. Its signal and its timeout end the wait
   * alone; what was written stays written.
   */
  drained(options?: WaitOptions): Promise<void>;
  /**
   * Upgrades to TLS in place, after a negotiation. Verifies the certificate against the address's hostname.
   * @throws TlsError `TLS_INJECTION` when bytes arrived before the handshake, `TLS_FAILED`, `TLS_CERTIFICATE`.
   */
  startTls(): Promise<void>;
  /** Ends our side, after what was written before; reading goes on. */
  end(): void;
  /** Flushes and ends, and after `timeout` ms (default 2000) aborts. Always settles. Later calls return the same promise. */
  close(options?: { timeout?: number }): Promise<CloseInfo>;
  /**
   * Ends the connection at once. Bytes that are unsent are dropped (on workerd, what a peer does not take within 100 ms).
   * A pending `pull()` or `startTls()` rejects with `reason`.
   */
  abort(reason?: unknown): void;
  /** Whether the open connection keeps the process running, as it does by default; where the runtime has a choice. */
  ref?(keep: boolean): void;
  /** Settles when the connection has ended, however it ended. Never rejects. */
  readonly closed: Promise<CloseInfo>;
}
