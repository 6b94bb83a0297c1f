// Frame headers alone, for whoever passes the server's bytes on without reading them: where each ReadyForQuery ends, and
// with which status. Copies no body and keeps nothing but a header that a chunk has cut.

import { ProtocolError } from "@landline/core";
import { BACKEND, type TransactionStatus } from "./messages.ts";

const HEADER_BYTES = 5;
const READY_BODY_BYTES = 1;

/** Hears of each ReadyForQuery: `end` is the offset behind it in the chunk that was pushed. */
export type OnReady = (status: TransactionStatus, end: number) => void;

/** Walks over frames. After a throw it is of no more use. */
export class ReplyScanner {
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerLength = 0;
  /** Bytes of the current frame's body that are still to come. */
  #left = 0;

  /** Whether a frame has begun and not ended. */
  get midFrame(): boolean {
    return this.#headerLength > 0;
  }

  /** @throws ProtocolError when the bytes are no frames. */
  push(chunk: Uint8Array, onReady: OnReady): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#headerLength < HEADER_BYTES) {
        this.#header[this.#headerLength++] = chunk[at++] as number;
        if (this.#headerLength < HEADER_BYTES) continue;
        this.#left = this.#bodyLength();
      } else {
        const step = Math.min(this.#left, chunk.length - at);
        at += step;
        this.#left -= step;
      }
      if (this.#left > 0) continue;
      this.#headerLength = 0;
      if (this.#header[0] === BACKEND.readyForQuery) onReady(statusOf(chunk[at - 1] as number), at);
    }
  }

  #bodyLength(): number {
    const [type, a = 0, b = 0, c = 0, d = 0] = this.#header;
    const length = ((a << 24) | (b << 16) | (c << 8) | d) - 4;
    if (length < 0 || (type === BACKEND.readyForQuery && length !== READY_BODY_BYTES)) {
      throw new ProtocolError("the server sent a frame of an impossible length");
    }
    return length;
  }
}

function statusOf(byte: number): TransactionStatus {
  const status = String.fromCharCode(byte);
  if (status === "I" || status === "T" || status === "E") return status;
  throw new ProtocolError("the server sent an unknown transaction status");
}
