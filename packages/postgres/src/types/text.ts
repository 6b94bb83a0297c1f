// Strings out of byte ranges, and the scalar types out of their text form. Every decoder takes a range that it must not
// leave and must not keep.

import { broken, text } from "../protocol/bytes.ts";

/** Turns the bytes `[start, end)` of one value that is not NULL into a JavaScript value. */
export type ValueDecoder = (bytes: Uint8Array, start: number, end: number) => unknown;

/** `t` or `f`. */
export function boolean(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 && bytes[start] === 0x74;
}

/** int2, int4, oid, float4, float8: `NaN`, `Infinity` and `-0` included, all in JavaScript's own words. */
export function number(bytes: Uint8Array, start: number, end: number): number {
  return Number(text(bytes, start, end));
}

/** json and jsonb. What is no JSON is told without it: the platform's own error would show a piece of the value. */
export function json(bytes: Uint8Array, start: number, end: number): unknown {
  try {
    return JSON.parse(text(bytes, start, end));
  } catch {
    throw broken("json that is none");
  }
}

/** int8 as a bigint. */
export function bigint(bytes: Uint8Array, start: number, end: number): bigint {
  try {
    return BigInt(text(bytes, start, end));
  } catch {
    throw broken("an integer that is none");
  }
}

/** bytea, in the hex form (`\x…`) or the older escape form. */
export function bytea(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (end - start < 2 || bytes[start] !== 0x5c || bytes[start + 1] !== 0x78) return escapedBytea(bytes, start, end);
  const value = new Uint8Array((end - start - 2) >> 1);
  for (let at = start + 2, index = 0; index < value.length; index++, at += 2) {
    value[index] = (nibble(bytes[at] as number) << 4) | nibble(bytes[at + 1] as number);
  }
  return value;
}

function nibble(digit: number): number {
  return digit <= 0x39 ? digit - 0x30 : (digit | 0x20) - 0x57;
}

function escapedBytea(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const value = new Uint8Array(end - start);
  let length = 0;
  for (let at = start; at < end; at++) {
    let byte = bytes[at] as number;
    if (byte === 0x5c && at + 1 < end && bytes[at + 1] === 0x5c) {
      at += 1;
    } else if (byte === 0x5c) {
      if (at + 3 >= end) throw broken("a bytea that ends inside an escape");
      byte = Number.parseInt(text(bytes, at + 1, at + 4), 8);
      at += 3;
    }
    value[length++] = byte;
  }
  return value.slice(0, length);
}
