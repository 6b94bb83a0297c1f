// COPY TO STDOUT as a byte stream. What arrives together is handed on together; a reader that falls behind pauses the
// connection, and with it the server.

import { Copy, runCopy } from "./copy.ts";
import type { ExecutionInit } from "./execution.ts";
import type { Tell } from "./observe.ts";
import type { Executor } from "./query.ts";

/** What may wait for the reader before the connection is paused, and the size of a piece. */
const CHUNK_BYTES = 64 * 1024;

/** Runs `init` and resolves once the server has begun to send. */
export function copyOut(
  executor: Executor,
  init: ExecutionInit,
  tell: Tell | undefined,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  return runCopy(executor, new CopyOut(init), tell);
}

class CopyOut extends Copy<ReadableStream<Uint8Array<ArrayBuffer>>> {
  readonly copiesIn = false;
  #controller!: ReadableByteStreamController;
  #buffer: Uint8Array<ArrayBuffer> | undefined;
  #length = 0;
  #scheduled = false;

  copyData(bytes: Uint8Array, start: number, end: number): void {
    if (this.isOver) return;
    this.bytes += end - start;
    let at = start;
    while (at < end) {
      const buffer = (this.#buffer ??= new Uint8Array(CHUNK_BYTES));
      const until = Math.min(end, at + CHUNK_BYTES - this.#length);
      buffer.set(bytes.subarray(at, until), this.#length);
      this.#length += until - at;
      at = until;
      if (this.#length === CHUNK_BYTES) this.#flush();
    }
    if (this.#length === 0 || this.#scheduled) return;
    // The rest of what has arrived is decoded in the same turn; a microtask later it is all there.
    this.#scheduled = true;
    queueMicrotask(this.#later);
  }

  protected makeStream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream(
      {
        type: "bytes",
        start: (controller) => void (this.#controller = controller),
        pull: () => this.exchange?.resume(),
        cancel: (reason: unknown) => {
          this.isOver = true;
          this.cancel(reason ?? new DOMException("the stream was cancelled", "AbortError"));
        },
      },
      { highWaterMark: CHUNK_BYTES },
    ) as ReadableStream<Uint8Array<ArrayBuffer>>;
  }

  protected endStream(failure: { readonly error: unknown } | undefined): void {
    const controller = this.#controller;
    if (failure !== undefined) return controller.error(failure.error);
    this.#enqueue();
    controller.close();
    // A reader that waits with a buffer of its own is told by this that nothing more comes.
    controller.byobRequest?.respond(0);
  }

  #later = (): void => {
    this.#scheduled = false;
    this.#flush();
  };

  #flush(): void {
    if (this.isOver) return;
    this.#enqueue();
    if ((this.#controller.desiredSize ?? 0) <= 0) this.exchange?.pause();
  }

  #enqueue(): void {
    const buffer = this.#buffer;
    const length = this.#length;
    if (buffer === undefined || length === 0) return;
    this.#length = 0;
    // The stream takes the memory of what it is given away; a small piece is copied so that the buffer can go on.
    if (length <= CHUNK_BYTES / 2) return this.#controller.enqueue(buffer.slice(0, length));
    this.#buffer = undefined;
    this.#controller.enqueue(buffer.subarray(0, length));
  }
}
