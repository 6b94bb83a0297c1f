// What every reader of a server's bytes shares: numbers, text, and what is said of bytes that are against the rules.

import { ProtocolError } from "@landline/core";

/** "The server sent …": names what, and never its contents. */
export function broken(
  what: string,
  code: "PROTOCOL_VIOLATION" | "PROTOCOL_LIMIT" = "PROTOCOL_VIOLATION",
): ProtocolError {
  return new ProtocolError(`the server sent ${what}`, { code });
}

/** Four bytes, big-endian, signed. */
export function int32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

const utf8 = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
const { fromCharCode } = String;
const { Buffer, Bun } = globalThis as {
  Buffer?: { readonly prototype: { utf8Slice?(this: Uint8Array, start: number, end: number): string } };
  Bun?: unknown;
};
/** Takes any Uint8Array, and needs no view of it (23 bytes on Node: 62 ns, where a TextDecoder takes 103). */
const utf8Slice = Buffer?.prototype.utf8Slice;
/**
 * Up to this length ASCII is built from char codes, eight at a time (23 bytes on V8: 67 ns; one at a time 142). JavaScriptCore
 * calls its own decoder in less.
 */
const SHORT = Bun === undefined ? 48 : 8;

/** UTF-8 text. */
export function text(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= SHORT) {
    let short = "";
    let at = start;
    let bits = 0;
    for (; at + 8 <= end; at += 8) {
      const a = bytes[at] as number;
      const b = bytes[at + 1] as number;
      const c = bytes[at + 2] as number;
      const d = bytes[at + 3] as number;
      const e = bytes[at + 4] as number;
      const f = bytes[at + 5] as number;
      const g = bytes[at + 6] as number;
      const h = bytes[at + 7] as number;
      bits |= a | b | c | d | e | f | g | h;
      short += fromCharCode(a, b, c, d, e, f, g, h);
    }
    for (; at < end; at++) {
      const byte = bytes[at] as number;
      bits |= byte;
      short += fromCharCode(byte);
    }
    if (bits < 0x80) return short;
  }
  return utf8Slice?.call(bytes, start, end) ?? utf8.decode(bytes.subarray(start, end));
}
