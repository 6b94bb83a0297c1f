import { ByteWriter } from "@landline/core/bytes";
import { describe, expect, it } from "vitest";
import { checkArguments, encodeCommand } from "./encoder.ts";
import type { Argument } from "./messages.ts";

const utf8 = new TextEncoder();

/** Everything that was written, in order, and how much of it was handed on without a copy. */
class Recorder {
  readonly writer = new ByteWriter(16);
  readonly parts: Uint8Array[] = [];
  handedOn = 0;

  write(bytes: Uint8Array): void {
    this.parts.push(this.writer.take().slice(), bytes);
    this.handedOn++;
  }

  bytes(): Uint8Array {
    const all = [...this.parts, this.writer.take().slice()];
    return Uint8Array.from(all.flatMap((part) => [...part]));
  }
}

function encoded(...command: [string, ...Argument[]]): string {
  const out = new Recorder();
  encodeCommand(command, out);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(out.bytes());
}

describe("encodeCommand", () => {
  it("writes an array of bulk strings", () => {
    expect(encoded("SET", "key", "value")).toBe("*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nvalue\r\n");
    expect(encoded("GET", "")).toBe("*2\r\n$3\r\nGET\r\n$0\r\n\r\n");
  });

  it("writes numbers in decimal, and infinities as Redis spells them", () => {
    expect(encoded("X", 0, -1, 1.5, 12345678901234567890n, Infinity, -Infinity)).toBe(
      "*7\r\n$1\r\nX\r\n$1\r\n0\r\n$2\r\n-1\r\n$3\r\n1.5\r\n$20\r\n12345678901234567890\r\n$3\r\ninf\r\n$4\r\n-inf\r\n",
    );
  });

  it.each([0, 1, 3, 4, 9, 10, 33, 34, 50, 99, 100, 333, 334, 999, 1000, 3333, 3334, 9999, 16_383, 16_384])(
    "counts bytes, not characters, at length %i",
    (length) => {
      for (const char of ["a", "ß", "€", "\uFEFF"]) {
        const value = char.repeat(length);
        expect(encoded("SET", "k", value, "EX")).toBe(
          `*4\r\n$3\r\nSET\r\n$1\r\nk\r\n$${utf8.encode(value).length}\r\n${value}\r\n$2\r\nEX\r\n`,
        );
      }
    },
  );

  it("keeps bytes as they are, and does not copy large ones", () => {
    const small = Uint8Array.of(0, 13, 10, 255);
    const large = new Uint8Array(20_000).fill(7);
    const out = new Recorder();
    encodeCommand(["MSET", "a", small, "b", large, "c", "d"], out);
    expect(out.handedOn).toBe(1);
    expect(out.parts[1]).toBe(large);
    const head = utf8.encode("*7\r\n$4\r\nMSET\r\n$1\r\na\r\n$4\r\n");
    const middle = utf8.encode("\r\n$1\r\nb\r\n$20000\r\n");
    const tail = utf8.encode("\r\n$1\r\nc\r\n$1\r\nd\r\n");
    expect(out.bytes()).toEqual(Uint8Array.of(...head, ...small, ...middle, ...large, ...tail));
  });

  it("cannot be made to smuggle a command", () => {
    expect(encoded("SET", "k\r\n*1\r\n$8\r\nFLUSHALL\r\n", "v")).toBe(
      "*3\r\n$3\r\nSET\r\n$21\r\nk\r\n*1\r\n$8\r\nFLUSHALL\r\n\r\n$1\r\nv\r\n",
    );
  });
});

describe("checkArguments", () => {
  it.each([
    undefined,
    null,
    true,
    Number.NaN,
    {},
    [],
    ["a"],
    new Date(0),
    new ArrayBuffer(2),
    new Uint16Array(1),
    Symbol("s"),
    () => 1,
  ])("refuses %o", (argument) => {
    expect(() => checkArguments(["SET", "key", argument])).toThrow(TypeError);
  });

  it("names the command and the place, never the value", () => {
    expect(() => checkArguments(["SET", "secret", undefined])).toThrow(
      "argument 2 of SET is undefined; a string, number, bigint or Uint8Array is needed",
    );
  });
});
