// The binary forms of the types whose binary value is provably the same as the text one (PostgreSQL 12 and later, where
// float8 is printed so that it reads back exactly). float4, numeric, date, timestamp, reg* and money stay text: theirs is
// another value, or depends on settings.

import { broken, int32 } from "../protocol/bytes.ts";
import { json, type ValueDecoder } from "./text.ts";

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
/** 2000-01-01, from which the server counts, in milliseconds of 1970. */
const EPOCH = 946_684_800_000;
/** Beyond this many, the sum of two 32-bit halves is no exact double any more. */
const EXACT_HIGH = 0x1f_ffff;
const scratch = new DataView(new ArrayBuffer(8));

function sized(size: number, read: (bytes: Uint8Array, at: number) => unknown): ValueDecoder {
  return (bytes, start, end) => {
    if (end - start !== size) throw broken(`a binary value of ${end - start} bytes where ${size} belong`);
    return read(bytes, start);
  };
}

function int64(bytes: Uint8Array, at: number): bigint {
  return (BigInt(int32(bytes, at)) << 32n) | BigInt(int32(bytes, at + 4) >>> 0);
}

/** bool */
export const booleanBinary: ValueDecoder = sized(1, (bytes, at) => bytes[at] !== 0);
/** int2 */
export const int2Binary: ValueDecoder = sized(
  2,
  (bytes, at) => (((bytes[at] as number) << 24) >> 16) | (bytes[at + 1] as number),
);
/** int4 */
export const int4Binary: ValueDecoder = sized(4, int32);
/** oid */
export const oidBinary: ValueDecoder = sized(4, (bytes, at) => int32(bytes, at) >>> 0);
/** int8, as a string. */
export const int8Binary: ValueDecoder = sized(8, (bytes, at) => {
  const high = int32(bytes, at);
  const low = int32(bytes, at + 4) >>> 0;
  return high < EXACT_HIGH && high > -EXACT_HIGH ? String(high * 4_294_967_296 + low) : int64(bytes, at).toString();
});
/** int8, as a bigint. */
export const bigintBinary: ValueDecoder = sized(8, int64);
/** float8 */
export const float8Binary: ValueDecoder = sized(8, (bytes, at) => {
  scratch.setInt32(0, int32(bytes, at));
  scratch.setInt32(4, int32(bytes, at + 4));
  return scratch.getFloat64(0);
});
/** uuid */
export const uuidBinary: ValueDecoder = sized(16, (bytes, at) => {
  let uuid = "";
  for (let index = 0; index < 16; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) uuid += "-";
    uuid += HEX[bytes[at + index] as number] as string;
  }
  return uuid;
});
/** timestamptz */
export const timestamptzBinary: ValueDecoder = sized(8, (bytes, at) => {
  const high = int32(bytes, at);
  const low = int32(bytes, at + 4) >>> 0;
  if (high === 0x7fff_ffff && low === 0xffff_ffff) return Infinity;
  if (high === -0x8000_0000 && low === 0) return -Infinity;
  if (high < EXACT_HIGH && high > -EXACT_HIGH) return new Date(Math.floor((high * 4_294_967_296 + low) / 1000) + EPOCH);
  const micros = int64(bytes, at);
  const floor = micros < 0n ? (micros - 999n) / 1000n : micros / 1000n;
  return new Date(Number(floor) + EPOCH);
});
/** bytea, copied. (`slice` would be a view, where the chunk is a Buffer of Node's.) */
export const byteaBinary: ValueDecoder = (bytes, start, end) => new Uint8Array(bytes.subarray(start, end));
/** jsonb: a version byte, then text. */
export const jsonbBinary: ValueDecoder = (bytes, start, end) => {
  if (bytes[start] !== 1) throw broken("jsonb in a version that is not known");
  return json(bytes, start + 1, end);
};
