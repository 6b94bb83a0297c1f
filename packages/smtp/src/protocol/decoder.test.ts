import { ProtocolError } from "@landline/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_LINE_CHARS, MAX_REPLY_CHARS, ReplyDecoder } from "./decoder.ts";
import type { Reply } from "./messages.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Decodes `input` in the given chunks; each chunk is overwritten after it was consumed. */
function decode(input: Uint8Array, cuts: readonly number[] = []): Reply[] {
  const replies: Reply[] = [];
  const decoder = new ReplyDecoder();
  const borders = [0, ...cuts, input.length];
  for (let index = 1; index < borders.length; index++) {
    const chunk = input.slice(borders[index - 1], borders[index]);
    decoder.push(chunk, { reply: (reply) => replies.push(reply) });
    chunk.fill(0x58);
  }
  return replies;
}

const VECTORS: [name: string, wire: string, replies: Reply[]][] = [
  ["one line", "250 OK\r\n", [{ code: 250, enhanced: undefined, lines: ["OK"] }]],
  ["no text", "250\r\n", [{ code: 250, enhanced: undefined, lines: [""] }]],
  ["an empty text", "354 \r\n", [{ code: 354, enhanced: undefined, lines: [""] }]],
  [
    "several lines",
    "250-mx.example\r\n250-SIZE 100\r\n250 PIPELINING\r\n",
    [{ code: 250, enhanced: undefined, lines: ["mx.example", "SIZE 100", "PIPELINING"] }],
  ],
  [
    "several replies, the pipelined kind",
    "250 2.1.0 Ok\r\n550 5.1.1 no such user\r\n354 go on\r\n",
    [
      { code: 250, enhanced: "2.1.0", lines: ["Ok"] },
      { code: 550, enhanced: "5.1.1", lines: ["no such user"] },
      { code: 354, enhanced: undefined, lines: ["go on"] },
    ],
  ],
  [
    "an enhanced code on each line",
    "550-5.7.26 first\r\n550-5.7.26\r\n550 5.7.26 last\r\n",
    [{ code: 550, enhanced: "5.7.26", lines: ["first", "", "last"] }],
  ],
  [
    "an enhanced code of another class is text",
    "550 2.0.0 odd\r\n",
    [{ code: 550, enhanced: undefined, lines: ["2.0.0 odd"] }],
  ],
  [
    "what only looks like an enhanced code",
    "250 2.1.0.9 x\r\n",
    [{ code: 250, enhanced: undefined, lines: ["2.1.0.9 x"] }],
  ],
  ["UTF-8", "550 Привет 🙂\r\n", [{ code: 550, enhanced: undefined, lines: ["Привет 🙂"] }]],
  ["terminal controls", "550 a\u001b[31mb\0\r\n", [{ code: 550, enhanced: undefined, lines: ["a\ufffd[31mb\ufffd"] }]],
];

test.each(VECTORS)("%s, at every split", (_name, wire, replies) => {
  const input = bytes(wire);
  expect(decode(input)).toEqual(replies);
  for (let first = 0; first <= input.length; first++) {
    for (let second = first; second <= input.length; second++) expect(decode(input, [first, second])).toEqual(replies);
  }
  expect(decode(input, [...input.keys()])).toEqual(replies);
});

const HOSTILE: [name: string, wire: string, message: RegExp][] = [
  ["a bare LF", "250 ok\n", /bare CR or LF/],
  ["a bare CR", "250 o\rk\r\n", /bare CR or LF/],
  ["CR CR LF", "250 ok\r\r\n", /bare CR or LF/],
  ["a 1xx code", "150 ok\r\n", /not a reply/],
  ["a 6xx code", "650 ok\r\n", /not a reply/],
  ["letters for a code", "OK done\r\n", /not a reply/],
  ["a code of two digits", "25 ok\r\n", /not a reply/],
  ["a code of four digits", "2500 ok\r\n", /not a reply/],
  ["an empty line", "\r\n", /not a reply/],
  ["a code that changes", "250-a\r\n550 b\r\n", /different codes/],
  ["HTTP", "HTTP/1.1 400 Bad Request\r\n", /not a reply/],
  ["a TLS alert", "\u0015\u0003\u0001\u0000\u0002\u0002\u0046", /TLS from the first byte/],
];

test.each(HOSTILE)("refuses %s, at every split, and stays refusing", (_name, wire, message) => {
  const input = bytes(wire);
  for (let cut = 0; cut <= input.length; cut++) expect(() => decode(input, [cut])).toThrow(message);
  const decoder = new ReplyDecoder();
  const sink = { reply: () => undefined };
  expect(() => decoder.push(input, sink)).toThrow(ProtocolError);
  expect(() => decoder.push(bytes("250 ok\r\n"), sink)).toThrow(message);
});

test("an endless line ends at the limit, whole or dripped", () => {
  const sink = { reply: () => undefined };
  const endless = bytes(`250 ${"x".repeat(MAX_LINE_CHARS)}`);
  expect(() => new ReplyDecoder().push(endless, sink)).toThrow(expect.objectContaining({ code: "PROTOCOL_LIMIT" }));
  const decoder = new ReplyDecoder();
  expect(() => {
    for (let index = 0; index <= MAX_LINE_CHARS; index++) decoder.push(endless.subarray(index, index + 1), sink);
  }).toThrow(expect.objectContaining({ code: "PROTOCOL_LIMIT" }));
});

test("an endless reply ends at the limit", () => {
  const line = bytes(`250-${"x".repeat(1000)}\r\n`);
  const decoder = new ReplyDecoder();
  let pushed = 0;
  expect(() => {
    for (; pushed < 2 * MAX_REPLY_CHARS; pushed += line.length) decoder.push(line, { reply: () => undefined });
  }).toThrow(expect.objectContaining({ code: "PROTOCOL_LIMIT" }));
  expect(pushed).toBeLessThanOrEqual(MAX_REPLY_CHARS);
});

test("tells what is incomplete", () => {
  const decoder = new ReplyDecoder();
  const sink = { reply: () => undefined };
  decoder.push(bytes("220 go\r\n"), sink);
  expect(decoder.pending).toBe(false);
  decoder.push(bytes("250-AUTH"), sink);
  expect(decoder.pending).toBe(true);
  decoder.push(bytes(" PLAIN\r\n"), sink);
  expect(decoder.pending).toBe(true);
  decoder.push(bytes("250 ok\r\n"), sink);
  expect(decoder.pending).toBe(false);
  decoder.push(bytes("é").subarray(0, 1), sink);
  expect(decoder.pending).toBe(true);
});

test("any cut of any replies gives the same replies", () => {
  const reply = fc.record({
    code: fc.integer({ min: 200, max: 599 }),
    lines: fc.array(fc.string({ unit: "grapheme-ascii", maxLength: 40 }), { minLength: 1, maxLength: 5 }),
  });
  fc.assert(
    fc.property(fc.array(reply, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 6 }), (replies, cuts) => {
      const wire = replies
        .map(({ code, lines }) =>
          lines.map((line, index) => `${code}${index < lines.length - 1 ? "-" : " "}${line}\r\n`).join(""),
        )
        .join("");
      const input = bytes(wire);
      const sorted = cuts.map((cut) => cut % (input.length + 1)).sort((a, b) => a - b);
      expect(decode(input, sorted)).toEqual(decode(input));
      expect(decode(input).map(({ code }) => code)).toEqual(replies.map(({ code }) => code));
    }),
  );
});
