// Web streams over a wire, for those who use a Socket as the specification has it. Nothing is read ahead, and back-pressure
// is counted in bytes both ways.

import type { Wire, WireHandler } from "../wire.ts";

const HIGH_WATER_BYTES = 64 * 1024;

interface Sending {
  resolve(): void;
  reject(error: unknown): void;
}

/** The `readable` and the `writable` of a socket. */
export class WireStreams implements WireHandler {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  #wire: Wire;
  #allowHalfOpen: boolean;
  #readController!: ReadableByteStreamController;
  #writeController!: WritableStreamDefaultController;
  #pulled: (() => void) | undefined;
  #sending: Sending | undefined;
  /** Chunks that the stream holds, the one that is being sent included: the stream itself does not tell. */
  #queued = 0;
  #flushed: (() => void)[] = [];
  #readEnded = false;
  #writeEnded = false;

  /** Both wait for `ready` before they touch the wire. */
  constructor(wire: Wire, ready: Promise<unknown>, options: { highWaterMark?: number; allowHalfOpen?: boolean }) {
    this.#wire = wire;
    this.#allowHalfOpen = options.allowHalfOpen === true;
    this.readable = new ReadableStream({
      type: "bytes",
      start: (controller) => void (this.#readController = controller),
      pull: async () => {
        await ready;
        if (!this.#readEnded) await this.#pull();
      },
      cancel: () => {
        this.#readEnded = true;
        wire.resume();
      },
    });
    this.writable = new WritableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#writeController = controller;
          // At once: the sink's own abort() would wait for the write that is under way.
          const { signal } = controller as WritableStreamDefaultController & { readonly signal: AbortSignal };
          signal.addEventListener("abort", () => {
            this.#stop(signal.reason);
            wire.abort(signal.reason);
          });
        },
        write: async (chunk) => {
          const bytes = bytesOf(chunk);
          await ready;
          if (bytes.length > 0) await this.#send(bytes);
          if (--this.#queued <= 0) this.#settleFlushed();
        },
        close: async () => {
          await ready;
          this.#writeEnded = true;
          wire.end();
          this.#settleFlushed();
        },
      },
      { highWaterMark: options.highWaterMark ?? HIGH_WATER_BYTES, size: (chunk) => this.#count(chunk) },
    );
  }

  get locked(): boolean {
    return this.readable.locked || this.writable.locked;
  }

  /** Whether bytes have been taken from the wire that nobody has read. */
  get unread(): boolean {
    return !this.#readEnded && (this.#readController.desiredSize ?? 0) < 0;
  }

  /** Resolves when all that was written is with the platform, or never can be. */
  flushed(): Promise<void> {
    if (this.#queued <= 0 || this.#writeEnded) return Promise.resolve();
    return new Promise((resolve) => this.#flushed.push(resolve));
  }

  /** Ends both streams for those who hold them; the wire goes on or ends elsewhere. */
  shut(reason: unknown): void {
    this.#endReading();
    this.#endWriting(reason);
  }

  data(chunk: Uint8Array): void {
    if (this.#readEnded) return;
    this.#wire.pause();
    // A copy: the stream transfers the buffer, and the platform may share it among chunks.
    this.#readController.enqueue(new Uint8Array(chunk));
    this.#settlePull();
  }

  end(): void {
    this.#endReading();
    if (!this.#allowHalfOpen) {
      this.#endWriting(
        new TypeError("the peer has ended the connection, and the socket was not opened with allowHalfOpen"),
      );
    }
  }

  fail(error: unknown): void {
    this.#stop(error);
  }

  written(): void {
    const sending = this.#sending;
    this.#sending = undefined;
    sending?.resolve();
  }

  #pull(): Promise<void> {
    return new Promise((resolve) => {
      this.#pulled = resolve;
      this.#wire.resume();
    });
  }

  #send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#writeEnded) return reject(new TypeError("this socket's writable side has ended"));
      this.#sending = { resolve, reject };
      this.#wire.write([bytes]);
    });
  }

  #count(chunk: unknown): number {
    this.#queued++;
    return sizeOf(chunk);
  }

  #stop(error: unknown): void {
    if (!this.#readEnded) {
      this.#readEnded = true;
      this.#readController.error(error);
      this.#settlePull();
    }
    this.#endWriting(error);
  }

  #endReading(): void {
    if (this.#readEnded) return;
    this.#readEnded = true;
    this.#readController.close();
    this.#readController.byobRequest?.respond(0);
    this.#settlePull();
  }

  #endWriting(reason: unknown): void {
    if (!this.#writeEnded) {
      this.#writeEnded = true;
      this.#writeController.error(reason);
    }
    const sending = this.#sending;
    this.#sending = undefined;
    sending?.reject(reason);
    this.#settleFlushed();
  }

  #settlePull(): void {
    const pulled = this.#pulled;
    this.#pulled = undefined;
    pulled?.();
  }

  #settleFlushed(): void {
    const waiting = this.#flushed;
    this.#flushed = [];
    for (const resolve of waiting) resolve();
  }
}

/** What workerd takes: bytes in any form, and strings. */
function bytesOf(chunk: unknown): Uint8Array {
  if (typeof chunk === "string") return new TextEncoder().encode(chunk);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw new TypeError("a socket takes bytes (ArrayBuffer, typed array, DataView) or a string");
}

function sizeOf(chunk: unknown): number {
  if (typeof chunk === "string") return chunk.length;
  const { byteLength } = (chunk ?? {}) as { byteLength?: unknown };
  return typeof byteLength === "number" ? byteLength : 0;
}
