// Composite values (PostgreSQL documentation, "Composite Types"), there and back.

import { ProtocolError } from "@landline/core";
import { decodeText, joinFields, splitFields } from "./fields.ts";
import type { PostgresText } from "./parameter.ts";
import { text } from "../protocol/bytes.ts";
import { type ValueDecoder } from "./text.ts";

/** One attribute of a composite type. */
export interface Attribute {
  readonly name: string;
  readonly decode: ValueDecoder;
}

/** A decoder of objects with these attributes. */
export function compositeOf(attributes: readonly Attribute[]): ValueDecoder {
  return (bytes, start, end) => {
    const source = text(bytes, start, end);
    const fields = attributes.length === 0 ? [] : splitFields(source.slice(1, -1));
    if (fields.length !== attributes.length)
      throw new ProtocolError("the server sent a composite value with other attributes than its type has");
    const value = {};
    for (const [index, { name, decode }] of attributes.entries()) {
      const field = fields[index] ?? null;
      setOwn(value, name, field === null ? null : decodeText(decode, field));
    }
    return value;
  };
}

/** Also where the name is `__proto__`. */
export function setOwn(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}

/**
 * A composite value as a parameter: its attributes in the order of the type.
 *
 * @example
 * await sql`insert into people (home) values (${rowOf("Main Street", 7, null)}::address)`;
 */
export function rowOf(...values: readonly unknown[]): PostgresText {
  return { toPostgres: () => `(${joinFields(values)})` };
}
