// A type of the server itself, whose OID is the same everywhere, read in a way of one's own.

import { arrayOf } from "./array.ts";
import type { TypeCodec } from "./registry.ts";
import { text } from "../protocol/bytes.ts";
import { type ValueDecoder } from "./text.ts";

/** A type and how its text form is read. */
export interface OwnType {
  /** The type's OID. */
  readonly oid: number;
  /** That of its array type, where arrays are to be read as well. */
  readonly array?: number;
  /** What separates an array's elements. Default a comma; for `box`, a semicolon. */
  readonly delimiter?: string;
  /** Makes a value of the server's text. */
  readonly parse: (text: string) => unknown;
}

/**
 * Reads a type by a function of your own.
 *
 * @example
 * const sql = postgres({ url, types: { codecs: [byOid({ oid: 1700, array: 1231, parse: (text) => Number(text) })] } });
 */
export function byOid({ oid, array, delimiter = ",", parse }: OwnType): TypeCodec {
  const decode: ValueDecoder = (bytes, start, end) => parse(text(bytes, start, end));
  return {
    register({ codecs }) {
      codecs.set(oid, { text: decode });
      if (array !== undefined) codecs.set(array, { text: arrayOf(decode, delimiter.charCodeAt(0)) });
    },
  };
}
