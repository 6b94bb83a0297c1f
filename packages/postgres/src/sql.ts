// From a template to text with $1, $2, … and values. Values are never put into the text; identifiers are, quoted.

import { Query, type Statement, type Template } from "./query.ts";

/**
 * What `sql(…)` makes, for a place in a template: an identifier (`sql("name")`, `sql(["a", "b"])`), the columns and values
 * of an insert, the assignments of an update, the rows after `values`, the list after `in`.
 */
export class Helper {
  readonly first: unknown;
  readonly rest: readonly string[];

  constructor(first: unknown, rest: readonly string[]) {
    this.first = first;
    this.rest = rest;
  }
}

type Item = Readonly<Record<string, unknown>>;

const IDENTIFIER = String.raw`(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+)`;
const AFTER_INSERT = new RegExp(String.raw`\binsert\s+into\s+${IDENTIFIER}(?:\s*\.\s*${IDENTIFIER})*\s*$`, "i");
const AFTER_SET = /\bset\s*$/i;
const AFTER_VALUES = /\bvalues\s*$/i;
const AFTER_IN = /\bin\s*$/i;
const MAX_DEPTH = 64;

/**
 * The texts of templates in which every value is a parameter: each time the same string, so that it is not joined, hashed
 * and compared again.
 */
const plainTexts = new WeakMap<readonly string[], string>();

/** @throws TypeError when a helper does not fit where it stands. */
export function buildStatement(template: Template): Statement {
  const { strings, values } = template;
  if (!values.some(isPiece)) {
    let text = plainTexts.get(strings);
    if (text === undefined) {
      text = strings.reduce((before, after, index) => `${before}$${index}${after}`);
      // As those of a template are; others may be another text the next time.
      if (Object.isFrozen(strings)) plainTexts.set(strings, text);
    }
    return { text, values };
  }
  const building = new Building();
  building.template(template, 0);
  return { text: building.text, values: building.values };
}

/** `a.b` as `"a"."b"`. @throws TypeError for an empty name or one with NUL. */
export function quoteIdentifier(name: string): string {
  return name.split(".").map(quoteName).join(".");
}

function quoteName(name: string): string {
  if (name === "" || name.includes("\0")) throw new TypeError("a name must not be empty or contain a NUL character");
  return `"${name.replaceAll('"', '""')}"`;
}

function isPiece(value: unknown): boolean {
  if (typeof value !== "object") return false;
  return value instanceof Query || value instanceof Helper || isQueries(value);
}

function isQueries(value: unknown): value is readonly Query<unknown>[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => item instanceof Query);
}

class Building {
  text = "";
  readonly values: unknown[] = [];

  template({ strings, values }: Template, depth: number): void {
    if (depth > MAX_DEPTH) throw new TypeError(`queries are nested in each other more than ${MAX_DEPTH} times`);
    this.text += strings[0] ?? "";
    for (let index = 0; index < values.length; index++) {
      this.#value(values[index], depth);
      this.text += strings[index + 1] ?? "";
    }
  }

  #value(value: unknown, depth: number): void {
    if (value instanceof Query) this.#nested(value as Query<unknown>, depth);
    else if (value instanceof Helper) this.#helper(value);
    else if (isQueries(value)) {
      for (const [index, item] of value.entries()) {
        if (index > 0) this.text += " ";
        this.#nested(item, depth);
      }
    } else this.#parameter(value);
  }

  #nested(query: Query<unknown>, depth: number): void {
    if (query.template === undefined) throw new TypeError("only a query made by the tag can be part of another");
    if (query.started) throw new TypeError("a query that has been run cannot be part of another");
    this.template(query.template, depth + 1);
  }

  #parameter(value: unknown): void {
    this.values.push(value);
    this.text += `$${this.values.length}`;
  }

  #helper({ first, rest }: Helper): void {
    if (AFTER_IN.test(this.text)) this.#list(first, rest);
    else if (AFTER_VALUES.test(this.text)) this.#tuples(items(first), rest);
    else if (AFTER_SET.test(this.text)) this.#assignments(first, rest);
    else if (AFTER_INSERT.test(this.text)) this.#insert(first, rest);
    else this.text += identifiers(first, rest).map(quoteIdentifier).join(", ");
  }

  /** Of objects, the values of one column. */
  #list(first: unknown, [column, ...more]: readonly string[]): void {
    if (!Array.isArray(first) || more.length > 0)
      throw new TypeError("after in, sql() takes an array, or an array of objects and the name of one column");
    // `in ()` is no SQL; `in (null)` is true of nothing.
    this.text += "(";
    if (first.length === 0) this.text += "null";
    this.#each(first, (value: unknown) => this.#parameter(column === undefined ? value : (value as Item)[column]));
    this.text += ")";
  }

  #insert(first: unknown, rest: readonly string[]): void {
    const rows = Array.isArray(first) ? first : [first];
    const columns = columnsOf(rows[0], rest);
    this.text += `(${columns.map(quoteName).join(", ")}) values `;
    this.#tuples(rows, columns);
  }

  #tuples(rows: readonly unknown[], columns: readonly string[]): void {
    if (rows.length === 0) throw new TypeError("there are no rows to insert");
    this.#each(rows, (row) => {
      const values = Array.isArray(row)
        ? (row as unknown[])
        : columnsOf(row, columns).map((column) => (row as Item)[column]);
      this.text += "(";
      this.#each(values, (value) => this.#parameter(value));
      this.text += ")";
    });
  }

  #assignments(first: unknown, rest: readonly string[]): void {
    this.#each(columnsOf(first, rest), (column) => {
      this.text += `${quoteName(column)} = `;
      this.#parameter((first as Item)[column]);
    });
  }

  #each<T>(values: readonly T[], write: (value: T) => void): void {
    for (const [index, value] of values.entries()) {
      if (index > 0) this.text += ", ";
      write(value);
    }
  }
}

/** After `values`, a flat array is one row. */
function items(first: unknown): readonly unknown[] {
  if (!Array.isArray(first)) return [first];
  return first.some((item) => typeof item === "object" && item !== null) ? first : [first];
}

function columnsOf(row: unknown, chosen: readonly string[]): readonly string[] {
  if (typeof row !== "object" || row === null || Array.isArray(row)) {
    throw new TypeError("here, sql() takes an object whose keys are columns, or an array of such objects");
  }
  const columns = chosen.length > 0 ? chosen : Object.keys(row);
  if (columns.length === 0) throw new TypeError("the object has no columns");
  return columns;
}

function identifiers(first: unknown, rest: readonly string[]): readonly string[] {
  const names: unknown[] = [first, ...rest].flat();
  if (names.length === 0 || !names.every((name) => typeof name === "string")) {
    throw new TypeError(
      "here, sql() takes an identifier or a list of identifiers; objects go after insert into, set or values",
    );
  }
  return names as string[];
}
