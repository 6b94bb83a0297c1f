import { describe, expect, it } from "vitest";
import { Texts, text } from "./text.ts";

const utf8 = new TextEncoder();

/** The texts of `values`, which stand one after the other in one chunk. */
function read(texts: Texts, values: readonly Uint8Array[]): string[] {
  const chunk = new Uint8Array(values.reduce((sum, { length }) => sum + length + 2, 0));
  const ends: number[] = [];
  let at = 0;
  for (const value of values) {
    chunk.set(value, at);
    at += value.length;
    ends.push(at);
    chunk.set([13, 10], at);
    at += 2;
  }
  texts.reset();
  return values.map(({ length }, index) => texts.of(chunk, ends[index]! - length, ends[index]!));
}

describe("Texts", () => {
  it.each([
    ["ASCII", Array.from({ length: 3_000 }, (_, index) => `value ${index} ${"x".repeat(index % 40)}`)],
    ["other characters here and there", Array.from({ length: 3_000 }, (_, index) => (index % 7 ? "plain" : "é€😀"))],
    ["byte order marks", ["\uFEFFone", "two\uFEFF", "\uFEFF", "three and a little more"]],
    ["a value that is longer than a stretch", ["before", "y".repeat(40_000), "after"]],
    ["nothing", ["", "", "and something behind it, so that a stretch is worth it", ""]],
  ])("reads %s as one call for each value would", (_name, values) => {
    const bytes = values.map((value) => utf8.encode(value));
    expect(read(new Texts(), bytes)).toEqual(values);
    expect(bytes.map((value) => text(value, 0, value.length))).toEqual(values);
  });

  it("never lets invalid UTF-8 harm a neighbour", () => {
    const good = utf8.encode("a plain value of some length");
    // As many characters as bytes: what is invalid looks like ASCII to whoever counts.
    const bad = Uint8Array.of(0x61, 0xff, 0xc3, 0x28, 0x80);
    const cut = utf8.encode("€").subarray(0, 2);
    const texts = new Texts();
    for (const values of [
      [bad, good, good],
      [good, bad, good],
      [good, cut, good, cut],
      [good, good],
    ]) {
      expect(read(texts, values)).toEqual(values.map((value) => new TextDecoder().decode(value)));
    }
  });

  it("has nothing of the chunk before", () => {
    const texts = new Texts();
    expect(read(texts, [utf8.encode("x".repeat(100))])).toEqual(["x".repeat(100)]);
    expect(read(texts, [utf8.encode("y".repeat(100))])).toEqual(["y".repeat(100)]);
  });
});
