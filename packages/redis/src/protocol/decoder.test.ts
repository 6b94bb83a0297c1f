import { ProtocolError } from "@landline/core";
import { describe, expect, it } from "vitest";
import { IntegerRangeError, RedisError } from "../errors.ts";
import { ReplyDecoder } from "./decoder.ts";
import { DEFAULT_FORMAT } from "./messages.ts";
import type { DecoderLimits, Reply, ReplyFormat } from "./messages.ts";

const utf8 = new TextEncoder();

type Seen = ["reply" | "push" | "attribute", unknown];

function bytesOf(wire: string | Uint8Array): Uint8Array {
  return typeof wire === "string" ? utf8.encode(wire) : wire;
}

/** Pushes a copy of each part, and overwrites it afterwards as a recycled buffer would be. */
function decode(
  parts: readonly (string | Uint8Array)[],
  format: ReplyFormat = DEFAULT_FORMAT,
  limits: Partial<DecoderLimits> = {},
): Seen[] {
  const seen: Seen[] = [];
  const decoder = new ReplyDecoder(limits);
  for (const part of parts) {
    const chunk = bytesOf(part).slice();
    decoder.push(chunk, {
      format,
      reply: (value) => seen.push(["reply", value]),
      push: (items) => seen.push(["push", items]),
      attribute: (map) => seen.push(["attribute", map]),
    });
    chunk.fill(0x58);
  }
  expect(decoder.idle).toBe(true);
  return seen;
}

/** Decodes `wire` whole, cut in two at every offset, and byte by byte; the results must be the same. */
function everyWay(wire: string | Uint8Array, format?: ReplyFormat): Seen[] {
  const bytes = bytesOf(wire);
  const whole = decode([bytes], format);
  for (let at = 1; at < bytes.length; at++) {
    expect(decode([bytes.subarray(0, at), bytes.subarray(at)], format)).toEqual(whole);
  }
  expect(
    decode(
      Array.from(bytes, (byte) => Uint8Array.of(byte)),
      format,
    ),
  ).toEqual(whole);
  return whole;
}

function replies(wire: string | Uint8Array, format?: ReplyFormat): unknown[] {
  return everyWay(wire, format).map(([kind, value]) => {
    expect(kind).toBe("reply");
    return value;
  });
}

const VECTORS: readonly [name: string, wire: string, value: Reply][] = [
  ["a simple string", "+OK\r\n", "OK"],
  ["an empty simple string", "+\r\n", ""],
  ["a long simple string", `+${"x".repeat(100)}\r\n`, "x".repeat(100)],
  ["zero", ":0\r\n", 0],
  ["a signed integer", ":+12\r\n", 12],
  ["a negative integer", ":-1000\r\n", -1000],
  ["the largest exact integer", ":9007199254740991\r\n", Number.MAX_SAFE_INTEGER],
  ["the smallest exact integer", ":-9007199254740991\r\n", Number.MIN_SAFE_INTEGER],
  ["a bulk string", "$5\r\nhello\r\n", "hello"],
  ["an empty bulk string", "$0\r\n\r\n", ""],
  ["a bulk string with line ends", "$4\r\n\r\n\r\n\r\n", "\r\n\r\n"],
  ["a bulk string that looks like replies", "$14\r\n$5\r\nhello\r\n+OK\r\n", "$5\r\nhello\r\n+OK"],
  ["text of several bytes a character", "$11\r\n€ß😀é\r\n", "€ß😀é"],
  ["a byte order mark", "$5\r\n\uFEFFhi\r\n", "\uFEFFhi"],
  ["a null bulk string", "$-1\r\n", null],
  ["a null array", "*-1\r\n", null],
  ["a null", "_\r\n", null],
  ["nulls of all forms in an array", "*3\r\n$-1\r\n*-1\r\n_\r\n", [null, null, null]],
  ["an empty array", "*0\r\n", []],
  ["a nested array", "*2\r\n*1\r\n:1\r\n*2\r\n+a\r\n*0\r\n", [[1], ["a", []]]],
  ["an empty map", "%0\r\n", new Map()],
  [
    "a map with keys of all kinds",
    "%4\r\n:1\r\n+a\r\n#t\r\n+b\r\n*0\r\n+c\r\n_\r\n+d\r\n",
    new Map<Reply, Reply>([
      [1, "a"],
      [true, "b"],
      [[], "c"],
      [null, "d"],
    ]),
  ],
  ["a map with a dangerous key", "%1\r\n+__proto__\r\n:1\r\n", new Map([["__proto__", 1]])],
  ["a map with equal keys", "%2\r\n+k\r\n:1\r\n+k\r\n:2\r\n", new Map([["k", 2]])],
  ["a set", "~3\r\n+a\r\n+b\r\n+a\r\n", ["a", "b", "a"]],
  ["an empty set", "~0\r\n", []],
  ["true", "#t\r\n", true],
  ["false", "#f\r\n", false],
  ["a double", ",3.25\r\n", 3.25],
  ["a double without fraction", ",10\r\n", 10],
  ["a double with exponent", ",1.7976931348623157e+308\r\n", Number.MAX_VALUE],
  ["the smallest double", ",5e-324\r\n", Number.MIN_VALUE],
  ["minus zero", ",-0\r\n", -0],
  ["infinity", ",inf\r\n", Infinity],
  ["minus infinity", ",-inf\r\n", -Infinity],
  ["no number", ",nan\r\n", Number.NaN],
  ["no number, as C prints it", ",-nan(0x1)\r\n", Number.NaN],
  ["a big number", "(3492890328409238509324850943850943825024385\r\n", 3492890328409238509324850943850943825024385n],
  ["a negative big number", "(-12\r\n", -12n],
  ["a verbatim string", "=15\r\ntxt:Some string\r\n", "Some string"],
  ["an empty verbatim string", "=4\r\nmkd:\r\n", ""],
  ["a streamed string", "$?\r\n;4\r\nHell\r\n;5\r\no wor\r\n;2\r\nld\r\n;0\r\n", "Hello world"],
  ["an empty streamed string", "$?\r\n;0\r\n", ""],
  ["a streamed array", "*?\r\n:1\r\n:2\r\n.\r\n", [1, 2]],
  ["an empty streamed array", "*?\r\n.\r\n", []],
  ["a streamed set", "~?\r\n+a\r\n.\r\n", ["a"]],
  [
    "a streamed map",
    "%?\r\n+a\r\n:1\r\n+b\r\n*?\r\n.\r\n.\r\n",
    new Map<Reply, Reply>([
      ["a", 1],
      ["b", []],
    ]),
  ],
];

describe("the values of RESP2 and RESP3", () => {
  it.each(VECTORS)("%s", (_name, wire, value) => {
    expect(replies(wire)).toEqual([value]);
    expect(replies(`*2\r\n${wire}+next\r\n`)).toEqual([[value, "next"]]);
  });

  it("keeps the order of replies in one chunk", () => {
    expect(replies(VECTORS.map(([, wire]) => wire).join(""))).toEqual(VECTORS.map(([, , value]) => value));
  });

  it("tells errors by their first word, as replies and as elements", () => {
    const [plain, blob, list] = replies(
      "-WRONGTYPE Operation against a key\r\n!21\r\nSYNTAX invalid syntax\r\n*2\r\n-ERR no\r\n-not a code\r\n",
    ) as [RedisError, RedisError, RedisError[]];
    expect(plain).toBeInstanceOf(RedisError);
    expect(plain).toMatchObject({
      code: "WRONGTYPE",
      message: "WRONGTYPE Operation against a key",
      outcome: "refused",
    });
    expect(blob).toMatchObject({ code: "SYNTAX", message: "SYNTAX invalid syntax" });
    expect(list.map((error) => error.code)).toEqual(["ERR", "ERR"]);
  });

  it("replaces invalid UTF-8 within its own value", () => {
    const wire = Uint8Array.of(...utf8.encode("*2\r\n$3\r\n"), 0x61, 0xe2, 0x82, ...utf8.encode("\r\n$1\r\nb\r\n"));
    expect(replies(wire)).toEqual([["a\uFFFD", "b"]]);
  });

  it("gives bytes of their own when bytes are wanted, and status lines as text", () => {
    const wire = Uint8Array.of(
      ...utf8.encode("*3\r\n$3\r\n"),
      0xff,
      0x00,
      0x0d,
      ...utf8.encode("\r\n+OK\r\n=6\r\ntxt:ab\r\n"),
    );
    const format = { ...DEFAULT_FORMAT, bytes: true };
    expect(replies(wire, format)).toEqual([[Uint8Array.of(0xff, 0x00, 0x0d), "OK", utf8.encode("ab")]]);
    expect(replies("$?\r\n;1\r\na\r\n;1\r\nb\r\n;0\r\n", format)).toEqual([utf8.encode("ab")]);
  });

  it("never rounds an integer", () => {
    const wire = "*3\r\n:9007199254740993\r\n:9223372036854775807\r\n:-9223372036854775808\r\n";
    const [inexact] = replies(wire) as [IntegerRangeError[]];
    expect(inexact[0]).toBeInstanceOf(IntegerRangeError);
    expect(inexact.map((error) => error.value)).toEqual([
      9007199254740993n,
      9223372036854775807n,
      -9223372036854775808n,
    ]);
    expect(replies(wire, { bytes: false, integers: "bigint" })).toEqual([
      [9007199254740993n, 9223372036854775807n, -9223372036854775808n],
    ]);
    expect(replies(`${wire}:-7\r\n`, { bytes: false, integers: "string" })).toEqual([
      ["9007199254740993", "9223372036854775807", "-9223372036854775808"],
      "-7",
    ]);
  });

  it("says which reply holds an inexact integer", () => {
    const inexact: (RedisError | undefined)[] = [];
    new ReplyDecoder().push(utf8.encode(":1\r\n*2\r\n:1\r\n:9007199254740993\r\n:2\r\n"), {
      format: DEFAULT_FORMAT,
      reply: (_value, found) => inexact.push(found),
      push: () => {},
    });
    expect(inexact[0]).toBeUndefined();
    expect(inexact[1]).toMatchObject({ code: "INTEGER_RANGE", value: 9007199254740993n });
    expect(inexact[2]).toBeUndefined();
  });
});

describe("what is not a reply", () => {
  const INVALIDATE = ">2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n";

  it("hands over pushes between replies", () => {
    expect(everyWay(`+a\r\n${INVALIDATE}+b\r\n`)).toEqual([
      ["reply", "a"],
      ["push", ["invalidate", ["k"]]],
      ["reply", "b"],
    ]);
  });

  it("hands over pushes in the middle of a reply, in their own format", () => {
    const format = { bytes: true, integers: "bigint" } as const;
    expect(everyWay(`*2\r\n$1\r\na\r\n${INVALIDATE}:1\r\n`, format)).toEqual([
      ["push", ["invalidate", ["k"]]],
      ["reply", [utf8.encode("a"), 1n]],
    ]);
  });

  it("takes an array that looks like a message for a reply", () => {
    expect(everyWay("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n")).toEqual([["reply", ["message", "c", "m"]]]);
  });

  it("hands over attributes before, inside and around values", () => {
    expect(everyWay("|1\r\n+ttl\r\n:3600\r\n$1\r\nv\r\n")).toEqual([
      ["attribute", new Map([["ttl", 3600]])],
      ["reply", "v"],
    ]);
    expect(everyWay("*2\r\n:1\r\n|1\r\n+a\r\n*1\r\n:0\r\n:2\r\n")).toEqual([
      ["attribute", new Map([["a", [0]]])],
      ["reply", [1, 2]],
    ]);
    expect(everyWay(`|0\r\n${INVALIDATE}+v\r\n`)).toEqual([
      ["attribute", new Map()],
      ["push", ["invalidate", ["k"]]],
      ["reply", "v"],
    ]);
  });
});

describe("hostile and broken peers", () => {
  const REJECTED: readonly [name: string, wire: string][] = [
    ["another protocol", "HTTP/1.1 400 Bad Request\r\n"],
    ["a TLS alert", "\x15\x03\x01"],
    ["an integer without digits", ":\r\n"],
    ["a sign without digits", ":-\r\n"],
    ["an integer with letters", ":12x\r\n"],
    ["an integer with a leading zero", ":01\r\n"],
    ["minus zero", ":-0\r\n"],
    ["an integer beyond 64 bits", ":9223372036854775808\r\n"],
    ["an integer below 64 bits", ":-9223372036854775809\r\n"],
    ["an integer of twenty digits", ":18446744073709551616\r\n"],
    ["a length of minus two", "$-2\r\n"],
    ["a length with letters", "$1a\r\n"],
    ["an empty length", "$\r\n"],
    ["a signed length", "$+1\r\na\r\n"],
    ["an endless length", "$9223372036854775807\r\n"],
    ["a count of minus two", "*-2\r\n"],
    ["an empty count", "*\r\n"],
    ["a negative map", "%-1\r\n"],
    ["a negative set", "~-1\r\n"],
    ["a count beyond 32 bits", "*4294967296\r\n"],
    ["a map count that overflows", "%4611686018427387904\r\n"],
    ["a count beyond the limit", "*1000000000\r\n"],
    ["a push without a kind", ">0\r\n"],
    ["a carriage return alone", "+a\rb\r\n"],
    ["a line feed alone", "+a\nb\r\n"],
    ["a bulk string that is longer", "$1\r\nab\r\n"],
    ["a bulk string that is shorter", "$3\r\na\r\n+OK\r\n"],
    ["a boolean that is neither", "#x\r\n"],
    ["a long boolean", "#true\r\n"],
    ["an empty boolean", "#\r\n"],
    ["a null with a value", "_nil\r\n"],
    ["an empty double", ",\r\n"],
    ["a double with two points", ",1.2.3\r\n"],
    ["a double without exponent", ",1e\r\n"],
    ["a hexadecimal double", ",0x10\r\n"],
    ["a double with a space", ", 1\r\n"],
    ["an empty big number", "(\r\n"],
    ["a big number with a point", "(1.5\r\n"],
    ["a verbatim string without format", "=3\r\nabc\r\n"],
    ["a verbatim string with a long format", "=6\r\ntext:a\r\n"],
    ["a part of no string", ";3\r\nabc\r\n"],
    ["the end of no aggregate", ".\r\n"],
    ["the end of a counted array", "*2\r\n:1\r\n.\r\n"],
    ["a streamed map without the last value", "%?\r\n+a\r\n.\r\n"],
    ["another value in a streamed string", "$?\r\n;1\r\na\r\n+b\r\n"],
    ["a negative part", "$?\r\n;-1\r\n"],
    ["a streamed push", ">?\r\n"],
  ];

  it.each(REJECTED)("refuses %s, however it is cut, and for good", (_name, wire) => {
    const bytes = utf8.encode(wire);
    for (let at = 0; at < bytes.length; at++) {
      const decoder = new ReplyDecoder();
      const sink = { format: DEFAULT_FORMAT, reply: () => {}, push: () => {} };
      const run = (): void => {
        decoder.push(bytes.subarray(0, at), sink);
        decoder.push(bytes.subarray(at), sink);
      };
      expect(run).toThrow(ProtocolError);
      expect(() => decoder.push(utf8.encode("+OK\r\n"), sink)).toThrow(ProtocolError);
    }
  });

  it("refuses a carriage return without a line feed at once, wherever it is cut", () => {
    for (const parts of [["_\rx"], ["_", "\rx"], ["_\r", "x"], ["+a", "b\rx"], ["+a", "b\nx"]]) {
      expect(() => decode(parts)).toThrow(ProtocolError);
    }
  });

  it("bounds nesting without recursion", () => {
    const nested = (levels: number): string => `${"*1\r\n".repeat(levels)}:1\r\n`;
    expect(decode([nested(1024)])).toHaveLength(1);
    expect(() => decode([nested(1025)])).toThrow(expect.objectContaining({ code: "PROTOCOL_LIMIT" }));
    expect(() => decode([nested(100_000)], undefined, { maxDepth: Infinity })).not.toThrow();
    expect(() => decode(["|1\r\n".repeat(2000)])).toThrow(ProtocolError);
  });

  it("counts the values of all levels together", () => {
    const limits = { maxElements: 8 };
    expect(decode(["*2\r\n*3\r\n:1\r\n:1\r\n:1\r\n*3\r\n:1\r\n:1\r\n:1\r\n"], undefined, limits)).toHaveLength(1);
    expect(() => decode(["*2\r\n*3\r\n:1\r\n:1\r\n:1\r\n*4\r\n:1\r\n:1\r\n:1\r\n:1\r\n"], undefined, limits)).toThrow(
      ProtocolError,
    );
    expect(() => decode([`*?\r\n${"*0\r\n".repeat(9)}`], undefined, limits)).toThrow(ProtocolError);
    expect(decode(["*8\r\n" + ":1\r\n".repeat(8), "*8\r\n" + ":1\r\n".repeat(8)], undefined, limits)).toHaveLength(2);
  });

  it("bounds strings, lines and streamed strings by size", () => {
    const limits = { maxFrameBytes: 10 };
    const limit = expect.objectContaining({ code: "PROTOCOL_LIMIT" });
    expect(decode(["$10\r\n0123456789\r\n"], undefined, limits)).toHaveLength(1);
    expect(() => decode(["$11\r\n"], undefined, limits)).toThrow(limit);
    expect(() => decode([`+${"x".repeat(20)}`], undefined, limits)).toThrow(limit);
    expect(() => decode(["$?\r\n;6\r\n012345\r\n;6\r\n012345\r\n"], undefined, limits)).toThrow(limit);
    expect(() => decode([`:${"1".repeat(20_000)}`])).toThrow(limit);
  });

  it("does not allocate what is only announced", () => {
    const decoder = new ReplyDecoder();
    const sink = { format: DEFAULT_FORMAT, reply: () => {}, push: () => {} };
    // A gigabyte of announced strings and lists, in a few bytes each.
    for (let index = 0; index < 1000; index++) decoder.push(utf8.encode("*1000\r\n"), sink);
    decoder.push(utf8.encode("$536870912\r\nx"), sink);
    expect(decoder.idle).toBe(false);
  });

  it("is of no more use after its sink threw", () => {
    const decoder = new ReplyDecoder();
    const failure = new Error("no command waits");
    const sink = {
      format: DEFAULT_FORMAT,
      push: () => {},
      reply: () => {
        throw failure;
      },
    };
    expect(() => decoder.push(utf8.encode("+a\r\n"), sink)).toThrow(failure);
    expect(() => decoder.push(utf8.encode("+a\r\n"), sink)).toThrow(failure);
  });

  it("puts a large string together from many chunks", () => {
    const size = 3_000_000;
    const body = new Uint8Array(size).map((_, index) => index % 251);
    const wire = new Uint8Array(size + 64);
    const head = utf8.encode(`$${size}\r\n`);
    wire.set(head);
    wire.set(body, head.length);
    wire.set(utf8.encode("\r\n+OK\r\n"), head.length + size);
    const parts: Uint8Array[] = [];
    const end = head.length + size + 7;
    for (let at = 0; at < end; at += 65_536) parts.push(wire.subarray(at, Math.min(end, at + 65_536)));
    const [value, next] = decode(parts, { ...DEFAULT_FORMAT, bytes: true });
    expect(value?.[1]).toHaveLength(size);
    expect((value as [string, Uint8Array])[1].every((byte, index) => byte === body[index])).toBe(true);
    expect(next?.[1]).toBe("OK");
  });
});
