// The binary parsers that node-postgres has by default, for queries with `binary: true`. What is not here stays bytes.

import { booleanBinary, float8Binary, int2Binary, int4Binary, int8Binary } from "../../types/binary.ts";
import type { ValueDecoder } from "../../types/text.ts";

/** Turns the binary form of a value that is not NULL into a JavaScript value. */
export type BinaryParser = (bytes: Uint8Array) => unknown;

const whole =
  (decode: ValueDecoder): BinaryParser =>
  (bytes) =>
    decode(bytes, 0, bytes.length);

const utf8 = new TextDecoder();
const text: BinaryParser = (bytes) => utf8.decode(bytes);
const int4 = whole(int4Binary);
const int8 = whole(int8Binary);
const float4: BinaryParser = (bytes) => viewOf(bytes).getFloat32(0);

/** 2000-01-01 in milliseconds of 1970. */
const EPOCH = 946_684_800_000;
const DIGIT_BASE = 10_000;
const NUMERIC_NAN = 0xc000;
const NUMERIC_NEGATIVE = 0x4000;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Microseconds since 2000; without a zone they are those of this process's clock on the wall. */
function timestamp(local: boolean): BinaryParser {
  return (bytes) => {
    const micros = viewOf(bytes).getBigInt64(0);
    if (micros === 0x7fff_ffff_ffff_ffffn) return Infinity;
    if (micros === -0x8000_0000_0000_0000n) return -Infinity;
    const date = new Date(Number(micros / 1000n) + EPOCH);
    if (local) date.setTime(date.getTime() + date.getTimezoneOffset() * 60_000);
    return date;
  };
}

/** numeric as a number, which has fewer digits. */
function numeric(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  const digits = view.getInt16(0);
  const sign = view.getUint16(4);
  if (sign === NUMERIC_NAN) return Number.NaN;
  let weight = DIGIT_BASE ** view.getInt16(2);
  let value = 0;
  for (let index = 0; index < digits; index++, weight /= DIGIT_BASE) value += view.getInt16(8 + index * 2) * weight;
  const factor = 10 ** view.getInt16(6);
  return ((sign === NUMERIC_NEGATIVE ? -1 : 1) * Math.round(value * factor)) / factor;
}

/** Dimensions, a flag, the elements' OID, a size and a lower bound each, then lengths and elements. */
function array(element: BinaryParser): BinaryParser {
  return (bytes) => {
    const view = viewOf(bytes);
    const sizes = Array.from({ length: view.getInt32(0) }, (_, index) => view.getInt32(12 + index * 8));
    let at = 12 + sizes.length * 8;
    const read = (depth: number): unknown => {
      if (depth < sizes.length) return Array.from({ length: sizes[depth] as number }, () => read(depth + 1));
      const length = view.getInt32(at);
      at += 4;
      if (length < 0) return null;
      at += length;
      return element(bytes.subarray(at - length, at));
    };
    return sizes.length === 0 ? [] : read(0);
  };
}

/** By OID. */
export const binaryParsers: readonly (readonly [oid: number, parser: BinaryParser])[] = [
  [16, whole(booleanBinary)],
  [20, int8],
  [21, whole(int2Binary)],
  [23, int4],
  [25, text],
  [26, int4],
  [700, float4],
  [701, whole(float8Binary)],
  [1000, array(whole(booleanBinary))],
  [1007, array(int4)],
  [1008, array(text)],
  [1009, array(text)],
  [1016, array(int8)],
  [1114, timestamp(true)],
  [1184, timestamp(false)],
  [1700, numeric],
];
