// A driver's bytes, cut into frames, and what a pooler says to it by itself. PostgreSQL documentation, "Message Formats".

import { ByteWriter } from "@landline/core/bytes";
import { LandlineError, ProtocolError } from "@landline/core";
import { BACKEND } from "@landline/postgres/wire";

const HEADER_BYTES = 5;
/** The object has 128 MB for everybody; by RPC a message may be as long. */
const MAX_FRAME_BYTES = 32 * 1024 * 1024;
const MAX_STARTUP_BYTES = 10_000;
const latin1 = new TextDecoder("latin1");
const EMPTY = new Uint8Array(0);

/** Cuts a driver's bytes into frames: first those without a type byte, and after {@link started} those with one. */
export class ClientFrames {
  #bytes: Uint8Array = EMPTY;
  #from = 0;
  #to = 0;
  #started = false;

  /** The startup packet has come. */
  started(): void {
    this.#started = true;
  }

  /** Bytes that are not taken yet. */
  get length(): number {
    return this.#to - this.#from;
  }

  /** Copies a chunk. */
  push(chunk: Uint8Array): void {
    const length = this.length + chunk.length;
    if (this.#to + chunk.length > this.#bytes.length) {
      // A new buffer each time: frames that were taken are views of the old one.
      const grown = new Uint8Array(length > chunk.length ? length * 2 : length);
      grown.set(this.#bytes.subarray(this.#from, this.#to));
      this.#bytes = grown;
      this.#to = this.length;
      this.#from = 0;
    }
    this.#bytes.set(chunk, this.#to);
    this.#to += chunk.length;
  }

  /** The next whole frame; it stays as it is. @throws ProtocolError for what is none. @throws LandlineError for one that is too long. */
  next(): Uint8Array | undefined {
    const at = this.#started ? 1 : 0;
    if (this.length < at + 4) return undefined;
    const length = new DataView(this.#bytes.buffer).getInt32(this.#from + at) + at;
    if (length < at + 4) throw new ProtocolError("the driver sent a message of an impossible length");
    if (length > (this.#started ? MAX_FRAME_BYTES : MAX_STARTUP_BYTES)) throw tooLong();
    if (this.length < length) return undefined;
    const frame = this.#bytes.subarray(this.#from, this.#from + length);
    this.#from += length;
    return frame;
  }
}

function tooLong(): LandlineError {
  return new LandlineError(`a message to the pool has at most ${MAX_FRAME_BYTES} bytes; COPY can be had in many`, {
    code: "POOL_UNSUPPORTED",
    outcome: "unsent",
  });
}

/** What a driver asks for at the start: names and values. @throws ProtocolError for what is no startup packet. */
export function startupParameters(packet: Uint8Array): Map<string, string> {
  const parameters = new Map<string, string>();
  for (let at = 8; at < packet.length - 1;) {
    const name = cstringAt(packet, at);
    const value = cstringAt(packet, name.next);
    parameters.set(name.text, value.text);
    at = value.next;
  }
  return parameters;
}

/** The text that begins at `at` and ends in NUL, one character for each byte, and where the next field begins. */
export function cstringAt(bytes: Uint8Array, at: number): { readonly text: string; readonly next: number } {
  const end = bytes.indexOf(0, at);
  if (end < 0) throw new ProtocolError("the driver sent a text that does not end");
  return { text: latin1.decode(bytes.subarray(at, end)), next: end + 1 };
}

export const PARSE_COMPLETE: Uint8Array = Uint8Array.of(BACKEND.parseComplete, 0, 0, 0, 4);
export const CLOSE_COMPLETE: Uint8Array = Uint8Array.of(BACKEND.closeComplete, 0, 0, 0, 4);
/** ReadyForQuery, outside of a transaction. */
export const READY: Uint8Array = Uint8Array.of(BACKEND.readyForQuery, 0, 0, 0, 5, 0x49);
export const BODY_AT: number = HEADER_BYTES;

/** NegotiateProtocolVersion: 3.0, and none of these options. */
export function onlyVersion3(unknown: readonly string[]): Uint8Array {
  const writer = new ByteWriter();
  frame(writer, BACKEND.negotiateProtocolVersion, () => {
    writer.i32(0);
    writer.i32(unknown.length);
    for (const name of unknown) writer.cstring(name);
  });
  return writer.take();
}

/** AuthenticationOk, what the server is, the key to cancel with, and ReadyForQuery. */
export function welcome(parameters: ReadonlyMap<string, string>, processId: number, secret: Uint8Array): Uint8Array {
  const writer = new ByteWriter();
  frame(writer, BACKEND.authentication, () => writer.i32(0));
  for (const [name, value] of parameters) {
    frame(writer, BACKEND.parameterStatus, () => {
      writer.cstring(name);
      writer.cstring(value);
    });
  }
  frame(writer, BACKEND.backendKeyData, () => {
    writer.i32(processId);
    writer.bytes(secret);
  });
  writer.bytes(READY);
  return writer.take();
}

/** ErrorResponse. After a `FATAL` one, the connection ends. */
export function errorResponse(severity: "ERROR" | "FATAL", code: string, message: string): Uint8Array {
  const writer = new ByteWriter();
  frame(writer, BACKEND.errorResponse, () => {
    for (const field of [`S${severity}`, `V${severity}`, `C${code}`, `M${message.replaceAll("\0", "")}`])
      writer.cstring(field);
    writer.u8(0);
  });
  return writer.take();
}

function frame(writer: ByteWriter, type: number, body: () => void): void {
  const start = writer.length;
  writer.u8(type);
  writer.i32(0);
  body();
  writer.setI32(start + 1, writer.length - start - 1);
}
