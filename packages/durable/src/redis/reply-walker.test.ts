import { ProtocolError } from "@landline/core";
import { expect, test } from "vitest";
import { ReplyWalker } from "./reply-walker.ts";

const encoder = new TextEncoder();

/** What a walker says of chunks, in offsets of all of them together. */
function walk(chunks: readonly Uint8Array[]): string[] {
  const walker = new ReplyWalker();
  const said: string[] = [];
  let before = 0;
  for (const chunk of chunks) {
    walker.push(chunk, {
      reply: (at) => void said.push(`reply ${before + at}`),
      push: (at) => void said.push(`push ${before + at}`),
    });
    before += chunk.length;
  }
  return said;
}

const REPLIES = [
  "+OK\r\n",
  "-ERR a\rb no\r\n",
  ":-12\r\n",
  "$5\r\na\r\nbc\r\n",
  "$0\r\n\r\n",
  "$-1\r\n",
  "*-1\r\n",
  "*0\r\n",
  "*2\r\n*1\r\n$1\r\nx\r\n:1\r\n",
  "%1\r\n+k\r\n~2\r\n#t\r\n_\r\n",
  "|1\r\n+a\r\n:1\r\n*1\r\n,1.5\r\n",
  "=7\r\ntxt:abc\r\n",
  "(123456789012345678901234567890\r\n",
  "!3\r\nERR\r\n",
];

test("tells where replies end, wherever the bytes are cut", () => {
  const bytes = encoder.encode(`${REPLIES.join("")}>2\r\n+message\r\n$1\r\nx\r\n+OK\r\n`);
  const whole = walk([bytes]);
  let at = 0;
  const ends = REPLIES.map((reply) => `reply ${(at += reply.length)}`);
  expect(whole).toEqual([...ends, `push ${bytes.length - 5}`, `reply ${bytes.length}`]);
  for (let cut = 0; cut <= bytes.length; cut++)
    expect(walk([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(whole);
  expect(walk(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
});

test.each(["x", "$x\r\n", "$-2\r\n", "*99999999999\r\n", `$${"1".repeat(70)}`, "$?\r\n", "*1\r\n".repeat(2_000)])(
  "refuses what is no reply: %s",
  (text) => {
    expect(() => walk([encoder.encode(text)])).toThrow(ProtocolError);
  },
);
