// The text parsers that node-postgres has by default, by OID. What is not here stays a string: numeric, time, uuid, inet, …

import { parseArray, type Nested } from "./array.ts";
import { parseDate, PostgresInterval } from "./datetime.ts";

/** Turns the text of a value that is not NULL into a JavaScript value. */
export type TextParser = (text: string) => unknown;

interface BufferLike {
  from(source: ArrayBuffer, start: number, length: number): Uint8Array;
}

/** Bytes as Node's Buffer where there is one, as node-postgres gives them. */
export function bufferOf(bytes: Uint8Array): Uint8Array {
  const { Buffer } = globalThis as { Buffer?: BufferLike };
  return Buffer?.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length) ?? bytes;
}

const integer: TextParser = (text) => Number.parseInt(text, 10);
const float: TextParser = (text) => Number.parseFloat(text);
const string: TextParser = (text) => text;
const bool: TextParser = (text) => ["t", "true", "TRUE", "y", "yes", "on", "1"].includes(text);
const json: TextParser = (text) => JSON.parse(text) as unknown;
const interval = (text: string): PostgresInterval => new PostgresInterval(text);

const listOf =
  (element: TextParser): TextParser =>
  (text): Nested<unknown>[] | null =>
    text === "" ? null : parseArray(text, element);

/** `(1,2)` */
function point(text: string): { x: number; y: number } | null {
  if (!text.startsWith("(")) return null;
  const [x = "", y = ""] = text.slice(1, -1).split(",");
  return { x: Number.parseFloat(x), y: Number.parseFloat(y) };
}

/** `<(1,2),3>` */
function circle(text: string): { x: number; y: number; radius: number } | null {
  const close = text.indexOf(")");
  if (!text.startsWith("<(") || close < 0) return null;
  const center = point(text.slice(1, close + 1));
  return center === null ? null : { ...center, radius: Number.parseFloat(text.slice(close + 2)) };
}

/** The hex form, and the escape form of servers that are set to it. */
function bytea(text: string): Uint8Array {
  if (text.startsWith(String.raw`\x`)) {
    const bytes = new Uint8Array((text.length - 2) >> 1);
    for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(text.slice(2 + at * 2, 4 + at * 2), 16);
    return bufferOf(bytes);
  }
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== "\\") {
      bytes.push(text.charCodeAt(at));
    } else if (text[at + 1] === "\\") {
      bytes.push(0x5c);
      at += 1;
    } else {
      bytes.push(Number.parseInt(text.slice(at + 1, at + 4), 8));
      at += 3;
    }
  }
  return bufferOf(Uint8Array.from(bytes));
}

/** By OID, with the type's name. */
export const textParsers: readonly (readonly [oid: number, parser: TextParser])[] = [
  [16, bool],
  [17, bytea],
  [20, string], // int8
  [21, integer], // int2
  [23, integer], // int4
  [26, integer], // oid
  [114, json],
  [199, listOf(json)], // json[]
  [600, point],
  [651, listOf(string)], // cidr[]
  [700, float], // float4
  [701, float], // float8
  [718, circle],
  [791, listOf(string)], // money[]
  [1000, listOf(bool)],
  [1001, listOf(bytea)],
  [1005, listOf(integer)], // int2[]
  [1007, listOf(integer)], // int4[]
  [1008, listOf(string)], // regproc[]
  [1009, listOf(string)], // text[]
  [1014, listOf(string)], // bpchar[]
  [1015, listOf(string)], // varchar[]
  [1016, listOf(string)], // int8[]
  [1017, listOf(point)],
  [1021, listOf(float)], // float4[]
  [1022, listOf(float)], // float8[]
  [1028, listOf(integer)], // oid[]
  [1040, listOf(string)], // macaddr[]
  [1041, listOf(string)], // inet[]
  [1082, parseDate], // date
  [1114, parseDate], // timestamp
  [1115, listOf(parseDate)],
  [1182, listOf(parseDate)],
  [1183, listOf(string)], // time[]
  [1184, parseDate], // timestamptz
  [1185, listOf(parseDate)],
  [1186, interval],
  [1187, listOf(interval)],
  [1231, listOf(float)], // numeric[]
  [1270, listOf(string)], // timetz[]
  [2951, listOf(string)], // uuid[]
  [3802, json], // jsonb
  [3807, listOf(json)], // jsonb[]
  [3907, listOf(string)], // numrange[]
];
