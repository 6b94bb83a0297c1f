// Backend frames out of chunks that end anywhere: type byte, int32 length that counts itself, body. DataRow and CopyData go
// straight to the sink as ranges of the chunk; everything else becomes a message. Only an incomplete tail is copied. Never
// allocates by what a length field claims, only by what has arrived.

import { broken, int32 } from "./bytes.ts";
import { BACKEND, type BackendMessage } from "./messages.ts";
import { parseMessage } from "./parser.ts";

/** Takes what a {@link BackendDecoder} finds, in order. What it throws poisons the decoder. */
export interface DecoderSink {
  /** The body of a DataRow: `bytes[start, end)`, borrowed until this returns. */
  row(bytes: Uint8Array, start: number, end: number): void;
  /** The body of a CopyData: `bytes[start, end)`, borrowed until this returns. */
  copyData(bytes: Uint8Array, start: number, end: number): void;
  message(message: BackendMessage): void;
}

/** Limits of a {@link BackendDecoder}. */
export interface DecoderOptions {
  /** The largest frame taken, length field included. Default 1 GiB, which is more than the server can make of a value. */
  readonly maxFrameBytes?: number;
}

const HEADER_BYTES = 5;
const DEFAULT_MAX_FRAME_BYTES = 1024 * 1024 * 1024;
/** No message but those of LONG is anywhere near that long: a longer one is not Postgres, or out of step. */
const MAX_SHORT_FRAME_BYTES = 65_536;
const FIRST_TAIL_BYTES = 512;

/** `dataRow`, `copyData`, `rowDescription`, `parameterDescription`, `errorResponse`, `noticeResponse`, `notificationResponse`. */
const LONG = "DdTtENA";
/** By type byte: 0 unknown, 1 short, 2 long. */
const KINDS = new Uint8Array(256);
for (const type of Object.values(BACKEND)) KINDS[type] = LONG.includes(String.fromCharCode(type)) ? 2 : 1;

/** Splits the server's bytes into frames. After any throw every further call throws the same. */
export class BackendDecoder {
  readonly #maxFrameBytes: number;
  #tail: Uint8Array = new Uint8Array(0);
  #tailLength = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: DecoderOptions = {}) {
    this.#maxFrameBytes = options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES;
  }

  /** Whether a frame has begun and not ended. */
  get midFrame(): boolean {
    return this.#tailLength > 0;
  }

  /**
   * Consumes the whole chunk.
   * @throws ProtocolError when the bytes are not the protocol, or what the sink throws; then again on every call.
   */
  push(chunk: Uint8Array, sink: DecoderSink): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    try {
      let at = 0;
      if (this.#tailLength > 0) {
        at = this.#finishTail(chunk, sink);
        if (this.#tailLength > 0) return;
      }
      at = this.#frames(chunk, at, sink);
      if (at < chunk.length) this.#keep(chunk, at, chunk.length);
    } catch (error) {
      this.#failure = { error };
      this.#tail = new Uint8Array(0);
      throw error;
    }
  }

  /** All whole frames from `at` on; returns where the first incomplete one starts. */
  #frames(bytes: Uint8Array, at: number, sink: DecoderSink): number {
    const size = bytes.length;
    while (size - at >= HEADER_BYTES) {
      const end = at + 1 + this.#frameLength(bytes, at);
      if (end > size) break;
      const type = bytes[at] as number;
      const body = at + HEADER_BYTES;
      if (type === BACKEND.dataRow) sink.row(bytes, body, end);
      else if (type === BACKEND.copyData) sink.copyData(bytes, body, end);
      else sink.message(parseMessage(type, bytes, body, end));
      at = end;
    }
    return at;
  }

  /** Completes the frame in the tail as far as the chunk goes; returns how much of the chunk that took. */
  #finishTail(chunk: Uint8Array, sink: DecoderSink): number {
    let at = 0;
    if (this.#tailLength < HEADER_BYTES) {
      at = Math.min(HEADER_BYTES - this.#tailLength, chunk.length);
      this.#keep(chunk, 0, at);
      if (this.#tailLength < HEADER_BYTES) return at;
    }
    const whole = 1 + this.#frameLength(this.#tail, 0);
    const until = Math.min(at + whole - this.#tailLength, chunk.length);
    this.#keep(chunk, at, until);
    if (this.#tailLength === whole) {
      const tail = this.#tail.subarray(0, whole);
      this.#tailLength = 0;
      this.#frames(tail, 0, sink);
      if (this.#tail.length > MAX_SHORT_FRAME_BYTES) this.#tail = new Uint8Array(0);
    }
    return until;
  }

  #frameLength(bytes: Uint8Array, at: number): number {
    const type = bytes[at] as number;
    const length = int32(bytes, at + 1);
    const kind = KINDS[type];
    if (kind === 0) {
      throw broken(`a message of unknown type 0x${type.toString(16).padStart(2, "0")}; is this a Postgres port?`);
    }
    if (length < 4) throw broken(`a message with the impossible length ${length}`);
    if (length > (kind === 2 ? this.#maxFrameBytes : MAX_SHORT_FRAME_BYTES)) {
      throw broken(`a message of ${length} bytes, which is more than is allowed for its type`, "PROTOCOL_LIMIT");
    }
    return length;
  }

  #keep(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.#tailLength + end - start;
    if (needed > this.#tail.length) {
      const grown = new Uint8Array(Math.max(needed, this.#tail.length * 2, FIRST_TAIL_BYTES));
      grown.set(this.#tail.subarray(0, this.#tailLength));
      this.#tail = grown;
    }
    this.#tail.set(bytes.subarray(start, end), this.#tailLength);
    this.#tailLength = needed;
  }
}
