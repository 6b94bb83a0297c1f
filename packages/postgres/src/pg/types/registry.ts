// Which parser reads which type: one registry for the process, which `types.setTypeParser` changes for everybody, and
// overrides for a client or a query over it.

import { arrayParser } from "./array.ts";
import { binaryParsers } from "./binary.ts";
import { builtins } from "./builtins.ts";
import { textParsers } from "./text.ts";

/** How a value comes: as text, or in the binary form. */
export type TypeFormat = "text" | "binary";

// oxlint-disable-next-line typescript/no-explicit-any -- a parser takes a string or bytes, by the format that it is for
export type TypeParser = (value: any) => any;

/** Anything that knows parsers: `types`, a {@link TypeOverrides}, or an object of a user's. */
export interface CustomTypesConfig {
  // oxlint-disable-next-line typescript/no-explicit-any -- users write it for numbers, for an enum, for their own union
  getTypeParser(oid: any, format?: any): TypeParser;
}

type ByOid = Map<number, TypeParser>;

const registries: Record<TypeFormat, ByOid> = { text: new Map(textParsers), binary: new Map(binaryParsers) };
const unparsed: TypeParser = String;

/** The parser for a type; `String` where there is none for its text form. */
export function getTypeParser(oid: number, format: TypeFormat = "text"): TypeParser {
  return registries[format]?.get(Number(oid)) ?? unparsed;
}

/** Replaces the parser for a type, for every client of the process. */
export function setTypeParser(oid: number, parser: TypeParser): void;
export function setTypeParser(oid: number, format: TypeFormat, parser: TypeParser): void;
export function setTypeParser(oid: number, format: TypeFormat | TypeParser, parser?: TypeParser): void {
  const [form, read] = typeof format === "function" ? (["text", format] as const) : [format, parser];
  if (typeof read !== "function") throw new TypeError("a type parser is a function");
  registries[form].set(oid, read);
}

/** What the module `types` is. */
export interface Types extends CustomTypesConfig {
  readonly getTypeParser: typeof getTypeParser;
  readonly setTypeParser: typeof setTypeParser;
  readonly builtins: typeof builtins;
  readonly arrayParser: typeof arrayParser;
}

/** Parsers by type. */
export const types: Types = { getTypeParser, setTypeParser, builtins, arrayParser };

/** Parsers over others: what is not set here is asked for there. */
export class TypeOverrides implements CustomTypesConfig {
  readonly text: Record<number, TypeParser> = {};
  readonly binary: Record<number, TypeParser> = {};
  readonly _types: CustomTypesConfig;

  constructor(userTypes?: CustomTypesConfig) {
    this._types = userTypes ?? types;
  }

  setTypeParser(oid: number, parser: TypeParser): void;
  setTypeParser(oid: number, format: TypeFormat, parser: TypeParser): void;
  setTypeParser(oid: number, format: TypeFormat | TypeParser, parser?: TypeParser): void {
    if (typeof format === "function") this.text[oid] = format;
    else if (parser !== undefined) this[format][oid] = parser;
  }

  /** What has been set for a format. */
  getOverrides(format: TypeFormat): Record<number, TypeParser> {
    return this[format] ?? {};
  }

  getTypeParser(oid: number, format: TypeFormat = "text"): TypeParser {
    return this[format]?.[oid] ?? this._types.getTypeParser(oid, format);
  }
}
