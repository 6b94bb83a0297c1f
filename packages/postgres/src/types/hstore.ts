// hstore (PostgreSQL documentation, "hstore"): keys and values that are texts or nothing, there and back.

import { ProtocolError } from "@landline/core";
import { byName } from "./by-name.ts";
import { setOwn } from "./composite.ts";
import { quote, type PostgresText } from "./parameter.ts";
import type { TypeCodec } from "./registry.ts";

const PAIR = /"((?:[^"\\]|\\.)*)"=>(?:NULL|"((?:[^"\\]|\\.)*)")(?:, |$)/suy;

/** hstore as an object; a key without a value has `null`. */
export const hstore: TypeCodec = byName("hstore", parseHstore);

/** hstore's text form. @throws ProtocolError */
function parseHstore(source: string): Record<string, string | null> {
  const value: Record<string, string | null> = {};
  for (PAIR.lastIndex = 0; PAIR.lastIndex < source.length;) {
    const match = PAIR.exec(source);
    if (match === null) throw new ProtocolError("the server sent a malformed hstore");
    setOwn(value, plain(match[1] as string), match[2] === undefined ? null : plain(match[2]));
  }
  return value;
}

/** An object as a parameter for an hstore. @throws TypeError when a value is no string and not `null`. */
export function hstoreOf(value: Readonly<Record<string, string | null>>): PostgresText {
  const pairs = Object.entries(value).map(([key, text]) => {
    if (text !== null && typeof text !== "string") throw new TypeError("the values of an hstore are strings or null");
    return `${quote(key)}=>${text === null ? "NULL" : quote(text)}`;
  });
  return { toPostgres: () => pairs.join() };
}

function plain(text: string): string {
  return text.replaceAll(/\\(.)/gsu, "$1");
}
