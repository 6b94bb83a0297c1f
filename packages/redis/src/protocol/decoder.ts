// RESP2 and RESP3 replies (redis-specifications, RESP2.md and RESP3.md): the whole of both, in one pass over each chunk,
// with an explicit stack instead of recursion. Never allocates by what a header announces, only by what has arrived.

import { ProtocolError } from "@landline/core";
import { RedisError } from "../errors.ts";
import * as resp from "./messages.ts";
import type { Decoder, DecoderLimits, Reply, ReplyFormat, ReplySink } from "./messages.ts";
import { Gather, KEPT } from "./gather.ts";
import { length, SCALARS } from "./scalars.ts";
import { Texts, text } from "./text.ts";

/** The longest line that is no text: a big number of this many digits is still parsed in a millisecond. */
const MAX_SHORT_LINE = 16 * 1024;
/** Lines up to this length are searched by hand; a call of indexOf costs more. */
const NEAR = 32;
const ZERO = 0x30;
const MINUS = 0x2d;
/** As a digit. */
const CR = resp.CR - ZERO;
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
        else if (this.#kept.length > 0) at = this.#restOfLine(chunk, sink);
        else {
          if (chunk[at] === resp.INTEGER) at = this.#integers(chunk, at, sink);
          if (at < chunk.length) at = this.#next(chunk, at, sink);
        }
      }
    } catch (error) {
      this.#broken = error;
      throw error;
    }
  }

  /** Integers one after the other, as long as they are canonical; returns where the first other thing begins. */
  #integers(chunk: Uint8Array, from: number, sink: ReplySink): number {
    const last = chunk.length - 1;
    let at = from;
    while (at < last && chunk[at] === resp.INTEGER) {
      const top = this.#top;
      if (top === undefined) this.#format = sink.format;
      else if (top.type === resp.CHUNK) break;
      if (this.#format.integers !== "number") break;
      let to = at + 1;
      const negative = chunk[to] === MINUS;
      if (negative) to++;
      const first = to;
      let value = 0;
      let digit = 0;
      while (to < last && (digit = (chunk[to] as number) - ZERO) >= 0 && digit < 10) {
        value = value * 10 + digit;
        to++;
      }
      if (digit !== CR || chunk[to + 1] !== resp.LF) break;
      if (value === 0 ? negative || to !== first + 1 : chunk[first] === ZERO || to > first + 15) break;
      at = to + 2;
      if (negative) value = -value;
      if (top === undefined) sink.reply(value, undefined);
      else this.#value(value, sink);
    }
    return at;
  }

  /** What begins at `at`, and returns where the chunk goes on. */
  #next(chunk: Uint8Array, at: number, sink: ReplySink): number {
    const type = chunk[at] as number;
    const top = this.#top;
    if (top === undefined) this.#format = sink.format;
    else if (top.type === resp.CHUNK && type !== resp.CHUNK) throw interrupted();
    // The plain and frequent first; what is not canonical, or not whole, is read again below.
    const last = chunk.length - 1;
    let to = at + 1;
    if (type === resp.BULK_STRING || type === resp.ARRAY) {
      let size = 0;
      let digit = 0;
      while (to < last && (digit = (chunk[to] as number) - ZERO) >= 0 && digit < 10) {
        size = size * 10 + digit;
        to++;
      }
      const digits = to - at - 1;
      const canonical = digits < 16 && (digits === 1 || (digits > 1 && chunk[at + 1] !== ZERO));
      if (canonical && to < last && digit === CR && chunk[to + 1] === resp.LF) {
        to += 2;
        if (type === resp.ARRAY) {
          this.#aggregate(type, size, sink);
          return to;
        }
        const end = to + size;
        if (end < last && size <= this.#limits.maxFrameBytes) {
          if (chunk[end] !== resp.CR || chunk[end + 1] !== resp.LF) throw otherLength();
          this.#value(this.#string(chunk, to, end, true), sink);
          return end + 2;
        }
      }
    }
    const cr = carriageReturn(chunk, at);
    if (cr === -1 || cr + 1 >= chunk.length) return this.#keepLine(chunk, at, chunk.length);
    if (chunk[cr + 1] !== resp.LF) throw bareCarriageReturn();
    this.#line(chunk, at, cr, sink);
    return cr + 2;
  }

  #keepLine(chunk: Uint8Array, start: number, end: number): number {
    const type = (this.#kept.length > 0 ? this.#kept.bytes[0] : chunk[start]) as number;
    if (!KINDS.includes(String.fromCharCode(type))) throw unknownType(type);
    const bound = isText(type) ? this.#limits.maxFrameBytes : MAX_SHORT_LINE;
    if (this.#kept.length + end - start > bound) throw beyond(`a line of more than ${bound} bytes`);
    this.#kept.add(chunk, start, end, bound);
    return end;
  }

  /** Goes on with a line that an earlier chunk began, and returns where the chunk goes on after it. */
  #restOfLine(chunk: Uint8Array, sink: ReplySink): number {
    const kept = this.#kept;
    const splitInTheEnd = kept.bytes[kept.length - 1] === resp.CR;
    const cr = splitInTheEnd ? -1 : carriageReturn(chunk, 0);
    if (!splitInTheEnd && (cr === -1 || cr + 1 >= chunk.length)) return this.#keepLine(chunk, 0, chunk.length);
    if (chunk[cr + 1] !== resp.LF) throw bareCarriageReturn();
    if (cr > 0) this.#keepLine(chunk, 0, cr);
    const lineEnd = splitInTheEnd ? kept.length - 1 : kept.length;
    const bytes = kept.take();
    if (this.#top === undefined) this.#format = sink.format;
    this.#line(bytes, 0, lineEnd, sink);
    return cr + 2;
  }

  /** A whole line, from its type byte to before its CR LF. */
  #line(bytes: Uint8Array, start: number, end: number, sink: ReplySink): void {
    const type = bytes[start] as number;
    if (!KINDS.includes(String.fromCharCode(type))) throw unknownType(type);
    if (isText(type)) {
      const lf = bytes.indexOf(resp.LF, start);
      if (lf !== -1 && lf < end) throw new ProtocolError("the server sent a line feed inside a line");
    } else if (end - start > MAX_SHORT_LINE) throw beyond(`a line of more than ${MAX_SHORT_LINE} bytes`);
    const scalar = SCALARS[type];
    if (scalar !== undefined) {
      const value = scalar(bytes, start + 1, end, this.#format);
      if (type === resp.INTEGER && value instanceof RedisError) this.#inexact ??= value;
      return this.#value(value, sink);
    }
    if (type === resp.END) return this.#endMark(start + 1 === end, sink);
    const streamed = end - start === 2 && bytes[start + 1] === resp.STREAMED;
    if (streamed && type === resp.BULK_STRING) return this.#open(resp.CHUNK, Infinity);
    if (streamed && (type === resp.ARRAY || type === resp.SET || type === resp.MAP)) return this.#open(type, Infinity);
    const size = length(bytes, start + 1, end);
    if (size === -1) {
      if (type !== resp.BULK_STRING && type !== resp.ARRAY) {
        throw new ProtocolError("the server sent a negative length");
      }
      return this.#value(null, sink);
    }
    if (type === resp.BULK_STRING || "!=;".includes(String.fromCharCode(type))) this.#bulk(type, size, sink);
    else this.#aggregate(type, size, sink);
  }

  /** The header of something that is followed by a body of announced length. */
  #bulk(type: number, size: number, sink: ReplySink): void {
    if (size > this.#limits.maxFrameBytes) throw beyond(`a string of more than ${this.#limits.maxFrameBytes} bytes`);
    if (type === resp.CHUNK && this.#top?.type !== resp.CHUNK) {
      throw new ProtocolError("the server sent a part of no string");
    }
    if (type === resp.CHUNK && size === 0) return this.#endOfStream(sink);
    this.#bulkType = type;
    this.#bulkLength = size;
  }

  /** Reads on in the body of a bulk, and returns where the chunk goes on after what it used. */
  #body(chunk: Uint8Array, at: number, sink: ReplySink): number {
    const size = this.#bulkLength;
    const kept = this.#kept;
    const missing = size + 2 - kept.length;
    if (chunk.length - at < missing) {
      kept.add(chunk, at, chunk.length, size + 2);
      return chunk.length;
    }
    const whole = kept.length === 0;
    if (!whole) kept.add(chunk, at, at + missing, size + 2);
    const bytes = whole ? chunk : kept.take();
    const start = whole ? at : 0;
    const end = start + size;
    if (bytes[end] !== resp.CR || bytes[end + 1] !== resp.LF) {
      throw otherLength();
    }
    this.#bulkLength = -1;
    const type = this.#bulkType;
    if (type === resp.BULK_STRING) this.#value(this.#string(bytes, start, end, whole), sink);
    else if (type === resp.BLOB_ERROR) this.#value(new RedisError(text(bytes, start, end)), sink);
    else if (type === resp.CHUNK) this.#part(own(bytes, start, end, whole));
    else if (size < 4 || bytes[start + 3] !== resp.INTEGER) {
      throw new ProtocolError("the server sent a verbatim string without its three-letter format");
    } else this.#value(this.#string(bytes, start + 4, end, whole), sink);
    return at + missing;
  }

  /** `borrowed`: the bytes are the peer's chunk, and so must be copied. */
  #string(bytes: Uint8Array, start: number, end: number, borrowed: boolean): Reply {
    if (this.#format.bytes) {
      return own(bytes, start, end, borrowed);
    }
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
    if (type === resp.PUSH && count === 0) throw new ProtocolError("the server sent a push without a kind");
    const values = type === resp.MAP || type === resp.ATTRIBUTE ? count * 2 : count;
    this.#count(values);
    this.#open(type, values);
    if (values === 0) this.#close(sink);
  }

  #count(more: number): void {
    if (this.#top === undefined) this.#elements = 0;
    this.#elements += more;
    const { maxElements } = this.#limits;
    if (this.#elements > maxElements) throw beyond(`a reply of more than ${maxElements} values`);
  }

  #open(type: number, left: number): void {
    if (this.#stack.length >= this.#limits.maxDepth) {
      throw beyond(`a reply nested more than ${this.#limits.maxDepth} levels deep`);
    }
    this.#stack.push((this.#top = { type, left, items: [], outer: this.#format }));
    if (type === resp.PUSH) this.#format = this.#pushFormat;
  }

  /** A value is complete: it goes to the aggregate that is open, or to the sink. */
  #value(value: Reply, sink: ReplySink): void {
    const top = this.#top;
    if (top === undefined) return this.#done(value, sink);
    top.items.push(value);
    if (top.left === Infinity) this.#count(1);
    else if (--top.left === 0) this.#close(sink);
  }

  #done(value: Reply, sink: ReplySink): void {
    const inexact = this.#inexact;
    if (inexact !== undefined) this.#inexact = undefined;
    sink.reply(value, inexact);
  }

  /** The aggregate on top is complete, and with it perhaps those around it. */
  #close(sink: ReplySink): void {
    for (;;) {
      const { type, items, outer } = this.#stack.pop() as Frame;
      const top = (this.#top = this.#stack.at(-1));
      this.#format = outer;
      if (type === resp.PUSH) return sink.push(items);
      if (type === resp.ATTRIBUTE) return sink.attribute?.(mapOf(items));
      const value = type === resp.MAP ? mapOf(items) : items;
      if (top === undefined) return this.#done(value, sink);
      top.items.push(value);
      if (top.left === Infinity) return this.#count(1);
      if (--top.left > 0) return;
    }
  }

  #endMark(alone: boolean, sink: ReplySink): void {
    const top = this.#top;
    if (!alone || top?.left !== Infinity) throw new ProtocolError("the server sent the end of no streamed aggregate");
    if (top.type === resp.MAP && top.items.length % 2 === 1) {
      throw new ProtocolError("the server sent a map with a key but no value");
    }
    this.#close(sink);
  }

  #part(bytes: Uint8Array): void {
    this.#count(1);
    this.#streamed += bytes.length;
    if (this.#streamed > this.#limits.maxFrameBytes) {
      throw beyond(`a streamed string of more than ${this.#limits.maxFrameBytes} bytes`);
    }
    this.#top?.items.push(bytes);
  }

  #endOfStream(sink: ReplySink): void {
    const { items } = this.#stack.pop() as Frame;
    this.#top = this.#stack.at(-1);
    const whole = new Uint8Array(this.#streamed);
    let at = 0;
    for (const part of items as Uint8Array[]) {
      whole.set(part, at);
      at += part.length;
    }
    this.#streamed = 0;
    this.#value(this.#string(whole, 0, whole.length, false), sink);
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

function carriageReturn(bytes: Uint8Array, from: number): number {
  const near = Math.min(bytes.length, from + NEAR);
  for (let at = from; at < near; at++) if (bytes[at] === resp.CR) return at;
  return near === bytes.length ? -1 : bytes.indexOf(resp.CR, near);
}

/** Lines that are text, of any length. */
function isText(type: number): boolean {
  return type === resp.SIMPLE_STRING || type === resp.SIMPLE_ERROR;
}

function otherLength(): ProtocolError {
  return new ProtocolError("the server sent a string that is not as long as announced");
}

function interrupted(): ProtocolError {
  return new ProtocolError("the server sent something else in the middle of a streamed string");
}

function bareCarriageReturn(): ProtocolError {
  return new ProtocolError("the server sent a carriage return without a line feed");
}

function unknownType(type: number): ProtocolError {
  const shown = type > 0x20 && type < 0x7f ? `'${String.fromCharCode(type)}'` : `0x${type.toString(16)}`;
  return new ProtocolError(
    `the server does not speak Redis: a reply cannot begin with ${shown}; check the port and the tls option`,
  );
}

function beyond(what: string): ProtocolError {
  return new ProtocolError(`the server sent ${what}`, { code: "PROTOCOL_LIMIT" });
}
