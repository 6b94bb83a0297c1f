// What an unmodified driver says to the pool, as far as a pooler has to understand it: where frames end, and the names of
// statements. And the few things that a pooler says by itself. PostgreSQL documentation, "Message Formats".

import { ByteWriter } from "@landline/core/bytes";
import { ProtocolError } from "@landline/core";
import { BACKEND } from "@landline/postgres/wire";

const HEADER_BYTES = 5;
const MAX_FRAME_BYTES = 1024 * 1024 * 1024;
const MAX_STARTUP_BYTES = 10_000;
const latin1 = new TextDecoder("latin1");

/** Cuts a driver's bytes into frames: first those without a type byte, and after {@link started} those with one. */
export class ClientFrames {
  #bytes: Uint8Array = new Uint8Array(0);
  #started = false;

  /** The startup packet has come. */
  started(): void {
    this.#started = true;
  }

  push(chunk: Uint8Array): void {
    if (this.#bytes.length === 0) {
      this.#bytes = chunk.slice();
      return;
    }
    const joined = new Uint8Array(this.#bytes.length + chunk.length);
    joined.set(this.#bytes);
    joined.set(chunk, this.#bytes.length);
    this.#bytes = joined;
  }

  /** The next whole frame. @throws ProtocolError for what is none. */
  next(): Uint8Array | undefined {
    const at = this.#started ? 1 : 0;
    const bytes = this.#bytes;
    if (bytes.length < at + 4) return undefined;
    const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(at) + at;
    const most = this.#started ? MAX_FRAME_BYTES : MAX_STARTUP_BYTES;
    if (length < at + 4 || length > most) throw new ProtocolError("the driver sent a message of an impossible length");
    if (bytes.length < length) return undefined;
    this.#bytes = bytes.subarray(length);
    return bytes.subarray(0, length);
  }
}

/** The text that begins at `at` and ends in NUL, one character for each byte, and where the next field begins. */
export function cstringAt(bytes: Uint8Array, at: number): { readonly text: string; readonly next: number } {
  const end = bytes.indexOf(0, at);
  if (end < 0) throw new ProtocolError("the driver sent a text that does not end");
  return { text: latin1.decode(bytes.subarray(at, end)), next: end + 1 };
}

/** A frame with the text between `from` and `to` replaced by `name` and NUL. */
export function renamed(writer: ByteWriter, frame: Uint8Array, range: readonly [number, number], name: string): void {
  const start = writer.length;
  writer.bytes(frame.subarray(0, range[0]));
  writer.cstring(name);
  writer.bytes(frame.subarray(range[1]));
  writer.setI32(start + 1, writer.length - start - 1);
}

export const PARSE_COMPLETE: Uint8Array = Uint8Array.of(BACKEND.parseComplete, 0, 0, 0, 4);
export const CLOSE_COMPLETE: Uint8Array = Uint8Array.of(BACKEND.closeComplete, 0, 0, 0, 4);
export const BODY_AT: number = HEADER_BYTES;

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
  frame(writer, BACKEND.readyForQuery, () => writer.u8(0x49));
  return writer.take();
}

/** ErrorResponse, fatal. */
export function fatal(code: string, message: string): Uint8Array {
  const writer = new ByteWriter();
  frame(writer, BACKEND.errorResponse, () => {
    for (const field of ["SFATAL", "VFATAL", `C${code}`, `M${message.replaceAll("\0", "")}`]) writer.cstring(field);
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
