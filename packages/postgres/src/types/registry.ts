// Which OID is read how. The built-in types have fixed OIDs (pg_type.dat); everything that is not here is text.

import { arrayOf } from "./array.ts";
import {
  bigintBinary,
  booleanBinary,
  byteaBinary,
  float8Binary,
  int2Binary,
  int4Binary,
  int8Binary,
  jsonbBinary,
  oidBinary,
  timestamptzBinary,
  uuidBinary,
} from "./binary.ts";
import type { Sessions } from "../session.ts";
import { timestamptz } from "./datetime.ts";
import { text } from "../protocol/bytes.ts";
import { bigint, boolean, bytea, json, number, type ValueDecoder } from "./text.ts";

/** How one type is read. */
export interface Codec {
  readonly text: ValueDecoder;
  /** Only where it is proven to give the same value as `text`. */
  readonly binary?: ValueDecoder;
}

/** What may be chosen. */
export interface TypeOptions {
  /** How int8 (`bigint`, `bigserial`, `count(*)`) is read. `"number"` loses digits above 2^53. Default `"string"`. */
  readonly int8?: "string" | "bigint" | "number";
  /** How numeric is read. `"number"` loses digits. Default `"string"`. */
  readonly numeric?: "string" | "number";
  /** How timestamptz is read. `"string"` keeps the microseconds, in the session's time zone. Default `"date"`. */
  readonly timestamptz?: "date" | "string";
  /** How other types are read: what `@landline/postgres/types` and `@landline/postgres/geometric` offer, or types of your own. */
  readonly codecs?: readonly TypeCodec[];
}

/** One or more types and how they are read. */
export interface TypeCodec {
  /** @internal */
  register(table: TypeTable): void;
}

/** @internal What a {@link TypeCodec} adds to. */
export interface TypeTable {
  readonly codecs: Map<number, Codec>;
  /** All that is known so far. */
  readonly types: Registry;
  /** Asked for a type that is not in `codecs`. */
  other?: ((type: number) => Codec | undefined) | undefined;
  /** What the client uses in the place of its own sessions, so that it can ask the server about types. */
  sessions?: ((sessions: Sessions) => Sessions) | undefined;
}

/** Codecs by OID. */
export interface Registry {
  (type: number): Codec;
  /** See {@link TypeTable.sessions}. */
  readonly sessions?: TypeTable["sessions"];
}

/** Everything that is not known is text. */
export const STRING: Codec = { text };
/** Types whose binary form is their text. */
const PLAIN: Codec = { text, binary: text };
const NUMBER: Codec = { text: number };

/** OIDs that a parameter may be declared with. */
export const OID = { bool: 16, bytea: 17 } as const;

/** Type, then its array type. */
const SCALARS: readonly (readonly [oid: number, array: number, codec: Codec])[] = [
  [OID.bool, 1000, { text: boolean, binary: booleanBinary }],
  [OID.bytea, 1001, { text: bytea, binary: byteaBinary }],
  [18, 1002, STRING], // "char"
  [19, 1003, PLAIN], // name
  [21, 1005, { text: number, binary: int2Binary }], // int2
  [23, 1007, { text: number, binary: int4Binary }], // int4
  [25, 1009, PLAIN], // text
  [26, 1028, { text: number, binary: oidBinary }], // oid
  [28, 1011, { text: number, binary: oidBinary }], // xid
  [114, 199, { text: json, binary: json }], // json
  [142, 143, STRING], // xml
  [600, 1017, STRING], // point
  [601, 1018, STRING], // lseg
  [602, 1019, STRING], // path
  [604, 1027, STRING], // polygon
  [628, 629, STRING], // line
  [650, 651, STRING], // cidr
  [700, 1021, NUMBER], // float4
  [701, 1022, { text: number, binary: float8Binary }], // float8
  [718, 719, STRING], // circle
  [774, 775, STRING], // macaddr8
  [790, 791, STRING], // money
  [829, 1040, STRING], // macaddr
  [869, 1041, STRING], // inet
  [1042, 1014, PLAIN], // bpchar
  [1043, 1015, PLAIN], // varchar
  [1082, 1182, STRING], // date
  [1083, 1183, STRING], // time
  [1114, 1115, STRING], // timestamp
  [1186, 1187, STRING], // interval
  [1266, 1270, STRING], // timetz
  [1560, 1561, STRING], // bit
  [1562, 1563, STRING], // varbit
  [2205, 2210, STRING], // regclass
  [2950, 2951, { text, binary: uuidBinary }], // uuid
  [3220, 3221, STRING], // pg_lsn
  [3614, 3643, STRING], // tsvector
  [3802, 3807, { text: json, binary: jsonbBinary }], // jsonb
  [3904, 3905, STRING], // int4range
  [3906, 3907, STRING], // numrange
  [3908, 3909, STRING], // tsrange
  [3910, 3911, STRING], // tstzrange
  [3912, 3913, STRING], // daterange
  [3926, 3927, STRING], // int8range
];

const INT8: Readonly<Record<NonNullable<TypeOptions["int8"]>, Codec>> = {
  string: { text, binary: int8Binary },
  bigint: { text: bigint, binary: bigintBinary },
  number: NUMBER,
};

/** The built-in types, read as `options` say. */
export function registry(options: TypeOptions = {}): Registry {
  const codecs = new Map<number, Codec>();
  const add = (oid: number, array: number, codec: Codec): void => {
    codecs.set(oid, codec);
    codecs.set(array, { text: arrayOf(codec.text) });
  };
  for (const [oid, array, codec] of SCALARS) add(oid, array, codec);
  add(20, 1016, INT8[options.int8 ?? "string"]);
  add(1700, 1231, options.numeric === "number" ? NUMBER : STRING);
  add(1184, 1185, options.timestamptz === "string" ? STRING : { text: timestamptz, binary: timestamptzBinary });
  codecs.set(1020, { text: arrayOf(text, 0x3b) }); // box[], whose delimiter is a semicolon because boxes contain commas
  const types: Registry = (type) => codecs.get(type) ?? table.other?.(type) ?? STRING;
  const table: TypeTable = { codecs, types };
  for (const codec of options.codecs ?? []) codec.register(table);
  return table.sessions === undefined ? types : Object.assign(types, { sessions: table.sessions });
}
