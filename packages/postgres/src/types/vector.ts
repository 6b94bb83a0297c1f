// vector and halfvec of the extension pgvector, whose text form is that of a JSON array of numbers. In text, because what
// their binary form would give is another number: 0.1 is 0.10000000149… in four bytes.

import { ProtocolError } from "@landline/core";
import { byName } from "./by-name.ts";
import type { PostgresText } from "./parameter.ts";
import type { TypeCodec, TypeTable } from "./registry.ts";

/** vector and halfvec as arrays of numbers. */
export const vector: TypeCodec = {
  register(table: TypeTable): void {
    for (const name of ["vector", "halfvec"]) byName(name, parseVector).register(table);
  },
};

/** A vector's text form. @throws ProtocolError */
function parseVector(source: string): number[] {
  const inner = source.slice(1, -1);
  const value = inner === "" ? [] : inner.split(",", -1).map(Number);
  if (!/^\[[^[\]]*\]$/.test(source) || value.some(Number.isNaN))
    throw new ProtocolError("the server sent a malformed vector");
  return value;
}

/** Numbers as a parameter for a vector, or a halfvec. @throws TypeError when they are not finite. */
export function vectorOf(values: readonly number[] | Float32Array): PostgresText {
  const numbers = Array.from(values);
  if (!numbers.every(Number.isFinite)) throw new TypeError("a vector has finite numbers");
  return { toPostgres: () => `[${numbers.join()}]` };
}
