// A statement's plan for its rows: names, one decoder for each column, and the formats to ask for. Turns the body of a
// DataRow into a row in one loop, without an object or a closure in between; every length is checked against the frame.

import { ProtocolError } from "@landline/core";
import type { Column } from "../protocol/messages.ts";
import type { Registry } from "./registry.ts";
import type { ValueDecoder } from "./text.ts";

/** One row as an object. */
export type Row = Record<string, unknown>;

/** How the rows of one statement are read. */
export interface RowPlan {
  readonly columns: readonly Column[];
  readonly names: readonly string[];
  readonly decoders: readonly ValueDecoder[];
  /** Result format codes for Bind; empty when all is text. */
  readonly formats: readonly number[];
  /** Whether a column is named `__proto__`, which a plain assignment would not make a property of. */
  readonly guarded: boolean;
}

/** A plan for columns as they were described: each in the format that was described. */
export function planRows(columns: readonly Column[], types: Registry): RowPlan {
  return makePlan(columns, types, (column) => column.format === 1);
}

/** A plan for the same columns that asks for binary wherever that is proven. */
export function planBinary(columns: readonly Column[], types: Registry): RowPlan {
  return makePlan(columns, types, (column) => types(column.type).binary !== undefined);
}

function makePlan(columns: readonly Column[], types: Registry, isBinary: (column: Column) => boolean): RowPlan {
  const formats = columns.map((column) => (isBinary(column) ? 1 : 0));
  return {
    columns,
    names: columns.map((column) => column.name),
    decoders: columns.map((column, index) => {
      const codec = types(column.type);
      if (formats[index] === 0) return codec.text;
      if (codec.binary === undefined)
        throw new ProtocolError("the server sent a column in binary that was not asked for so");
      return codec.binary;
    }),
    formats: formats.includes(1) ? formats : [],
    guarded: columns.some((column) => column.name === "__proto__"),
  };
}

/** The row as an object. Of two columns with one name, the last wins. */
export function readObject(plan: RowPlan, bytes: Uint8Array, start: number, end: number): Row {
  const { names, decoders } = plan;
  if (plan.guarded) return guardedObject(names, readArray(plan, bytes, start, end));
  const count = decoders.length;
  const row: Row = {};
  let at = columnCount(bytes, start, end, count);
  for (let index = 0; index < count; index++) {
    if (at + 4 > end) throw truncated();
    const length =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number);
    at += 4;
    if (length === -1) {
      row[names[index] as string] = null;
      continue;
    }
    if (length < 0 || at + length > end) throw truncated();
    row[names[index] as string] = (decoders[index] as ValueDecoder)(bytes, at, at + length);
    at += length;
  }
  if (at !== end) throw truncated();
  return row;
}

/** The row as an array of its values. */
export function readArray(plan: RowPlan, bytes: Uint8Array, start: number, end: number): unknown[] {
  const { decoders } = plan;
  const count = decoders.length;
  const row: unknown[] = [];
  let at = columnCount(bytes, start, end, count);
  for (let index = 0; index < count; index++) {
    if (at + 4 > end) throw truncated();
    const length =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number);
    at += 4;
    if (length === -1) {
      row.push(null);
      continue;
    }
    if (length < 0 || at + length > end) throw truncated();
    row.push((decoders[index] as ValueDecoder)(bytes, at, at + length));
    at += length;
  }
  if (at !== end) throw truncated();
  return row;
}

/** The row as the bytes that came, as an array of copies. */
export function readRaw(plan: RowPlan, bytes: Uint8Array, start: number, end: number): unknown[] {
  return readArray(asBytes(plan), bytes, start, end);
}

const copy: ValueDecoder = (bytes, start, end) => new Uint8Array(bytes.subarray(start, end));
const rawPlans = new WeakMap<RowPlan, RowPlan>();

function asBytes(plan: RowPlan): RowPlan {
  let raw = rawPlans.get(plan);
  if (raw === undefined) rawPlans.set(plan, (raw = { ...plan, decoders: plan.decoders.map(() => copy) }));
  return raw;
}

function columnCount(bytes: Uint8Array, start: number, end: number, expected: number): number {
  if (start + 2 > end) throw truncated();
  const count = ((bytes[start] as number) << 8) | (bytes[start + 1] as number);
  if (count !== expected)
    throw new ProtocolError(`the server sent a row of ${count} columns where ${expected} were described`);
  return start + 2;
}

function guardedObject(names: readonly string[], values: readonly unknown[]): Row {
  const row: Row = {};
  for (const [index, name] of names.entries()) {
    Object.defineProperty(row, name, { value: values[index], writable: true, enumerable: true, configurable: true });
  }
  return row;
}

function truncated(): ProtocolError {
  return new ProtocolError("the server sent a row whose lengths do not fit its frame");
}
