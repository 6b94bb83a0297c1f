// What a query resolves to: rows, fields, and what the server said about them; and the reading of a row's bytes by the
// parsers that were chosen.

import { ProtocolError } from "@landline/core";
import type { Column } from "../protocol/messages.ts";
import { text } from "../protocol/bytes.ts";
import { bufferOf } from "./types/text.ts";
import { types, type CustomTypesConfig, type TypeParser } from "./types/registry.ts";

/** One column. */
export interface FieldDef {
  name: string;
  tableID: number;
  columnID: number;
  dataTypeID: number;
  dataTypeSize: number;
  dataTypeModifier: number;
  format: "text" | "binary";
}

/** A row as an object. */
export interface QueryResultRow {
  // oxlint-disable-next-line typescript/no-explicit-any -- as in @types/pg: what is in a column is the user's to say
  [column: string]: any;
}

const TAG = /^([A-Za-z]+)(?: (\d+))?(?: (\d+))?/;

/** The fields of a RowDescription. */
export function fieldsOf(columns: readonly Column[]): FieldDef[] {
  return columns.map(({ name, table, attribute, type, size, modifier, format }) => ({
    name,
    tableID: table,
    columnID: attribute,
    dataTypeID: type,
    dataTypeSize: size,
    dataTypeModifier: modifier,
    format: format === 1 ? "binary" : "text",
  }));
}

/** The result of one statement. */
// oxlint-disable-next-line typescript/no-explicit-any -- as in @types/pg
export class Result<R extends QueryResultRow = any> {
  /** The first word of what the server said: `SELECT`, `INSERT`, `CREATE`, … */
  command: string = null as unknown as string;
  /** Rows returned or affected; `null` for a command that counts none. */
  rowCount: number | null = null;
  oid: number = null as unknown as number;
  rows: R[] = [];
  fields: FieldDef[] = [];
  /** Clients set theirs where the query has none. */
  _types: CustomTypesConfig | undefined;
  _parsers: TypeParser[] | undefined;
  readonly rowAsArray: boolean;
  RowCtor: null = null;
  /** All columns in their order, so that every row has the same shape. */
  _prebuiltEmptyResultObject: Record<string, null> | null = null;

  constructor(rowMode?: string, types?: CustomTypesConfig) {
    this.rowAsArray = rowMode === "array";
    this._types = types;
  }

  addRow(row: R): void {
    this.rows.push(row);
  }

  addFields(fields: FieldDef[]): void {
    this.fields = fields;
    const source = this._types ?? types;
    this._parsers = fields.map(({ dataTypeID, format }) => source.getTypeParser(dataTypeID, format || "text"));
    this._prebuiltEmptyResultObject = Object.fromEntries(fields.map(({ name }) => [name, null]));
  }

  addCommandComplete({ text: tag }: { readonly text: string }): void {
    const match = TAG.exec(tag);
    if (match === null) return;
    this.command = match[1] as string;
    const [, , first, second] = match;
    if (second !== undefined) this.oid = Number(first);
    if (first !== undefined) this.rowCount = Number(second ?? first);
  }

  /** A row from the texts (or bytes) of its values. */
  parseRow(values: readonly (string | Uint8Array | null)[]): R {
    const row = this.#blank();
    for (const [index, value] of values.entries()) this.#set(row, index, value);
    return row as R;
  }

  /** A row from the body of a DataRow. @throws what a parser throws; ProtocolError when the bytes are no row. */
  readRow(bytes: Uint8Array, start: number, end: number): R {
    const row = this.#blank();
    readValues(bytes, start, end, this.fields, (index, value) => this.#set(row, index, value));
    return row as R;
  }

  #blank(): QueryResultRow | unknown[] {
    return this.rowAsArray ? [] : { ...this._prebuiltEmptyResultObject };
  }

  #set(row: QueryResultRow | unknown[], index: number, value: string | Uint8Array | null): void {
    const parsed: unknown = value === null ? null : this._parsers?.[index]?.(value);
    if (this.rowAsArray) (row as unknown[])[index] = parsed;
    else (row as QueryResultRow)[this.fields[index]?.name as string] = parsed;
  }
}

type Value = string | Uint8Array | null;

/** Walks over the values of a DataRow. */
export function readValues(
  bytes: Uint8Array,
  start: number,
  end: number,
  fields: readonly FieldDef[],
  each: (index: number, value: Value) => void,
): void {
  const count = start + 2 > end ? -1 : ((bytes[start] as number) << 8) | (bytes[start + 1] as number);
  if (count !== fields.length) {
    throw new ProtocolError(`the server sent a row of ${count} columns where ${fields.length} were described`);
  }
  let at = start + 2;
  for (let index = 0; index < count; index++) {
    if (at + 4 > end) throw truncated();
    const length =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number);
    at += 4;
    if (length === -1) {
      each(index, null);
      continue;
    }
    if (length < 0 || at + length > end) throw truncated();
    each(
      index,
      fields[index]?.format === "binary"
        ? bufferOf(new Uint8Array(bytes.subarray(at, at + length)))
        : text(bytes, at, at + length),
    );
    at += length;
  }
  if (at !== end) throw truncated();
}

function truncated(): ProtocolError {
  return new ProtocolError("the server sent a row whose lengths do not fit its frame");
}
