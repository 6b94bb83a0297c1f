import fc from "fast-check";
import { expect, test } from "vitest";
import { fieldsOf, RelaxedBody, relaxedField } from "./canonical.ts";
import { Sha256 } from "./sha256.ts";

const utf8 = new TextEncoder();
const text = new TextDecoder();

function relaxed(body: string, cuts: readonly number[] = []): string {
  const bytes = utf8.encode(body);
  const canonical = new RelaxedBody();
  let result = "";
  const borders = [0, ...cuts, bytes.length];
  for (let index = 1; index < borders.length; index++)
    result += text.decode(canonical.push(bytes.slice(borders[index - 1], borders[index])));
  return result + text.decode(canonical.end());
}

// RFC 6376 3.4.5 and 3.4.4.
test.each([
  [" C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n"],
  ["", ""],
  ["\r\n\r\n", ""],
  [" \t\r\n", ""],
  ["a", "a\r\n"],
  ["a\r\n", "a\r\n"],
  ["\r\n\r\na\t\tb  \r\n\r\nc\r\n \r\n", "\r\n\r\na b\r\n\r\nc\r\n"],
])("the body %j, wherever it is cut", (body, canonical) => {
  for (let cut = 0; cut <= body.length; cut++) expect(relaxed(body, [cut])).toBe(canonical);
});

test("fields", () => {
  expect(fieldsOf("A: X\r\nB : Y\t\r\n\tZ  \r\n")).toEqual(["A: X\r\n", "B : Y\t\r\n\tZ  \r\n"]);
  expect(["A: X\r\n", "B : Y\t\r\n\tZ  \r\n"].map(relaxedField)).toEqual(["a:X\r\n", "b:Y Z\r\n"]);
});

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

test("SHA-256 agrees with WebCrypto for every length around a block, and any cuts", async () => {
  expect(hex(new Sha256().digest())).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 150 }), { maxLength: 5 }), async (pieces) => {
      const hash = new Sha256();
      for (const piece of pieces) hash.update(piece);
      const whole = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
      expect(hex(hash.digest())).toBe(hex(new Uint8Array(await crypto.subtle.digest("SHA-256", whole))));
    }),
    { numRuns: 200 },
  );
  for (let length = 0; length < 140; length++) {
    const hash = new Sha256();
    hash.update(new Uint8Array(length).fill(length));
    const expected = await crypto.subtle.digest("SHA-256", new Uint8Array(length).fill(length));
    expect(hex(hash.digest())).toBe(hex(new Uint8Array(expected)));
  }
});
