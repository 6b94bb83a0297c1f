// Parameters, from JavaScript values to what Bind sends: the conversions of node-postgres, which differ from those of the
// `sql` tag (a Date goes in local time with its offset, an object as JSON unless it has `toPostgres`).

import type { WireValue } from "../protocol/encoder.ts";
import { defaults } from "./defaults.ts";

/** One parameter. @throws what `toPostgres` or `toJSON` throw, or Error for one that refers to itself. */
export function prepareValue(value: unknown): WireValue {
  return prepare(value, []);
}

function prepare(value: unknown, seen: readonly unknown[]): WireValue {
  if (value === null || value === undefined) return null;
  if (typeof value !== "object") return String(value as string | number | bigint | boolean);
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (isDate(value)) return dateText(value);
  if (Array.isArray(value)) return arrayText(value);
  const { toPostgres } = value as { toPostgres?: unknown };
  // As JSON has it: undefined for what it has no word for, which is NULL here.
  if (typeof toPostgres !== "function") return JSON.stringify(value) ?? null;
  if (seen.includes(value))
    throw new Error(
      `circular reference detected while preparing "${(value as { toString(): string }).toString()}" for query`,
    );
  return prepare(toPostgres.call(value, prepareValue), [...seen, value]);
}

function isDate(value: object): value is Date {
  return Object.prototype.toString.call(value) === "[object Date]";
}

function arrayText(values: readonly unknown[]): string {
  return `{${values.map(elementText).join(",")}}`;
}

function elementText(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (Array.isArray(value)) return arrayText(value);
  const prepared = prepareValue(value);
  if (prepared === null) return "NULL";
  if (typeof prepared !== "string") return String.raw`\\x` + hex(prepared);
  return `"${prepared.replaceAll("\\", String.raw`\\`).replaceAll('"', String.raw`\"`)}"`;
}

function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** ISO 8601 with the offset of this process, or of UTC. The year before 1 is 1 BC. */
function dateText(date: Date): string {
  const utc = defaults.parseInputDatesAsUTC;
  const minutes = utc ? 0 : -date.getTimezoneOffset();
  const local = utc ? date : new Date(date.getTime() + minutes * 60_000);
  const year = local.getUTCFullYear();
  const offset = Math.abs(minutes);
  return (
    `${digits(year < 1 ? 1 - year : year, 4)}-${digits(local.getUTCMonth() + 1, 2)}-${digits(local.getUTCDate(), 2)}` +
    `T${digits(local.getUTCHours(), 2)}:${digits(local.getUTCMinutes(), 2)}:${digits(local.getUTCSeconds(), 2)}` +
    `.${digits(local.getUTCMilliseconds(), 3)}` +
    `${minutes < 0 ? "-" : "+"}${digits(Math.floor(offset / 60), 2)}:${digits(offset % 60, 2)}${year < 1 ? " BC" : ""}`
  );
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
