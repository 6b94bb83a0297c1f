// What the metadata does not tell: which form of a reply comes with which arguments, which commands belong to the
// client itself, and a few slips. Written by hand from the behaviour of the servers.

import type { Argument } from "./metadata.ts";
import { union } from "./replies.ts";
import type { Shape } from "./replies.ts";

/** A way to call a command, with its own type of reply. */
export interface Variant {
  /** Arguments that are there. */
  readonly present?: readonly string[];
  /** Arguments that are not. */
  readonly absent?: readonly string[];
  /** Given the reply of the schema. */
  readonly reply: (shape: Shape) => Shape;
}

export interface Overlay {
  readonly reply?: (shape: Shape) => Shape;
  readonly variants?: readonly Variant[];
  /** The code of the reply, where it depends on the arguments. */
  readonly code?: string;
}

/** Those that change what the connection is: the client has its own verbs for them, or options. */
export const OWN_VERBS: ReadonlySet<string> = new Set(
  `MULTI EXEC DISCARD WATCH UNWATCH SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE
   AUTH HELLO SELECT QUIT RESET MONITOR SYNC PSYNC REPLCONF ASKING READONLY READWRITE`.split(/\s+/),
);
/** Likewise, of subcommands. */
export const OWN_SUBCOMMANDS: ReadonlySet<string> = new Set([
  "CLIENT REPLY",
  "CLIENT TRACKING",
  "CLIENT CACHING",
  "SCRIPT DEBUG",
]);
/** Change nothing, though the metadata calls READONLY only what reads keys. */
export const HARMLESS: ReadonlySet<string> = new Set(["PING", "ECHO", "TIME", "INFO", "LOLWUT"]);

/** The alternatives of a union, by their place in the schema. */
const only =
  (...places: readonly number[]) =>
  (shape: Shape): Shape => {
    if (typeof shape !== "object" || !("union" in shape))
      throw new Error("the overlay expects a reply of several forms");
    return union(places.map((place) => shape.union[place] as Shape));
  };
const as = (shape: Shape) => (): Shape => shape;

const PAIR: Shape = { tuple: ["string", "number"] };
const STRINGS: Shape = { list: "string" };
const nullable = (shape: Shape): Shape => union([shape, "null"]);

const WITH_SCORES: readonly Variant[] = [
  { present: ["withscores"], reply: as({ list: PAIR }) },
  { absent: ["withscores"], reply: as(STRINGS) },
];
const RANGE: Overlay = { variants: WITH_SCORES, code: "?s=.d." };
const COMBINED: Overlay = { variants: WITH_SCORES, code: "?n=.d." };
const POP: Overlay = {
  variants: [
    { absent: ["count"], reply: as(nullable("string")) },
    { present: ["count"], reply: as(nullable(STRINGS)) },
  ],
};
const TAKE: Overlay = {
  variants: [
    { absent: ["count"], reply: as(nullable("string")) },
    { present: ["count"], reply: as(STRINGS) },
  ],
};
const POP_SCORED: Overlay = {
  variants: [
    { absent: ["count"], reply: as(union([PAIR, { tuple: [] }])) },
    { present: ["count"], reply: as({ list: PAIR }) },
  ],
  code: "?c=.d(.d)",
};
const RANK: Overlay = {
  variants: [
    { absent: ["withscore"], reply: as(nullable("integer")) },
    { present: ["withscore"], reply: as(nullable({ tuple: ["integer", "number"] })) },
  ],
};
const SCAN: Overlay = { reply: as({ tuple: ["text", STRINGS] }), code: "(t)" };
const PLAIN_GEO = { absent: ["withcoord", "withdist", "withhash", "store"], reply: as(STRINGS) };
const GEO_READ: Overlay = { variants: [PLAIN_GEO, { reply: only(0, 1) }] };
const GEO: Overlay = {
  variants: [PLAIN_GEO, { absent: ["store"], reply: only(0, 1) }, { present: ["store"], reply: only(2) }],
};

export const OVERLAYS: Readonly<Record<string, Overlay>> = {
  "COMMAND DOCS": {
    reply: (shape) =>
      replaced(
        replaced(
          replaced(shape, '"flags":{"list":"string"}', '"flags":{"list":"text"}'),
          '"arguments":{"list":"any"}',
          '"arguments":{"list":"self"}',
        ),
        '"subcommands":"self"',
        '"subcommands":{"map":"self"}',
      ),
  },
  "COMMAND GETKEYSANDFLAGS": { reply: as({ list: { tuple: ["string", { list: "text" }] } }) },
  "COMMAND INFO": {
    reply: (shape) =>
      replaced(
        replaced(
          replaced(
            replaced(shape, '"flags":{"list":"string"}', '"flags":{"list":"text"}'),
            '{"list":"any"}]',
            '{"list":"self"}]',
          ),
          '{"list":"string"},{"list":"string"}',
          '{"list":"text"},{"list":"string"}',
        ),
        '"string","integer",{"list":"string"}',
        '"string","integer",{"list":"text"}',
      ),
  },
  GEOHASH: { reply: as({ list: nullable("string") }) },
  GEORADIUS: GEO,
  GEORADIUSBYMEMBER: GEO,
  GEORADIUSBYMEMBER_RO: GEO_READ,
  GEORADIUS_RO: GEO_READ,
  GEOSEARCH: GEO_READ,
  HRANDFIELD: {
    variants: [
      { absent: ["options"], reply: as(nullable("string")) },
      { present: ["options"], absent: ["withvalues"], reply: as(STRINGS) },
      { present: ["options", "withvalues"], reply: as({ list: { tuple: ["string", "string"] } }) },
    ],
    code: "?s=...",
  },
  HSCAN: SCAN,
  LCS: {
    variants: [
      { absent: ["len", "idx"], reply: only(0) },
      { present: ["len"], absent: ["idx"], reply: only(1) },
      { present: ["idx"], absent: ["len"], reply: only(2) },
    ],
  },
  LPOP: POP,
  LPOS: {
    variants: [
      { absent: ["num-matches"], reply: as(nullable("integer")) },
      { present: ["num-matches"], reply: as({ list: "integer" }) },
    ],
  },
  "OBJECT FREQ": { reply: nullable },
  "OBJECT IDLETIME": { reply: nullable },
  "OBJECT REFCOUNT": { reply: nullable },
  PING: {
    variants: [
      { absent: ["message"], reply: as({ word: "PONG" }) },
      { present: ["message"], reply: as("string") },
    ],
  },
  "PUBSUB NUMSUB": { reply: as({ list: union(["string", "integer"]) }) },
  "PUBSUB SHARDNUMSUB": { reply: as({ list: union(["string", "integer"]) }) },
  RPOP: POP,
  SCAN,
  SET: {
    variants: [
      { absent: ["get", "condition"], reply: as({ word: "OK" }) },
      { absent: ["get"], present: ["condition"], reply: as(nullable({ word: "OK" })) },
      { present: ["get"], reply: as(nullable("string")) },
    ],
  },
  SORT: {
    variants: [
      { absent: ["destination"], reply: only(1) },
      { present: ["destination"], reply: only(0) },
    ],
  },
  SPOP: TAKE,
  SRANDMEMBER: TAKE,
  SSCAN: SCAN,
  TYPE: { reply: as("text") },
  WAITAOF: { reply: as({ tuple: ["integer", "integer"] }) },
  XAUTOCLAIM: {
    variants: [
      { absent: ["justid"], reply: only(0) },
      { present: ["justid"], reply: only(1) },
    ],
  },
  XCLAIM: {
    variants: [
      { absent: ["justid"], reply: only(1) },
      { present: ["justid"], reply: only(0) },
    ],
  },
  "XINFO STREAM": {
    variants: [
      { absent: ["full-block"], reply: only(0) },
      { present: ["full-block"], reply: only(1) },
    ],
    code: "{groups:|*{consumers:*{},},}",
  },
  XPENDING: {
    variants: [
      {
        absent: ["filters"],
        reply: as({
          tuple: [
            "integer",
            nullable("string"),
            nullable("string"),
            nullable({ list: { tuple: ["string", "string"] } }),
          ],
        }),
      },
      { present: ["filters"], reply: only(0) },
    ],
  },
  ZADD: {
    variants: [
      { present: ["increment"], reply: as(nullable("number")) },
      { absent: ["increment"], reply: as("integer") },
    ],
    code: "?id.",
  },
  ZDIFF: COMBINED,
  ZINTER: COMBINED,
  ZPOPMAX: POP_SCORED,
  ZPOPMIN: POP_SCORED,
  ZRANDMEMBER: {
    variants: [
      { absent: ["options"], reply: as(nullable("string")) },
      { present: ["options"], absent: ["withscores"], reply: as(STRINGS) },
      { present: ["options", "withscores"], reply: as({ list: PAIR }) },
    ],
    code: "?s=.d.",
  },
  ZRANGE: RANGE,
  ZRANGEBYSCORE: RANGE,
  ZRANK: RANK,
  ZREVRANGE: RANGE,
  ZREVRANGEBYSCORE: RANGE,
  ZREVRANK: RANK,
  ZSCAN: SCAN,
  ZUNION: COMBINED,
};

/** The arguments of a variant: those that must be there are, those that must not are left out. */
export function argumentsOf(
  args: readonly Argument[],
  { present = [], absent = [] }: Omit<Variant, "reply">,
): Argument[] {
  return args
    .filter(
      ({ name, arguments: inner = [] }) =>
        !absent.includes(name) && !(inner.length > 0 && inner.every((arg) => absent.includes(arg.name))),
    )
    .map((argument) => {
      const inner =
        argument.arguments === undefined ? {} : { arguments: argumentsOf(argument.arguments, { present, absent }) };
      const wanted = present.includes(argument.name) ? { optional: false } : {};
      return { ...argument, ...inner, ...wanted };
    });
}

/** Recursion that the schemas do not spell out. */
function replaced(shape: Shape, from: string, to: string): Shape {
  const told = JSON.stringify(shape);
  if (!told.includes(from)) throw new Error(`the overlay expects ${from} in a reply`);
  return JSON.parse(told.replaceAll(from, to)) as Shape;
}
