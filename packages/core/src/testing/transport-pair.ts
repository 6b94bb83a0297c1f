// Two transports that are each other's peer, in memory. What one writes in a tick the other receives as one chunk, which
// is detached after delivery, so that a view that was kept shows at once.

import type { Socket, SocketInfo } from "../socket.ts";
import { SocketTransport } from "../socket-transport.ts";
import type { Transport } from "../transport.ts";
import { WIRE } from "../wire.ts";
import type { Wire, WireHandler } from "../wire.ts";

/** Options of {@link transportPair}. */
export interface TransportPairOptions {
  /** Cuts what is written into chunks of at most this many bytes. Default: no cutting. */
  readonly chunkBytes?: number;
}

/** Makes both ends of one connection. `startTls()` on either end only marks it as secure. */
export async function transportPair(options: TransportPairOptions = {}): Promise<[Transport, Transport]> {
  const chunkBytes = options.chunkBytes ?? Infinity;
  const left = new MemoryWire(chunkBytes);
  const right = new MemoryWire(chunkBytes);
  left.peer = right;
  right.peer = left;
  const ends = [left, right].map(() => new SocketTransport({ hostname: "memory", port: 1 }));
  await Promise.all(
    ends.map((end, index) =>
      end.open(() => ({ [WIRE]: () => (index === 0 ? left : right) }) as unknown as Socket, false),
    ),
  );
  return ends as unknown as [Transport, Transport];
}

class MemoryWire implements Wire {
  readonly runtime = "memory";
  handler!: WireHandler;
  readonly opened: Promise<SocketInfo> = Promise.resolve({});
  peer!: MemoryWire;
  #chunkBytes: number;
  #inbox: (Uint8Array | "end" | Error)[] = [];
  #flowing = false;
  #scheduled = false;
  #over = false;
  #localEnded = false;
  #remoteEnded = false;
  #closed: (() => void)[] = [];

  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes;
  }

  get readAhead(): number {
    const [next] = this.#inbox;
    return next instanceof Uint8Array ? next.length : 0;
  }

  resume(): void {
    this.#flowing = true;
    this.#schedule();
  }

  pause(): void {
    this.#flowing = false;
  }

  write(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += this.#chunkBytes) {
        this.peer.accept(chunk.slice(at, Math.min(chunk.length, at + this.#chunkBytes)));
      }
      queueMicrotask(() => this.handler.written(chunk));
    }
  }

  end(): void {
    if (this.#localEnded) return;
    this.#localEnded = true;
    this.peer.accept("end");
    this.#settleClosed();
  }

  startTls(): Promise<SocketInfo> {
    return Promise.resolve({});
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#closed.push(resolve);
      this.resume();
      this.end();
      this.#settleClosed();
    });
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    if (!this.#localEnded) this.peer.accept(new Error("connection reset by peer"));
    this.#settleClosed();
  }

  accept(item: Uint8Array | "end" | Error): void {
    if (this.#over) return;
    this.#inbox.push(item);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#inbox.length === 0) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    while (!this.#over && this.#inbox.length > 0) {
      const item = this.#inbox[0];
      // A reset is noticed at once; bytes and FIN wait until somebody reads.
      const reset = this.#inbox.find((waiting) => waiting instanceof Error);
      if (reset !== undefined && !this.#flowing) {
        this.#over = true;
        this.handler.fail(reset);
        return;
      }
      if (!this.#flowing) return;
      this.#inbox.shift();
      if (item instanceof Uint8Array) {
        this.handler.data(item);
        (item.buffer as ArrayBuffer).transfer(0);
      } else if (item === "end") {
        this.#remoteEnded = true;
        this.handler.end();
        this.#settleClosed();
      } else {
        this.#over = true;
        this.handler.fail(item);
      }
    }
  }

  #settleClosed(): void {
    if (!this.#over && !(this.#localEnded && this.#remoteEnded)) return;
    const waiting = this.#closed;
    this.#closed = [];
    for (const resolve of waiting) resolve();
  }
}
