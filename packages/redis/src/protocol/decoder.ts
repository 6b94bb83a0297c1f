// RESP2 and RESP3 replies (redis-specifications, RESP2.md and RESP3.md): the whole of both, in one pass over each chunk,
// with an explicit stack instead of recursion. Never allocates by what a header announces, only by what has arrived.

import { ProtocolError } from "@landline/core";
import { RedisError } from "../errors.ts";
import * as resp from "./messages.ts";
import type { Decoder, DecoderLimits, Reply, ReplyFormat, ReplySink } from "./messages.ts";
import { Gather, KEPT } from "./gather.ts";
import { SCALARS, violation } from "./scalars.ts";
import { Texts, text } from "./text.ts";

/** The longest line that is no text: a big number of this many digits is still parsed in a millisecond. */
const MAX_SHORT_LINE = 16 * 1024;
const ZERO = 0x30;
const MINUS = 0x2d;
const NINE = 0x39;
/** Numbers of so many digits are exact. */
const EXACT_DIGITS = 15;
/** Not NaN, which would make a double of every number that is read. */
const NO_NUMBER = -2;
const KINDS = "$:*+-_#,(%~>|!=;.";

/** An aggregate that is being read, or a streamed string. */
interface Frame {
  readonly type: number;
  /** How many values are still to come; Infinity while only an end mark will tell. */
  left: number;
  readonly items: Reply[];
  /** The format of what this frame interrupts. */
  readonly outer: ReplyFormat;
}

/**
 * Decodes replies. Feed it every chunk of one connection; after a `ProtocolError` it is of no more use and says so.
 *
 * @example
 * const decoder = new ReplyDecoder();
 * const values: Reply[] = [];
 * decoder.push(bytes, { format: DEFAULT_FORMAT, reply: (value) => values.push(value), push: () => {} });
 */
export class ReplyDecoder implements Decoder {
  readonly #limits: DecoderLimits;
  readonly #pushFormat: ReplyFormat;
  #format: ReplyFormat = resp.DEFAULT_FORMAT;
  readonly #stack: Frame[] = [];
  #top: Frame | undefined;
  /** Values that the reply has, as far as its headers have told. */
  #elements = 0;
  #inexact: RedisError | undefined;
  /** The bulk whose body is being read: its type byte and length; -1 for none. */
  #bulkType = 0;
  #bulkLength = -1;
  /** Bytes of the streamed string that is being read. */
  #streamed = 0;
  /** What an earlier chunk left unfinished: a line from its type byte on, or the body of a bulk. */
  readonly #kept = new Gather();
  readonly #texts = new Texts();
  #broken: unknown;

  /** `pushFormat` is the format of push messages, which answer nobody. */
  constructor(limits: Partial<DecoderLimits> = {}, pushFormat: ReplyFormat = resp.DEFAULT_FORMAT) {
    this.#limits = { ...resp.DEFAULT_LIMITS, ...limits };
    this.#pushFormat = pushFormat;
  }

  /** Whether everything pushed so far has ended with a whole value. */
  get idle(): boolean {
    return this.#top === undefined && this.#bulkLength < 0 && this.#kept.length === 0;
  }

  /**
   * Consumes the whole chunk; each finished reply goes to the sink, in order. Nothing of the chunk is kept by reference.
   * @throws ProtocolError, and then the same on every call. What the sink throws ends the decoder too.
   */
  push(chunk: Uint8Array, sink: ReplySink): void {
    if (this.#broken !== undefined) throw this.#broken;
    try {
      this.#texts.reset();
      let at = 0;
      while (at < chunk.length) {
        if (this.#bulkLength >= 0) at = this.#body(chunk, at, sink);
        else if (this.#kept.length > 0) at = this.#restOfLine(chunk, at, sink);
        else at = this.#next(chunk, at, sink);
      }
    } catch (error) {
      this.#broken = error;
      throw error;
    }
  }

  /** Goes on with a line that an earlier chunk began, and returns where the chunk goes on after what it used. */
  #restOfLine(chunk: Uint8Array, at: number, sink: ReplySink): number {
    const kept = this.#kept;
    const split = kept.bytes[kept.length - 1] === resp.CR;
    const cr = split ? at - 1 : lineEnd(chunk, at);
    if (split && chunk[at] !== resp.LF) throw otherEnd();
    if (cr === -1 && !split) return this.#keepLine(chunk, at);
    const end = cr + 2;
    kept.add(chunk, at, end, kept.length + end - at);
    const { length } = kept;
    this.#next(kept.take().subarray(0, length), 0, sink);
    return end;
  }

  #keepLine(chunk: Uint8Array, at: number): number {
    const kept = this.#kept;
    const bound = this.#bound(
      kept.length > 0 ? kept.bytes : chunk,
      kept.length > 0 ? 0 : at,
      kept.length + chunk.length - at,
    );
    kept.add(chunk, at, chunk.length, bound);
    return chunk.length;
  }

  /** How long the line that begins at `at` may be, which has `length` bytes now. */
  #bound(bytes: Uint8Array, at: number, length: number): number {
    const type = bytes[at] as number;
    if (!KINDS.includes(String.fromCharCode(type))) throw unknownType(type);
    const bound =
      type === resp.SIMPLE_STRING || type === resp.SIMPLE_ERROR ? this.#limits.maxFrameBytes : MAX_SHORT_LINE;
    if (length > bound) throw beyond(`a line of more than ${bound} bytes`);
    return bound;
  }

  /**
   * What begins at `from`, and what follows as long as it is plain; returns where the chunk goes on. The number in a line is
   * read on the way to its end.
   */
  #next(chunk: Uint8Array, from: number, sink: ReplySink): number {
    const last = chunk.length - 1;
    let at = from;
    while (at <= last) {
      const type = chunk[at] as number;
      if (this.#top === undefined) {
        this.#format = sink.format;
        this.#elements = 0;
        this.#inexact = undefined;
      } else if (this.#top.type === resp.CHUNK && type !== resp.CHUNK) {
        throw violation("something else in the middle of a streamed string");
      }
      let to = at + 1;
      let byte = chunk[to] as number;
      const negative = byte === MINUS;
      if (negative) byte = chunk[++to] as number;
      const first = to;
      let size = 0;
      while (byte >= ZERO && byte <= NINE) {
        size = size * 10 + (byte - ZERO);
        byte = chunk[++to] as number;
      }
      const digits = to - first;
      if (
        byte !== resp.CR ||
        chunk[to + 1] !== resp.LF ||
        digits === 0 ||
        digits > EXACT_DIGITS ||
        (chunk[first] === ZERO && (negative || digits > 1))
      ) {
        size = NO_NUMBER;
      } else if (type === resp.INTEGER && this.#format.integers === "number") {
        this.#value(negative ? -size : size, sink);
        at = to + 2;
        continue;
      } else if (negative) {
        size = -size;
      } else if (type === resp.ARRAY) {
        this.#aggregate(type, size, sink);
        at = to + 2;
        continue;
      } else if (type === resp.BULK_STRING && to + size + 4 <= last && size <= this.#limits.maxFrameBytes) {
        const start = to + 2;
        const end = start + size;
        if (chunk[end] !== resp.CR || chunk[end + 1] !== resp.LF) throw otherLength();
        this.#value(this.#string(chunk, start, end, true), sink);
        at = end + 2;
        continue;
      }
      to = lineEnd(chunk, to);
      if (to === -1) return this.#keepLine(chunk, at);
      this.#line(chunk, at, to, size, sink);
      return to + 2;
    }
    return at;
  }

  /** A whole line, from its type byte to before its CR LF, and the number that it is, if it is one and exact. */
  #line(bytes: Uint8Array, at: number, end: number, size: number, sink: ReplySink): void {
    this.#bound(bytes, at, end - at);
    const type = bytes[at] as number;
    const line = text(bytes, at + 1, end);
    const scalar = SCALARS[type];
    if (scalar !== undefined) {
      const value = scalar(line, this.#format);
      if (type === resp.INTEGER && value instanceof RedisError) this.#inexact ??= value;
      this.#value(value, sink);
    } else if (type === resp.END) this.#endMark(line, sink);
    else if (line === "?" && type === resp.BULK_STRING) this.#open(resp.CHUNK, Infinity);
    else if (line === "?" && (type === resp.ARRAY || type === resp.SET || type === resp.MAP))
      this.#open(type, Infinity);
    else if (size === -1 && (type === resp.BULK_STRING || type === resp.ARRAY)) this.#value(null, sink);
    else if (size < 0) throw violation("a malformed length");
    else if (type === resp.BULK_STRING || type === resp.BLOB_ERROR || type === resp.VERBATIM || type === resp.CHUNK) {
      this.#bulk(type, size, sink);
    } else this.#aggregate(type, size, sink);
  }

  /** The header of something that is followed by a body of announced length. */
  #bulk(type: number, size: number, sink: ReplySink): void {
    if (size > this.#limits.maxFrameBytes) throw beyond(`a string of more than ${this.#limits.maxFrameBytes} bytes`);
    if (type === resp.CHUNK && this.#top?.type !== resp.CHUNK) throw violation("a part of no string");
    if (type === resp.CHUNK && size === 0) return this.#endOfString(sink);
    this.#bulkType = type;
    this.#bulkLength = size;
  }

  /** Reads on in the body of a bulk, and returns where the chunk goes on after what it used. */
  #body(chunk: Uint8Array, at: number, sink: ReplySink): number {
    const size = this.#bulkLength;
    const kept = this.#kept;
    const next = at + size + 2 - kept.length;
    const whole = kept.length === 0 && next <= chunk.length;
    if (!whole) {
      kept.add(chunk, at, Math.min(next, chunk.length), size + 2);
      if (next > chunk.length) return chunk.length;
    }
    const bytes = whole ? chunk : kept.take();
    const start = whole ? at : 0;
    const end = start + size;
    if (bytes[end] !== resp.CR || bytes[end + 1] !== resp.LF) throw otherLength();
    this.#bulkLength = -1;
    const type = this.#bulkType;
    if (type === resp.CHUNK) this.#part(own(bytes, start, end, whole));
    else if (type === resp.BLOB_ERROR) this.#value(new RedisError(text(bytes, start, end)), sink);
    else if (type === resp.BULK_STRING) this.#value(this.#string(bytes, start, end, whole), sink);
    else if (size < 4 || bytes[start + 3] !== resp.INTEGER) throw violation("a verbatim string without its format");
    else this.#value(this.#string(bytes, start + 4, end, whole), sink);
    return next;
  }

  /** `borrowed`: the bytes are the peer's chunk, and so must be copied. */
  #string(bytes: Uint8Array, start: number, end: number, borrowed: boolean): Reply {
    if (this.#format.bytes) return own(bytes, start, end, borrowed);
    if (borrowed) return this.#texts.of(bytes, start, end);
    try {
      return text(bytes, start, end);
    } catch {
      // Half a gigabyte is a string of the server, and none of V8's.
      const message = `TOO_LONG a value of ${end - start} bytes cannot be text here; ask for it as bytes`;
      return (this.#inexact ??= new RedisError(message, { outcome: "unknown" }));
    }
  }

  #aggregate(type: number, count: number, sink: ReplySink): void {
    if (type === resp.PUSH && count === 0) throw violation("a push without a kind");
    const values = type === resp.MAP || type === resp.ATTRIBUTE ? count * 2 : count;
    this.#count(values);
    this.#open(type, values);
    if (values === 0) this.#close(sink);
  }

  #count(more: number): void {
    this.#elements += more;
    const { maxElements } = this.#limits;
    if (this.#elements > maxElements) throw beyond(`a reply of more than ${maxElements} values`);
  }

  #open(type: number, left: number): void {
    const { maxDepth } = this.#limits;
    if (this.#stack.length >= maxDepth) throw beyond(`a reply nested more than ${maxDepth} levels deep`);
    this.#stack.push((this.#top = { type, left, items: [], outer: this.#format }));
    if (type === resp.PUSH) this.#format = this.#pushFormat;
  }

  /** A value is complete: it goes to the aggregate that is open, or to the sink. */
  #value(value: Reply, sink: ReplySink): void {
    const top = this.#top;
    if (top === undefined) return sink.reply(value, this.#inexact);
    top.items.push(value);
    if (top.left === Infinity) this.#count(1);
    else if (--top.left === 0) this.#close(sink);
  }

  /** The aggregate on top is complete, and with it perhaps those around it. */
  #close(sink: ReplySink): void {
    for (;;) {
      const { type, items } = this.#pop();
      if (type === resp.PUSH) return sink.push(items);
      if (type === resp.ATTRIBUTE) return sink.attribute?.(mapOf(items));
      const value = type === resp.MAP ? mapOf(items) : items;
      const top = this.#top;
      if (top === undefined) return sink.reply(value, this.#inexact);
      top.items.push(value);
      if (top.left === Infinity) return this.#count(1);
      if (--top.left > 0) return;
    }
  }

  #pop(): Frame {
    const frame = this.#stack.pop() as Frame;
    this.#top = this.#stack.at(-1);
    this.#format = frame.outer;
    return frame;
  }

  #endMark(line: string, sink: ReplySink): void {
    const top = this.#top;
    if (line !== "" || top?.left !== Infinity) throw violation("the end of no streamed aggregate");
    if (top.type === resp.MAP && top.items.length % 2 === 1) throw violation("a map with a key but no value");
    this.#close(sink);
  }

  #part(bytes: Uint8Array): void {
    this.#count(1);
    this.#streamed += bytes.length;
    const { maxFrameBytes } = this.#limits;
    if (this.#streamed > maxFrameBytes) throw beyond(`a streamed string of more than ${maxFrameBytes} bytes`);
    this.#top?.items.push(bytes);
  }

  #endOfString(sink: ReplySink): void {
    const whole = new Uint8Array(this.#streamed);
    let at = 0;
    for (const part of this.#pop().items as Uint8Array[]) {
      whole.set(part, at);
      at += part.length;
    }
    this.#streamed = 0;
    this.#value(this.#string(whole, 0, at, false), sink);
  }
}

/** Bytes that nobody will overwrite. A large value that was gathered stays in its buffer, two bytes larger. */
function own(bytes: Uint8Array, start: number, end: number, borrowed: boolean): Uint8Array {
  if (!borrowed && bytes.length > KEPT) return bytes.subarray(start, end);
  // Not `slice()`: on Node's Buffer that is a view, and the next chunk would overwrite the value.
  const copy = new Uint8Array(end - start);
  copy.set(bytes.subarray(start, end));
  return copy;
}

function mapOf(items: readonly Reply[]): Map<Reply, Reply> {
  const map = new Map<Reply, Reply>();
  for (let index = 0; index < items.length; index += 2) map.set(items[index] as Reply, items[index + 1] as Reply);
  return map;
}

/** Where the line ends that `from` is in, before its CR LF; -1 where the chunk ends first. */
function lineEnd(bytes: Uint8Array, from: number): number {
  let to = from;
  while (to < bytes.length && bytes[to] !== resp.CR && bytes[to] !== resp.LF) to++;
  if (to >= bytes.length - 1 && bytes[to] !== resp.LF) return -1;
  if (bytes[to] !== resp.CR || bytes[to + 1] !== resp.LF) throw otherEnd();
  return to;
}

function otherEnd(): ProtocolError {
  return violation("a line that does not end in CR LF");
}

function otherLength(): ProtocolError {
  return violation("a string that is not as long as announced");
}

function unknownType(type: number): ProtocolError {
  const shown = type > 0x20 && type < 0x7f ? `'${String.fromCharCode(type)}'` : `0x${type.toString(16)}`;
  return new ProtocolError(
    `the server does not speak Redis: a reply cannot begin with ${shown}; check the port and the tls option`,
  );
}

function beyond(what: string): ProtocolError {
  return violation(what, "PROTOCOL_LIMIT");
}
