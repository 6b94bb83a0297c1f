// Base64 (RFC 4648), and its form for mail bodies: lines of 76 characters with CRLF (RFC 2045 6.8). Bytes to bytes, two
// characters at a time; streams in constant memory.

import type { Segment } from "./content.ts";

const ALPHABET = new TextEncoder().encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
/** Two characters for each 12 bits, in the byte order of this machine. */
const PAIRS: Uint16Array = pairs();
const PAD = 0x3d; // '='
const LINE_BYTES = 57; // 76 characters
/** A stream is encoded in blocks of so many bytes at most, each into the same buffer. */
const BLOCK_BYTES = LINE_BYTES * 840;
/** Smaller contents are encoded at once: they may then go in a window of messages. */
const EAGER_BYTES = LINE_BYTES * 560;
const utf8 = new TextEncoder();
const ascii = new TextDecoder();

/** Base64 of UTF-8 text or bytes, on one line. */
export function encodeBase64(input: string | Uint8Array): string {
  const bytes = typeof input === "string" ? utf8.encode(input) : input;
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  encodeInto(bytes, 0, bytes.length, out, new Uint16Array(out.buffer), 0);
  return ascii.decode(out);
}

/** How many bytes {@link base64Lines} returns for so many. */
export function base64LinesLength(bytes: number): number {
  return Math.ceil(bytes / 3) * 4 + Math.ceil(bytes / LINE_BYTES) * 2;
}

/** Base64 in lines of 76 characters, each with CRLF. */
export function base64Lines(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(base64LinesLength(bytes.length));
  linesInto(bytes, 0, bytes.length, out);
  return out;
}

/** The same for any content; what is large or a stream is encoded as it is read. */
export function base64Segment(content: Segment): Segment {
  if (content instanceof Uint8Array && content.length <= EAGER_BYTES) return base64Lines(content);
  const isBytes = content instanceof Uint8Array;
  const size = isBytes ? content.length : content.size;
  return {
    size: size === undefined ? undefined : base64LinesLength(size),
    replayable: isBytes || content.replayable,
    open: () => base64Stream(isBytes ? [content] : content.open()),
  };
}

async function* base64Stream(source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const out = new Uint8Array(base64LinesLength(BLOCK_BYTES));
  const line = new Uint8Array(LINE_BYTES);
  let kept = 0;
  for await (const chunk of source) {
    let start = 0;
    let length = 0;
    if (kept > 0) {
      start = Math.min(LINE_BYTES - kept, chunk.length);
      line.set(chunk.subarray(0, start), kept);
      kept += start;
      if (kept < LINE_BYTES) continue;
      length = linesInto(line, 0, LINE_BYTES, out);
    }
    // One piece for each chunk, unless it is larger than the buffer.
    for (;;) {
      const whole = chunk.length - start - ((chunk.length - start) % LINE_BYTES);
      const end = start + Math.min(BLOCK_BYTES - (length > 0 ? LINE_BYTES : 0), whole);
      length = linesInto(chunk, start, end, out, length);
      if (length > 0) yield out.subarray(0, length);
      start = end;
      length = 0;
      if (chunk.length - start < LINE_BYTES) break;
    }
    kept = chunk.length - start;
    line.set(chunk.subarray(start));
  }
  if (kept > 0) yield out.subarray(0, linesInto(line, 0, kept, out));
}

/** Writes lines to `out`, which is a whole buffer, from `offset` (which is even), and returns where they end. */
function linesInto(bytes: Uint8Array, first: number, last: number, out: Uint8Array, offset = 0): number {
  const words = new Uint16Array(out.buffer, 0, out.length >> 1);
  let at = offset;
  for (let start = first; start < last; start += LINE_BYTES) {
    at = encodeInto(bytes, start, Math.min(start + LINE_BYTES, last), out, words, at);
    out[at++] = 0x0d;
    out[at++] = 0x0a;
  }
  return at;
}

/** `words` is the buffer of `out`; `offset` is even. */
function encodeInto(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  words: Uint16Array,
  offset: number,
): number {
  let word = offset >> 1;
  let index = start;
  for (; index + 2 < end; index += 3) {
    const group = ((bytes[index] as number) << 16) | ((bytes[index + 1] as number) << 8) | (bytes[index + 2] as number);
    words[word++] = PAIRS[group >> 12] as number;
    words[word++] = PAIRS[group & 4095] as number;
  }
  let at = word << 1;
  const left = end - index;
  if (left === 0) return at;
  const group = ((bytes[index] as number) << 16) | (left === 2 ? (bytes[index + 1] as number) << 8 : 0);
  out[at++] = ALPHABET[group >> 18] as number;
  out[at++] = ALPHABET[(group >> 12) & 63] as number;
  out[at++] = left === 2 ? (ALPHABET[(group >> 6) & 63] as number) : PAD;
  out[at++] = PAD;
  return at;
}

function pairs(): Uint16Array {
  const bytes = new Uint8Array(8192);
  for (let index = 0; index < 4096; index++) {
    bytes[index * 2] = ALPHABET[index >> 6] as number;
    bytes[index * 2 + 1] = ALPHABET[index & 63] as number;
  }
  return new Uint16Array(bytes.buffer);
}
