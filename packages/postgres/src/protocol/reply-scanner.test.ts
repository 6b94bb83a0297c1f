// The scanner sees the same ends wherever the bytes are cut.

import { ProtocolError } from "@landline/core";
import { expect, test } from "vitest";
import { answer, backend, together } from "../../test/support/backend.ts";
import { BACKEND } from "./messages.ts";
import { ReplyScanner } from "./reply-scanner.ts";

const BYTES = together(
  answer("1", "ZZZZZ"),
  backend.dataRow("Z\0\0\0\u0005I"),
  backend.readyForQuery("T"),
  backend.readyForQuery("E"),
);
const ENDS = [
  { status: "I", end: answer("1", "ZZZZZ").length },
  { status: "T", end: BYTES.length - 6 },
  { status: "E", end: BYTES.length },
];

test("cut at every place", () => {
  for (let cut = 0; cut <= BYTES.length; cut++) {
    const scanner = new ReplyScanner();
    const seen: unknown[] = [];
    scanner.push(BYTES.subarray(0, cut), (status, end) => seen.push({ status, end }));
    scanner.push(BYTES.subarray(cut), (status, end) => seen.push({ status, end: end + cut }));
    expect(seen).toEqual(ENDS);
    expect(scanner.midFrame).toBe(false);
  }
});

test.each([
  ["a length of 3", Uint8Array.of(BACKEND.dataRow, 0, 0, 0, 3)],
  ["a negative length", Uint8Array.of(BACKEND.dataRow, 0xff, 0, 0, 0)],
  ["ReadyForQuery that is too long", Uint8Array.of(BACKEND.readyForQuery, 0, 0, 0, 6)],
  ["ReadyForQuery with an unknown status", backend.readyForQuery("?")],
])("%s", (_, bytes) => {
  expect(() => new ReplyScanner().push(bytes, () => {})).toThrow(ProtocolError);
});
