import { ByteWriter } from "@landline/core/bytes";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DotStuffer } from "./transparency.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function stuff(input: Uint8Array, cuts: readonly number[] = []): string {
  const writer = new ByteWriter(16);
  const stuffer = new DotStuffer();
  const borders = [0, ...cuts, input.length];
  for (let index = 1; index < borders.length; index++)
    stuffer.push(input.slice(borders[index - 1], borders[index]), writer);
  stuffer.end(writer);
  return new TextDecoder().decode(writer.take());
}

test.each([
  ["", ".\r\n"],
  ["a", "a\r\n.\r\n"],
  ["a\r\n", "a\r\n.\r\n"],
  [".", "..\r\n.\r\n"],
  [".test\n", "..test\r\n.\r\n"],
  ["a.b", "a.b\r\n.\r\n"],
  ["a\r\n.\r\nMAIL FROM:<x@y.example>\r\n", "a\r\n..\r\nMAIL FROM:<x@y.example>\r\n.\r\n"],
  ["a\n.\nb", "a\r\n..\r\nb\r\n.\r\n"],
  ["a\n.\r\nb", "a\r\n..\r\nb\r\n.\r\n"],
  ["a\r.\rb", "a\r\n..\r\nb\r\n.\r\n"],
  ["a\r\n.\rb", "a\r\n..\r\nb\r\n.\r\n"],
  ["a\r\r\n.\r\r\nb", "a\r\n\r\n..\r\n\r\nb\r\n.\r\n"],
  ["a\n\r.\n\rb", "a\r\n\r\n..\r\n\r\nb\r\n.\r\n"],
  ["\r", "\r\n.\r\n"],
  ["\r\n", "\r\n.\r\n"],
])("%j becomes %j, at every split", (text, wire) => {
  const input = bytes(text);
  for (let first = 0; first <= input.length; first++) {
    for (let second = first; second <= input.length; second++) expect(stuff(input, [first, second])).toBe(wire);
  }
  expect(stuff(input, [...input.keys()])).toBe(wire);
});

test("whatever goes in, the end comes once and at the end, and the way back gives the lines", () => {
  const text = fc.array(fc.constantFrom("\r", "\n", ".", "a", "\r\n.", "é")).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.array(fc.nat(), { maxLength: 5 }), (body, cuts) => {
      const input = bytes(body);
      const wire = stuff(
        input,
        cuts.map((cut) => cut % (input.length + 1)).sort((a, b) => a - b),
      );
      expect(`\r\n${wire}`.indexOf("\r\n.\r\n")).toBe(wire.length - 3);
      expect(wire.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
      const lines = wire.slice(0, -3).replace(/^\./gm, "");
      const normal = body.replace(/\r\n|\r|\n/g, "\r\n");
      expect(lines).toBe(normal === "" || normal.endsWith("\r\n") ? normal : `${normal}\r\n`);
    }),
  );
});

test("without dots the line ends alone are changed, wherever the chunks are cut", () => {
  const input = bytes(".a\n..b\r.\r\n\r\r\n.c");
  for (let cut = 0; cut <= input.length; cut++) {
    const writer = new ByteWriter(16);
    const lines = new DotStuffer(false);
    lines.push(input.slice(0, cut), writer);
    lines.push(input.slice(cut), writer);
    lines.end(writer);
    expect(new TextDecoder().decode(writer.take())).toBe(".a\r\n..b\r\n.\r\n\r\n\r\n.c\r\n");
  }
});
