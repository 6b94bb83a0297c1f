// Parameters, encoded from the JavaScript value alone, so that what one means never depends on what the server or a cache
// knows. Everything that cannot be encoded is a TypeError, before anything is sent.

import { MAX_PARAMETERS, type WireValue } from "../protocol/encoder.ts";
import { OID } from "./registry.ts";

/** A value with a say in how it is sent; made by `sql.json`, `sql.array` and `sql.typed`. */
export class Typed {
  readonly value: unknown;
  /** The declared OID; 0 lets the server infer. */
  readonly type: number;
  readonly as: "json" | "array" | "value";

  constructor(value: unknown, type: number, as: "json" | "array" | "value") {
    this.value = value;
    this.type = type;
    this.as = as;
  }
}

/** A value that knows its own text form. */
export interface PostgresText {
  toPostgres(): string;
}

/** Parameters as Parse and Bind want them. */
export interface EncodedParameters {
  readonly values: readonly WireValue[];
  /** Declared OIDs; empty when the server is to infer them all. */
  readonly types: readonly number[];
}

/** For a statement that takes none. */
export const NO_PARAMETERS: EncodedParameters = { values: [], types: [] };

/** @throws TypeError that names the position (from 1) of a value that cannot be a parameter. */
export function encodeParameters(parameters: readonly unknown[]): EncodedParameters {
  const count = parameters.length;
  if (count === 0) return NO_PARAMETERS;
  if (count > MAX_PARAMETERS) {
    throw new TypeError(
      `a statement takes at most ${MAX_PARAMETERS} parameters, not ${count}; pass arrays and unnest() them instead`,
    );
  }
  const values: WireValue[] = [];
  const types: number[] = [];
  let declared = false;
  for (let index = 0; index < count; index++) {
    const value = parameters[index];
    const type = declaredType(value);
    if (type !== 0) declared = true;
    types.push(type);
    values.push(encodeValue(value, index + 1));
  }
  return { values, types: declared ? types : [] };
}

function declaredType(value: unknown): number {
  if (typeof value === "boolean") return OID.bool;
  if (value instanceof Typed) return value.type === 0 && value.as === "value" ? declaredType(value.value) : value.type;
  return toBytes(value) === undefined ? 0 : OID.bytea;
}

function encodeValue(value: unknown, position: number): WireValue {
  if (value === null) return null;
  if (value instanceof Typed) {
    if (value.as === "json") return toJson(value.value, position);
    return encodeValue(value.value, position);
  }
  return toBytes(value) ?? toText(value, position);
}

function toBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return undefined;
}

function toText(value: unknown, position: number): string {
  switch (typeof value) {
    case "string":
      return withoutNul(value, position);
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "bigint":
      return String(value);
    case "boolean":
      return value ? "t" : "f";
    case "object":
      if (Array.isArray(value)) return toArray(value, position);
      if (typeof (value as Partial<PostgresText>).toPostgres === "function")
        return withoutNul(String((value as PostgresText).toPostgres()), position);
      return value instanceof Date ? toIso(value, position) : toJson(value, position);
    case "undefined":
      throw refused(position, "is undefined; write null if NULL is meant");
    default:
      throw refused(position, `is a ${typeof value}, which has no SQL value`);
  }
}

function withoutNul(text: string, position: number): string {
  if (text.includes("\0")) throw refused(position, "contains a NUL character, which Postgres cannot store in text");
  return text;
}

/** ISO 8601 in UTC. Years outside of 0 to 9999 in the form that Postgres reads, not in that of JavaScript. */
function toIso(date: Date, position: number): string {
  if (Number.isNaN(date.getTime())) throw refused(position, "is an invalid Date");
  const iso = date.toISOString();
  const year = date.getUTCFullYear();
  if (year >= 1 && year <= 9999) return iso;
  const rest = iso.slice(iso.indexOf("-", 1));
  return year < 1 ? `${String(1 - year).padStart(4, "0")}${rest} BC` : `${year}${rest}`;
}

function toJson(value: unknown, position: number): string {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw refused(position, "has no JSON form");
  return text;
}

/** An array literal. Elements are always quoted, so that none can be taken for NULL or a delimiter. */
function toArray(array: readonly unknown[], position: number): string {
  const elements = Array.from(array, (element) => {
    if (element === null) return "NULL";
    if (Array.isArray(element)) return toArray(element, position);
    const plain = literal(element, position);
    return plain === null ? "NULL" : quote(plain);
  });
  return `{${elements.join()}}`;
}

/** A value inside of another one's text form; `null` for NULL. `position` is for the error. */
export function literal(value: unknown, position: number): string | null {
  const plain = encodeValue(value, position);
  return plain === null || typeof plain === "string" ? plain : hex(plain);
}

/** In double quotes, as the text forms of arrays and composites have it. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

function hex(bytes: Uint8Array): string {
  let text = "\\x";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

function refused(position: number, why: string): TypeError {
  return new TypeError(`parameter $${position} ${why}`);
}
