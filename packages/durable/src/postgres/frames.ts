// Where Postgres frames begin and end (PostgreSQL documentation, "Message Formats"): type byte, int32 length that counts
// itself, body. All that the object reads of them: never a value. Pure; keeps no more than a header and the first bytes of a
// body across chunks.

import { ProtocolError, type Outcome } from "@landline/core";
import { BACKEND, FRONTEND } from "@landline/postgres/wire";

/** Told by a {@link FrameWalker}; what it throws comes out of `push`. */
export interface FrameSink {
  /** A frame's first byte is at `at` of the chunk. */
  begin(at: number): void;
  /**
   * A frame ends before `at` of the chunk. `bytes[start, start + length)` are the first bytes of its body,
   * {@link PEEK_BYTES} at most; they are borrowed.
   */
  end(type: number, bytes: Uint8Array, start: number, length: number, at: number): void;
}

const HEADER_BYTES = 5;
/** Enough for the status of ReadyForQuery, the command of CommandComplete, and the SQLSTATE of ErrorResponse. */
export const PEEK_BYTES = 64;
const MAX_FRAME_BYTES = 1024 * 1024 * 1024;

const FROM_SERVER = tableOf(Object.values(BACKEND));
/** What a client may send through a pool. Passwords and Terminate are no part of it, and COPY data only of a stream. */
const FROM_CLIENT = tableOf([
  FRONTEND.bind,
  FRONTEND.close,
  FRONTEND.describe,
  FRONTEND.execute,
  FRONTEND.parse,
  FRONTEND.query,
  FRONTEND.sync,
]);
/** What may follow the first frames of a stream. */
const IN_A_STREAM = tableOf([FRONTEND.copyData, FRONTEND.copyDone, FRONTEND.copyFail, FRONTEND.sync]);

function tableOf(types: readonly number[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const type of types) table[type] = 1;
  return table;
}

/** Walks the server's bytes, in chunks that end anywhere. */
export class FrameWalker {
  readonly #header = new Uint8Array(HEADER_BYTES);
  readonly #peek = new Uint8Array(PEEK_BYTES);
  #headerLength = 0;
  #peekLength = 0;
  #bodyLeft = 0;
  #failure: unknown;

  /** Whether a frame has begun and not ended. */
  get midFrame(): boolean {
    return this.#headerLength > 0;
  }

  /** @throws ProtocolError when the bytes are no frames of a server, and then on every call; or what the sink throws. */
  push(chunk: Uint8Array, sink: FrameSink): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      this.#walk(chunk, sink);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #walk(chunk: Uint8Array, sink: FrameSink): void {
    let at = 0;
    const header = this.#header;
    while (at < chunk.length) {
      if (this.#headerLength === 0) {
        sink.begin(at);
        // The usual case: a frame that is whole.
        if (chunk.length - at >= HEADER_BYTES) {
          const body = at + HEADER_BYTES;
          const length = bodyLength(chunk, at, FROM_SERVER, "the server", "unknown");
          if (body + length <= chunk.length) {
            const type = chunk[at] as number;
            at = body + length;
            sink.end(type, chunk, body, Math.min(length, PEEK_BYTES), at);
            continue;
          }
        }
      }
      if (this.#headerLength < HEADER_BYTES) {
        header[this.#headerLength++] = chunk[at++] as number;
        if (this.#headerLength < HEADER_BYTES) continue;
        this.#bodyLeft = bodyLength(header, 0, FROM_SERVER, "the server", "unknown");
        this.#peekLength = 0;
      }
      const taken = Math.min(this.#bodyLeft, chunk.length - at);
      const peeked = Math.min(taken, PEEK_BYTES - this.#peekLength);
      if (peeked > 0) this.#peek.set(chunk.subarray(at, at + peeked), this.#peekLength);
      this.#peekLength += peeked;
      at += taken;
      this.#bodyLeft -= taken;
      if (this.#bodyLeft > 0) return;
      this.#headerLength = 0;
      sink.end(header[0] as number, this.#peek, 0, this.#peekLength, at);
    }
  }
}

/**
 * How many ReadyForQuery will answer these frames.
 * @throws ProtocolError (outcome `unsent`) when they are not whole frames that a client may send, the last one Sync or Query.
 */
export function countSyncs(frames: Uint8Array): number {
  let syncs = 0;
  let last = 0;
  let at = 0;
  while (at < frames.length) {
    if (frames.length - at < HEADER_BYTES) throw broken("they end inside a message");
    const length = bodyLength(frames, at, FROM_CLIENT, "the caller", "unsent");
    last = frames[at] as number;
    if (last === FRONTEND.sync || last === FRONTEND.query) syncs++;
    at += HEADER_BYTES + length;
  }
  if (at !== frames.length) throw broken("they end inside a message");
  if (last !== FRONTEND.sync && last !== FRONTEND.query)
    throw broken("they end without a Sync, so that nothing would answer them");
  return syncs;
}

/**
 * Whether these frames, which go on with a COPY, are the last of its data.
 * @throws ProtocolError (outcome `unsent`) when they are not whole frames that a COPY may have.
 */
export function endsCopy(frames: Uint8Array): boolean {
  let ends = false;
  let at = 0;
  while (at < frames.length) {
    if (frames.length - at < HEADER_BYTES) throw broken("they end inside a message");
    if (frames[at] !== FRONTEND.copyData) ends = true;
    at += HEADER_BYTES + bodyLength(frames, at, IN_A_STREAM, "the caller", "unsent");
  }
  if (at !== frames.length) throw broken("they end inside a message");
  return ends;
}

function bodyLength(bytes: Uint8Array, at: number, allowed: Uint8Array, who: string, outcome: Outcome): number {
  const type = bytes[at] as number;
  if (allowed[type] !== 1)
    throw broken(`${who} sent a message of type 0x${type.toString(16).padStart(2, "0")}`, outcome);
  const length =
    ((bytes[at + 1] as number) << 24) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 8) |
    (bytes[at + 4] as number);
  if (length < 4 || length > MAX_FRAME_BYTES)
    throw broken(`${who} sent a message of the impossible length ${length}`, outcome);
  return length - 4;
}

function broken(why: string, outcome: Outcome = "unsent"): ProtocolError {
  return new ProtocolError(`frames that cannot go through the pool: ${why}`, { outcome });
}
