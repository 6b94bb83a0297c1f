// Arrays in the text form (PostgreSQL documentation, "Array Input and Output Syntax"): NULL against "NULL", quotes,
// backslashes, lower bounds, nesting. Iterative, over the bytes, so that elements go to their decoder unquoted.

import { broken } from "../protocol/bytes.ts";
import type { ValueDecoder } from "./text.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const EQUALS = 0x3d;
/** The server allows six dimensions. */
const MAX_DEPTH = 6;

/** A decoder of arrays whose elements `element` decodes. `delimiter` is a comma for every type but box. */
export function arrayOf(element: ValueDecoder, delimiter: number = 0x2c): ValueDecoder {
  return (bytes, start, end) => parseArray(bytes, start, end, element, delimiter);
}

function parseArray(
  bytes: Uint8Array,
  start: number,
  end: number,
  element: ValueDecoder,
  delimiter: number,
): unknown[] {
  const root: unknown[] = [];
  const stack: unknown[][] = [];
  let current = root;
  let at = afterBounds(bytes, start, end);
  while (at < end) {
    const byte = bytes[at] as number;
    if (byte === OPEN) {
      if (stack.length === MAX_DEPTH) throw malformed();
      const inner: unknown[] = stack.length === 0 ? root : [];
      if (stack.length > 0) current.push(inner);
      stack.push(inner);
      current = inner;
      at += 1;
    } else if (stack.length === 0) {
      throw malformed();
    } else if (byte === CLOSE) {
      stack.pop();
      const outer = stack.at(-1);
      at += 1;
      if (outer === undefined) {
        if (at !== end) throw malformed();
        return root;
      }
      current = outer;
    } else if (byte === delimiter) {
      at += 1;
    } else if (byte === QUOTE) {
      at = quoted(bytes, at + 1, end, element, current);
    } else {
      at = bare(bytes, at, end, element, delimiter, current);
    }
  }
  throw malformed();
}

/** Skips `[0:1][2:3]=`, which tells lower bounds other than 1. */
function afterBounds(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== 0x5b) return start;
  let at = start;
  while (at < end && bytes[at] !== EQUALS) at++;
  return at + 1;
}

function quoted(bytes: Uint8Array, start: number, end: number, element: ValueDecoder, into: unknown[]): number {
  let at = start;
  let escapes = 0;
  while (at < end && bytes[at] !== QUOTE) {
    if (bytes[at] === BACKSLASH) {
      escapes++;
      at++;
    }
    at++;
  }
  if (at >= end) throw malformed();
  if (escapes === 0) {
    into.push(element(bytes, start, at));
    return at + 1;
  }
  const plain = new Uint8Array(at - start - escapes);
  for (let from = start, to = 0; from < at; from++, to++) {
    if (bytes[from] === BACKSLASH) from++;
    plain[to] = bytes[from] as number;
  }
  into.push(element(plain, 0, plain.length));
  return at + 1;
}

function bare(
  bytes: Uint8Array,
  start: number,
  end: number,
  element: ValueDecoder,
  delimiter: number,
  into: unknown[],
): number {
  let at = start;
  while (at < end && bytes[at] !== delimiter && bytes[at] !== CLOSE) at++;
  into.push(isNull(bytes, start, at) ? null : element(bytes, start, at));
  return at;
}

function isNull(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start === 4 &&
    bytes[start] === 0x4e &&
    bytes[start + 1] === 0x55 &&
    bytes[start + 2] === 0x4c &&
    bytes[start + 3] === 0x4c
  );
}

function malformed(): Error {
  return broken("a malformed array");
}
