// Values that no server sends: each is refused as a broken protocol, without a word of the value, and no reader leaves its range.

import { ProtocolError } from "@landline/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonbBinary } from "./binary.ts";
import { text } from "../protocol/bytes.ts";
import { bigint, boolean, bytea, json, type ValueDecoder } from "./text.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Reads what is between the bars. */
function read(decoder: ValueDecoder, around: string): unknown {
  const bytes = bytesOf(around);
  return decoder(bytes, around.indexOf("|") + 1, around.lastIndexOf("|"));
}

test.each<[what: string, decoder: ValueDecoder, around: string]>([
  ["json that is none", json, "|secret|"],
  ["empty json", json, "{}||"],
  ["jsonb that is none", jsonbBinary, "|\u0001secret|"],
  ["an int8 that is none", bigint, "|secret|"],
  ["a bytea that ends inside an octal escape", bytea, "|a\\00|1"],
  ["a bytea that ends in a backslash", bytea, "|a\\|\\"],
])("%s is a broken protocol, and is not told", (_what, decoder, around) => {
  const attempt = (): unknown => read(decoder, around);
  expect(attempt).toThrow(ProtocolError);
  expect(attempt).not.toThrow(/secret/);
});

test("no reader looks behind the end of its value", () => {
  expect(read(boolean, "||t")).toBe(false);
  expect(boolean(bytesOf("t"), 0, 0)).toBe(false);
  expect(read(bytea, "|a\\\\|\\")).toEqual(bytesOf("a\\"));
  expect(bytea(bytesOf("\\x41"), 0, 0)).toEqual(new Uint8Array(0));
});

test("text of any length is what a TextDecoder makes of it", () => {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const ascii = fc.string({ unit: "grapheme-ascii", maxLength: 100 }).map(bytesOf);
  const any = fc.string({ unit: "binary", maxLength: 60 }).map(bytesOf);
  fc.assert(
    fc.property(fc.oneof(ascii, any, fc.uint8Array({ maxLength: 100 })), fc.nat(9), (bytes, offset) => {
      const placed = new Uint8Array(offset + bytes.length + 1);
      placed.set(bytes, offset);
      expect(text(placed, offset, offset + bytes.length)).toBe(decoder.decode(bytes));
    }),
  );
});
