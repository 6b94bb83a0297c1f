// A statement's plan for its rows: names, one decoder for each column, and the formats to ask for. Turns the body of a
// DataRow into a row in one loop, without an object or a closure in between; every length is checked against the frame.

import { broken, int32 } from "../protocol/bytes.ts";
import type { Column } from "../protocol/messages.ts";
import type { Registry } from "./registry.ts";
import type { ValueDecoder } from "./text.ts";

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
      if (codec.binary === undefined) throw broken("a column in binary that was not asked for so");
      return codec.binary;
    }),
    formats: formats.includes(1) ? formats : [],
    guarded: columns.some((column) => column.name === "__proto__"),
  };
}

/** The row as an object. Of two columns with one name, the last wins. */
export function readObject(plan: RowPlan, bytes: Uint8Array, start: number, end: number): Record<string, unknown> {
  const { names, decoders } = plan;
  const row: Record<string, unknown> = {};
  if (!plan.guarded) fill(row, names, decoders, bytes, start, end);
  else {
    for (const [index, value] of readArray(plan, bytes, start, end).entries())
      Object.defineProperty(row, names[index] as string, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
  }
  return row;
}

/** The row as an array of its values. */
export function readArray({ decoders }: RowPlan, bytes: Uint8Array, start: number, end: number): unknown[] {
  const row: unknown[] = [];
  fill(row, undefined, decoders, bytes, start, end);
  return row;
}

/** The row as the bytes that came, as an array of copies. */
export function readRaw({ decoders }: RowPlan, bytes: Uint8Array, start: number, end: number): unknown {
  const row: unknown[] = [];
  fill(row, undefined, decoders.map(copied), bytes, start, end);
  return row;
}

const copy: ValueDecoder = (bytes, start, end) => new Uint8Array(bytes.subarray(start, end));
const copied = (): ValueDecoder => copy;

/** Puts the values into an array, or under `names` into an object. */
function fill(
  row: unknown,
  names: readonly string[] | undefined,
  decoders: readonly ValueDecoder[],
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const count = decoders.length;
  if (start + 2 > end) throw truncated();
  const sent = ((bytes[start] as number) << 8) | (bytes[start + 1] as number);
  if (sent !== count) throw broken(`a row of ${sent} columns where ${count} were described`);
  let at = start + 2;
  for (let index = 0; index < count; index++) {
    if (at + 4 > end) throw truncated();
    const length = int32(bytes, at);
    at += 4;
    let value: unknown = null;
    if (length !== -1) {
      if (length < 0 || at + length > end) throw truncated();
      value = (decoders[index] as ValueDecoder)(bytes, at, at + length);
      at += length;
    }
    if (names === undefined) (row as unknown[]).push(value);
    else (row as Record<string, unknown>)[names[index] as string] = value;
  }
  if (at !== end) throw truncated();
}

function truncated(): Error {
  return broken("a row whose lengths do not fit its frame");
}
