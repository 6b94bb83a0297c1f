// The text form that composite values and ranges share: fields between commas, in quotes where they need it (PostgreSQL
// documentation, "Composite Type Input and Output Syntax").

import { ProtocolError } from "@landline/core";
import { literal, quote } from "./parameter.ts";
import type { ValueDecoder } from "./text.ts";

const FIELD = /(?:"((?:[^"\\]|\\.|"")*)"|([^,"]*))(,|$)/suy;
const encoder = new TextEncoder();

/** The fields of `inner`, without what surrounds them; `null` for one that is empty and not in quotes. */
export function splitFields(inner: string): (string | null)[] {
  const fields: (string | null)[] = [];
  FIELD.lastIndex = 0;
  for (;;) {
    const match = FIELD.exec(inner);
    if (match === null) throw new ProtocolError("the server sent a malformed composite value or range");
    const [, quoted, bare = "", end] = match;
    fields.push(quoted?.replaceAll(/\\(.)|"(")/gsu, "$1$2") ?? (bare === "" ? null : bare));
    if (end === "") return fields;
  }
}

/** The other way; `null` is nothing at all. @throws TypeError for what has no text form. */
export function joinFields(values: readonly unknown[]): string {
  return values
    .map((value, index) => {
      const plain = literal(value, index + 1);
      return plain === null ? "" : quote(plain);
    })
    .join();
}

/** What `decoder` makes of a text that is not in the bytes of a row as it is. */
export function decodeText(decoder: ValueDecoder, source: string): unknown {
  const bytes = encoder.encode(source);
  return decoder(bytes, 0, bytes.length);
}
