// Differential fuzz over RESP2: whatever redis-parser makes of random frames, however they are cut, we make too.

import { ProtocolError } from "@landline/core";
import fc from "fast-check";
import RedisParser from "redis-parser";
import { describe, expect, it } from "vitest";
import { redisParser } from "../src/redis-parser.ts";
import { ReplyDecoder } from "../src/protocol/decoder.ts";
import { DEFAULT_FORMAT } from "../src/protocol/messages.ts";
import type { ReplyFormat } from "../src/protocol/messages.ts";

const line = fc.string({ unit: fc.constantFrom("a", "Z", " ", "0", "é", "€", "😀", "$", "*", ":", "-") });
const simple = line.map((text) => Buffer.from(`+${text}\r\n`));
const error = line.map((text) => Buffer.from(`-ERR ${text}\r\n`));
const integer = fc.maxSafeInteger().map((value) => Buffer.from(`:${value}\r\n`));
const bulk = fc
  .oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.string({ unit: "grapheme", maxLength: 100 }).map((text) => new TextEncoder().encode(text)),
  )
  .map((body) => Buffer.concat([Buffer.from(`$${body.length}\r\n`), body, Buffer.from("\r\n")]));
const nulls = fc.constantFrom("$-1\r\n", "*-1\r\n").map((wire) => Buffer.from(wire));
const { reply } = fc.letrec<{ reply: Buffer; list: Buffer }>((tie) => ({
  reply: fc.oneof({ maxDepth: 4 }, simple, error, integer, bulk, nulls, tie("list")),
  list: fc
    .array(tie("reply"), { maxLength: 6 })
    .map((items) => Buffer.concat([Buffer.from(`*${items.length}\r\n`), ...items])),
}));
const stream = fc.array(reply, { minLength: 1, maxLength: 20 }).map((replies) => Buffer.concat(replies));
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

function parts(wire: Buffer, at: readonly number[]): Buffer[] {
  const offsets = [0, ...at.map((share) => Math.floor(share * wire.length)).toSorted((a, b) => a - b), wire.length];
  return offsets
    .slice(1)
    .map((end, index) => wire.subarray(offsets[index], end))
    .filter((part) => part.length > 0);
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (value instanceof Error) return { error: value.message };
  return value instanceof Uint8Array ? [...value] : value;
}

function theirs(chunks: readonly Buffer[], format: ReplyFormat): unknown[] {
  const seen: unknown[] = [];
  const parser = new RedisParser({
    returnReply: (value) => seen.push(plain(value)),
    returnError: (value) => seen.push(plain(value)),
    returnFatalError: (value) => {
      throw value;
    },
    returnBuffers: format.bytes,
    stringNumbers: format.integers === "string",
  });
  for (const chunk of chunks) parser.execute(Buffer.from(chunk));
  return seen;
}

/** redis-parser in our decoder's place. */
function adapted(chunks: readonly Buffer[], format: ReplyFormat): unknown[] {
  const seen: unknown[] = [];
  const decoder = redisParser(RedisParser)({}, DEFAULT_FORMAT);
  for (const chunk of chunks) {
    const borrowed = Uint8Array.from(chunk);
    decoder.push(borrowed, { format, reply: (value) => seen.push(plain(value)), push: () => {} });
    borrowed.fill(0x58);
  }
  return seen;
}

function ours(chunks: readonly Buffer[], format: ReplyFormat): unknown[] {
  const seen: unknown[] = [];
  const decoder = new ReplyDecoder();
  for (const chunk of chunks)
    decoder.push(chunk, { format, reply: (value) => seen.push(plain(value)), push: () => {} });
  expect(decoder.idle).toBe(true);
  return seen;
}

it("gives bytes of their own also when the chunk is a Buffer", () => {
  const chunk = Buffer.from("$5\r\nhello\r\n$?\r\n;2\r\nab\r\n;0\r\n");
  const seen: unknown[] = [];
  const format = { bytes: true, integers: "number" } as const;
  new ReplyDecoder().push(chunk, { format, reply: (value) => seen.push(value), push: () => {} });
  chunk.fill(0);
  expect(seen).toEqual([new TextEncoder().encode("hello"), new TextEncoder().encode("ab")]);
});

describe("ReplyDecoder and redis-parser", () => {
  it.each([
    ["text", DEFAULT_FORMAT],
    ["integers as strings", { bytes: false, integers: "string" }],
  ] as const)("agree on %s", (_name, format) => {
    fc.assert(
      fc.property(stream, cuts, (wire, at) => {
        const chunks = parts(wire, at);
        expect(ours(chunks, format)).toEqual(theirs(chunks, format));
        expect(adapted(chunks, format)).toEqual(ours(chunks, format));
      }),
      { numRuns: 500 },
    );
  });

  it("agree on bytes", () => {
    const binary = fc.array(fc.oneof(bulk, integer, nulls), { minLength: 1 }).map((replies) => Buffer.concat(replies));
    fc.assert(
      fc.property(binary, cuts, (wire, at) => {
        const chunks = parts(wire, at);
        const format = { bytes: true, integers: "number" } as const;
        expect(ours(chunks, format)).toEqual(theirs(chunks, format));
        expect(adapted(chunks, format)).toEqual(ours(chunks, format));
      }),
      { numRuns: 500 },
    );
  });

  it("part ways where redis-parser guesses", () => {
    expect(theirs([Buffer.from(":12x\r\n")], DEFAULT_FORMAT)).toEqual([192]);
    expect(() => ours([Buffer.from(":12x\r\n")], DEFAULT_FORMAT)).toThrow(ProtocolError);
    expect(() => theirs([Buffer.from("*4294967296\r\n")], DEFAULT_FORMAT)).toThrow(RangeError);
    // Whatever it throws, in our client it is the server's fault, and ends one connection.
    expect(() => adapted([Buffer.from("*4294967296\r\n")], DEFAULT_FORMAT)).toThrow(ProtocolError);
    expect(() => adapted([Buffer.from("HTTP/1.1 400 Bad Request\r\n")], DEFAULT_FORMAT)).toThrow(ProtocolError);
    expect(() => adapted([Buffer.from(":18446744073709551616\r\n")], DEFAULT_FORMAT)).toThrow(ProtocolError);
  });
});
