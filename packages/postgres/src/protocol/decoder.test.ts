// Backend frames, cut everywhere, and the frames that no server may send.

import { ProtocolError } from "@landline/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backend, together } from "../../test/support/backend.ts";
import { BackendDecoder, type DecoderSink } from "./decoder.ts";
import { BACKEND } from "./messages.ts";

/** As Node's Buffer does it: `slice` is a view. */
class Sliceless extends Uint8Array {
  override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(start, end) as Uint8Array<ArrayBuffer>;
  }
}

class Collector implements DecoderSink {
  readonly seen: unknown[] = [];

  row(bytes: Uint8Array, start: number, end: number): void {
    this.seen.push(bytes.subarray(start, end).join());
  }

  copyData(bytes: Uint8Array, start: number, end: number): void {
    this.seen.push(["copyData", ...bytes.subarray(start, end)]);
  }

  message(message: unknown): void {
    this.seen.push(message);
  }
}

const EVERYTHING = together(
  backend.authentication(0),
  backend.parameterStatus("TimeZone", "Europe/Zürich"),
  backend.backendKeyData(-5, new Uint8Array(32).fill(7)),
  backend.readyForQuery(),
  backend.empty(BACKEND.parseComplete),
  backend.empty(BACKEND.bindComplete),
  backend.rowDescription(["n", 23], ["", 4_000_000_000]),
  backend.dataRow("1", null),
  backend.noticeResponse({ S: "NOTICE", V: "NOTICE", C: "00000", M: "hear, hear" }),
  backend.dataRow("", "ö"),
  backend.notificationResponse("jobs", ""),
  backend.commandComplete("SELECT 2"),
  backend.errorResponse({ V: "ERROR", C: "22012", M: "division by zero" }),
  backend.readyForQuery("E"),
);

function decodeIn(chunks: readonly Uint8Array[]): unknown[] {
  const sink = new Collector();
  const decoder = new BackendDecoder();
  for (const chunk of chunks) {
    const lent = new Sliceless(chunk);
    decoder.push(lent, sink);
    // A chunk is borrowed until push() returns: whoever kept a view of it would now see this.
    lent.fill(0xff);
  }
  expect(decoder.midFrame).toBe(false);
  return sink.seen;
}

const WHOLE = decodeIn([EVERYTHING]);

describe("frames", () => {
  test("all kinds of messages, in order", () => {
    expect(WHOLE).toHaveLength(14);
    expect(WHOLE).toMatchObject([
      { type: "authenticationOk" },
      { type: "parameterStatus", name: "TimeZone", value: "Europe/Zürich" },
      { type: "backendKeyData", processId: -5, secretKey: new Uint8Array(32).fill(7) },
      { type: "readyForQuery", status: "I" },
      { type: "parseComplete" },
      { type: "bindComplete" },
      {
        type: "rowDescription",
        columns: [
          { name: "n", type: 23 },
          { name: "", type: 4_000_000_000 },
        ],
      },
      expect.any(String),
      { type: "noticeResponse" },
      expect.any(String),
      { type: "notificationResponse", channel: "jobs", payload: "" },
      { type: "commandComplete", tag: "SELECT 2" },
      {
        type: "errorResponse",
        fields: new Map([
          ["V", "ERROR"],
          ["C", "22012"],
          ["M", "division by zero"],
        ]),
      },
      { type: "readyForQuery", status: "E" },
    ]);
  });

  test("cut at every place", () => {
    for (let cut = 0; cut <= EVERYTHING.length; cut++) {
      expect(decodeIn([EVERYTHING.subarray(0, cut), EVERYTHING.subarray(cut)])).toEqual(WHOLE);
    }
  });

  test("byte by byte", () => {
    expect(decodeIn(Array.from(EVERYTHING, (byte) => Uint8Array.of(byte)))).toEqual(WHOLE);
  });

  test("cut in any way", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(EVERYTHING.length), { maxLength: 20 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), EVERYTHING.length];
        expect(decodeIn(at.slice(1).map((end, index) => EVERYTHING.subarray(at[index], end)))).toEqual(WHOLE);
      }),
    );
  });

  test("a large row in many chunks", () => {
    const row = backend.dataRow("x".repeat(1_000_000));
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < row.length; at += 16_384) chunks.push(row.subarray(at, at + 16_384));
    expect(decodeIn(chunks)).toEqual([row.subarray(5).join()]);
  });
});

describe("what no server may send", () => {
  const hostile: [name: string, bytes: Uint8Array][] = [
    ["another protocol", new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n")],
    ["an unknown type", Uint8Array.of(0x21, 0, 0, 0, 4)],
    ["a length of 0", Uint8Array.of(BACKEND.dataRow, 0, 0, 0, 0)],
    ["a length of 3", Uint8Array.of(BACKEND.dataRow, 0, 0, 0, 3)],
    ["a negative length", Uint8Array.of(BACKEND.dataRow, 0x80, 0, 0, 0)],
    ["the largest length", Uint8Array.of(BACKEND.dataRow, 0x7f, 0xff, 0xff, 0xff)],
    ["a short message that claims to be long", Uint8Array.of(BACKEND.commandComplete, 0, 1, 0, 1)],
    ["ReadyForQuery with an unknown status", backend.readyForQuery("?")],
    ["ReadyForQuery without a status", backend.empty(BACKEND.readyForQuery)],
    ["bytes left over", backend.raw(BACKEND.parseComplete, (writer) => writer.u8(0))],
    ["a string without an end", backend.raw(BACKEND.commandComplete, (writer) => writer.utf8("SELECT 1"))],
    ["fields without an end", backend.raw(BACKEND.errorResponse, (writer) => writer.utf8("S"))],
    ["more columns than there are", backend.raw(BACKEND.rowDescription, (writer) => writer.i16(2))],
    ["a cancel key of 3 bytes", backend.backendKeyData(1, new Uint8Array(3))],
    ["a cancel key of 257 bytes", backend.backendKeyData(1, new Uint8Array(257))],
    ["an md5 salt of 3 bytes", backend.authentication(5, (writer) => writer.bytes(new Uint8Array(3)))],
    [
      "an impossible count of options",
      backend.raw(BACKEND.negotiateProtocolVersion, (writer) => {
        writer.i32(2);
        writer.i32(-1);
      }),
    ],
  ];

  test.each(hostile)("%s", (_, bytes) => {
    for (const size of [1, bytes.length]) {
      const decoder = new BackendDecoder();
      const sink = new Collector();
      let failure: unknown;
      try {
        for (let at = 0; at < bytes.length; at += size) decoder.push(bytes.slice(at, at + size), sink);
      } catch (error) {
        failure = error;
      }
      expect(failure).toBeInstanceOf(ProtocolError);
      expect(sink.seen).toEqual([]);
      expect(() => decoder.push(backend.readyForQuery(), sink)).toThrow(failure as ProtocolError);
    }
  });

  test("a frame beyond the limit", () => {
    const decoder = new BackendDecoder({ maxFrameBytes: 100 });
    expect(() => decoder.push(backend.dataRow("x".repeat(100)), new Collector())).toThrow(
      expect.objectContaining({ code: "PROTOCOL_LIMIT" }),
    );
  });

  test("anything at all: it throws a ProtocolError or goes on", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          new BackendDecoder().push(bytes, new Collector());
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});
