// Lines of RESP that are a whole value or a length: bytes in, value out. Strict as RESP3.md and hiredis are: what is not
// exactly in the grammar is a ProtocolError, never a guess.

import { ProtocolError } from "@landline/core";
import { IntegerRangeError, RedisError } from "../errors.ts";
import { BIG_NUMBER, BOOLEAN, DOUBLE, INTEGER, NULL, SIMPLE_ERROR, SIMPLE_STRING } from "./messages.ts";
import type { Reply, ReplyFormat } from "./messages.ts";
import { text } from "./text.ts";

const MINUS = 0x2d;
const PLUS = 0x2b;
const ZERO = 0x30;
const NINE = 0x39;
const TRUE = 0x74; // 't'
const FALSE = 0x66; // 'f'
const INT64_MAX = 0x7fff_ffff_ffff_ffffn;
const INT64_MIN = -0x8000_0000_0000_0000n;
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const BIG = /^[+-]?\d+$/;
const NAN = /^[+-]?nan(?:\([a-z0-9_]*\))?$/i;
const INFINITE = /^[+-]?inf(?:inity)?$/i;

/** A length or a count: digits only. Returns -1 for exactly `-1`. */
export function length(bytes: Uint8Array, start: number, end: number): number {
  const digits = end - start;
  if (digits === 2 && bytes[start] === MINUS && bytes[start + 1] === ZERO + 1) return -1;
  if (digits === 0 || digits > 15 || (digits > 1 && bytes[start] === ZERO)) throw malformed("length");
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) throw malformed("length");
    value = value * 10 + digit;
  }
  return value;
}

type Scalar = (bytes: Uint8Array, start: number, end: number, format: ReplyFormat) => Reply;

/** The types whose value is their line, by type byte. */
export const SCALARS: Readonly<Record<number, Scalar>> = Object.fromEntries<Scalar>([
  [SIMPLE_STRING, (bytes, start, end) => text(bytes, start, end)],
  [SIMPLE_ERROR, (bytes, start, end) => new RedisError(text(bytes, start, end))],
  [INTEGER, integer],
  [NULL, nothing],
  [BOOLEAN, boolean],
  [DOUBLE, double],
  [BIG_NUMBER, bigNumber],
]);

function integer(bytes: Uint8Array, start: number, end: number, format: ReplyFormat): Reply {
  const first = bytes[start];
  const signed = first === MINUS || first === PLUS;
  const digits = signed ? start + 1 : start;
  const lead = bytes[digits];
  if (digits === end || end - digits > 19) throw malformed("integer");
  if (lead === ZERO && (signed || end - digits > 1)) throw malformed("integer");
  let value = 0;
  for (let at = digits; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte < ZERO || byte > NINE) throw malformed("integer");
    value = value * 10 + (byte - ZERO);
  }
  if (format.integers === "number" && value <= Number.MAX_SAFE_INTEGER) return first === MINUS ? -value : value;
  return integerOf(BigInt(text(bytes, first === PLUS ? digits : start, end)), format);
}

/** An integer in the form that is wanted, or the error that carries it. */
export function integerOf(exact: bigint, format: ReplyFormat): Reply {
  if (exact > INT64_MAX || exact < INT64_MIN) throw malformed("integer");
  if (format.integers === "bigint") return exact;
  if (format.integers === "string") return exact.toString();
  const value = Number(exact);
  return Number.isSafeInteger(value) ? value : new IntegerRangeError(exact);
}

function nothing(_bytes: Uint8Array, start: number, end: number): null {
  if (start !== end) throw malformed("null");
  return null;
}

function boolean(bytes: Uint8Array, start: number, end: number): boolean {
  const byte = bytes[start];
  if (end - start !== 1 || (byte !== TRUE && byte !== FALSE)) throw malformed("boolean");
  return byte === TRUE;
}

function double(bytes: Uint8Array, start: number, end: number): number {
  const value = parseDouble(text(bytes, start, end));
  if (value === undefined) throw malformed("double");
  return value;
}

/** A double as Redis writes it, in RESP3 and in the bulk strings of RESP2, or `undefined`. */
export function parseDouble(digits: string): number | undefined {
  if (DECIMAL.test(digits)) return Number(digits);
  if (INFINITE.test(digits)) return digits.startsWith("-") ? -Infinity : Infinity;
  return NAN.test(digits) ? Number.NaN : undefined;
}

function bigNumber(bytes: Uint8Array, start: number, end: number, format: ReplyFormat): bigint | string {
  const digits = text(bytes, start, end);
  if (!BIG.test(digits)) throw malformed("big number");
  const value = BigInt(digits.startsWith("+") ? digits.slice(1) : digits);
  return format.integers === "string" ? value.toString() : value;
}

function malformed(what: string): ProtocolError {
  return new ProtocolError(`the server sent a malformed ${what}`);
}
