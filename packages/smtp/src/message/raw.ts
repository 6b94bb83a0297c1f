// A message that was composed elsewhere. It is sent as it is, but for its line ends, which become CRLF.

import { ByteWriter } from "@landline/core/bytes";
import { DotStuffer } from "../protocol/transparency.ts";
import { segmentOf } from "./content.ts";
import type { Segment } from "./content.ts";

/** A field as it stands in most messages; what is folded otherwise is not found. */
const MESSAGE_ID = /^Message-ID:(?:\s|\r\n\s)*(<[!-;=?-~]+>)\s*$/im;
const HEADER_BYTES = 64 * 1024;

/** What is known of such a message without parsing it. */
export interface Raw {
  readonly segments: readonly Segment[];
  /** "" when none was found. */
  readonly messageId: string;
  /** `true` also when it is a stream: nobody knows beforehand. */
  readonly eightBit: boolean;
}

/** @throws TypeError when `content` is nothing that can be sent. */
export function readRaw(content: unknown): Raw {
  const given = segmentOf(content, "raw");
  if (!(given instanceof Uint8Array)) {
    const open = (): AsyncIterable<Uint8Array> => canonical(given.open());
    return { segments: [{ size: undefined, replayable: given.replayable, open }], messageId: "", eightBit: true };
  }
  const writer = new ByteWriter(given.length + 64);
  const lines = new DotStuffer(false);
  lines.push(given, writer);
  lines.end(writer);
  const bytes = writer.take();
  const head = new TextDecoder().decode(bytes.subarray(0, HEADER_BYTES));
  const end = head.indexOf("\r\n\r\n");
  const messageId = MESSAGE_ID.exec(end < 0 ? head : head.slice(0, end + 2))?.[1] ?? "";
  return { segments: [bytes], messageId, eightBit: bytes.some((byte) => byte > 127) };
}

async function* canonical(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter();
  const lines = new DotStuffer(false);
  for await (const chunk of source) {
    lines.push(chunk, writer);
    if (writer.length > 0) yield writer.buffer.subarray(0, writer.length);
    writer.rewind(0);
  }
  lines.end(writer);
  if (writer.length > 0) yield writer.buffer.subarray(0, writer.length);
}
