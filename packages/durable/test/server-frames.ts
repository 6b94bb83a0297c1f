// A few frames as a server sends them.

import { ByteWriter } from "@landline/core/bytes";

/** One frame. */
export function frame(type: string, body: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(type.charCodeAt(0));
  writer.i32(0);
  body(writer);
  writer.setI32(1, writer.length - 1);
  return writer.take().slice();
}

export const readyForQuery = (status: string): Uint8Array => frame("Z", (writer) => writer.utf8(status));
export const commandComplete = (tag: string): Uint8Array => frame("C", (writer) => writer.cstring(tag));
/** A row whose body has that many bytes, none of which anybody in the object should read. */
export const row = (bytes: number): Uint8Array => frame("D", (writer) => writer.utf8("x".repeat(bytes)));

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
