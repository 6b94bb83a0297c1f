import { ProtocolError } from "@landline/core";
import { ByteWriter } from "@landline/core/bytes";
import { parse, query, sync, terminate } from "@landline/postgres/wire";
import { describe, expect, test } from "vitest";
import { countSyncs, FrameWalker, PEEK_BYTES } from "./frames.ts";
import { commandComplete, joined, readyForQuery, row } from "../../test/server-frames.ts";

const decoder = new TextDecoder();

/** What a walker says of chunks, in offsets of all of them together. */
function walk(chunks: readonly Uint8Array[]): string[] {
  const walker = new FrameWalker();
  const said: string[] = [];
  let before = 0;
  for (const chunk of chunks) {
    walker.push(chunk, {
      begin: (at) => void said.push(`begin ${before + at}`),
      end: (type, bytes, start, length, at) => {
        said.push(
          `end ${String.fromCharCode(type)} ${before + at} ${length} ${decoder.decode(bytes.subarray(start, start + Math.min(length, 8)))}`,
        );
      },
    });
    before += chunk.length;
  }
  return said;
}

describe("FrameWalker", () => {
  const reply = joined(row(80), commandComplete("SELECT 1"), readyForQuery("I"));

  test("tells where frames begin and end, and the first bytes of their bodies", () => {
    expect(walk([reply])).toEqual([
      "begin 0",
      `end D 85 ${PEEK_BYTES} ${"x".repeat(8)}`,
      "begin 85",
      "end C 99 9 SELECT 1",
      "begin 99",
      "end Z 105 1 I",
    ]);
  });

  test("tells the same wherever the bytes are cut", () => {
    const whole = walk([reply]);
    for (let at = 0; at <= reply.length; at++) expect(walk([reply.subarray(0, at), reply.subarray(at)])).toEqual(whole);
    expect(walk(Array.from(reply, (byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  test.each([
    ["an unknown type", [0x01, 0, 0, 0, 4]],
    ["a length that does not count itself", [0x5a, 0, 0, 0, 3]],
    ["a negative length", [0x5a, 0xff, 0xff, 0xff, 0xff]],
  ])("refuses %s", (_, bytes) => {
    expect(() => walk([Uint8Array.from(bytes)])).toThrow(ProtocolError);
  });
});

describe("countSyncs", () => {
  function frames(write: (writer: ByteWriter) => void): Uint8Array {
    const writer = new ByteWriter();
    write(writer);
    return writer.take().slice();
  }

  test("counts what will be answered by ReadyForQuery", () => {
    const three = frames((writer) => {
      parse(writer, "", "select 1", []);
      sync(writer);
      query(writer, "select 2");
      sync(writer);
    });
    expect(countSyncs(three)).toBe(3);
  });

  test.each([
    ["nothing", frames(() => {})],
    ["no Sync at the end", frames((writer) => parse(writer, "", "select 1", []))],
    ["Terminate", frames(terminate)],
    ["a frame that is cut", frames(sync).subarray(0, 3)],
    ["a body that is cut", frames((writer) => query(writer, "select 1")).subarray(0, 9)],
    ["a message of COPY", Uint8Array.of(0x64, 0, 0, 0, 4)],
  ])("refuses %s, and nothing is sent", (_, bytes) => {
    let error: unknown;
    try {
      countSyncs(bytes);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ outcome: "unsent" });
  });
});
