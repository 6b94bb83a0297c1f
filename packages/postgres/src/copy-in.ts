// COPY FROM STDIN as a writable stream. Small writes are gathered into frames; writing waits when the connection is behind.
// The server may say no at any time: nothing more is sent then, and the writer hears why.

import { ProtocolError } from "@landline/core";
import { Copy, runCopy } from "./copy.ts";
import type { ExecutionInit } from "./execution.ts";
import type { Tell } from "./observe.ts";
import type { Executor } from "./query.ts";

/** The data of one CopyData, and what may wait in the stream. */
const FRAME_BYTES = 64 * 1024;
const encoder = new TextEncoder();

/** Runs `init` and resolves once the server asks for data. */
export function copyIn(
  executor: Executor,
  init: ExecutionInit,
  tell: Tell | undefined,
): Promise<WritableStream<Uint8Array | string>> {
  return runCopy(executor, new CopyIn(init), tell);
}

class CopyIn extends Copy<WritableStream<Uint8Array | string>> {
  readonly copiesIn = true;
  #controller!: WritableStreamDefaultController;
  #frame = new Uint8Array(FRAME_BYTES);
  #length = 0;
  /** All of it has been sent. */
  #done = false;
  #aborted = false;
  /** The first half of a character that two writes have cut in two. */
  #half = "";
  #closed!: Promise<void>;
  #close!: () => void;
  #break!: (error: unknown) => void;

  copyData(): void {}

  protected makeStream(): WritableStream<Uint8Array | string> {
    this.#closed = new Promise((resolve, reject) => {
      this.#close = resolve;
      this.#break = reject;
    });
    this.#closed.catch(() => {});
    return new WritableStream<Uint8Array | string>(
      {
        start: (controller) => {
          this.#controller = controller;
          // At once, and not only when a write that waits for the connection has ended.
          const { signal } = controller as { signal?: AbortSignal };
          signal?.addEventListener("abort", () => this.#abort(signal.reason));
        },
        write: (chunk) => this.#write(chunk),
        close: () => {
          this.#send();
          this.#gather(encoder.encode(this.#half));
          this.#send();
          this.#done = true;
          this.exchange?.copyDone();
          return this.#closed;
        },
        abort: (reason) => this.#abort(reason),
      },
      { highWaterMark: FRAME_BYTES, size: (chunk) => (chunk as Partial<Uint8Array>)?.length ?? 1 },
    );
  }

  protected endStream(failure: { readonly error: unknown } | undefined): void {
    if (failure === undefined && this.#done) return this.#close();
    const error = failure === undefined ? new ProtocolError("the server ended a COPY before its data") : failure.error;
    this.#break(error);
    // On workerd an error in the middle of an abort would keep that from ever ending.
    if (!this.#aborted) this.#controller.error(error);
  }

  #abort(reason: unknown): void {
    this.#aborted = true;
    this.cancel(reason);
  }

  async #write(chunk: unknown): Promise<void> {
    const bytes = this.#bytesOf(chunk);
    for (let at = 0; at < bytes.length && !this.isOver;) {
      const taken = this.#gather(bytes.subarray(at, at + FRAME_BYTES - this.#length));
      at += taken;
      if (this.#length < FRAME_BYTES) continue;
      this.#send();
      await this.exchange?.drained();
    }
  }

  #bytesOf(chunk: unknown): Uint8Array {
    if (chunk instanceof Uint8Array) return chunk;
    if (typeof chunk === "string") {
      const text = this.#half + chunk;
      this.#half = /[\ud800-\udbff]$/.exec(text)?.[0] ?? "";
      return encoder.encode(this.#half === "" ? text : text.slice(0, -1));
    }
    const error = new TypeError("COPY FROM STDIN takes strings and Uint8Arrays");
    // A write that fails breaks the stream without an abort.
    this.cancel(error);
    throw error;
  }

  #gather(bytes: Uint8Array): number {
    this.#frame.set(bytes, this.#length);
    this.#length += bytes.length;
    return bytes.length;
  }

  #send(): void {
    if (this.#length > 0) this.exchange?.copyData(this.#frame.subarray(0, this.#length));
    this.bytes += this.#length;
    this.#length = 0;
  }
}
