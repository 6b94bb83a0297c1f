// RESP2 and RESP3 replies (redis-specifications, RESP2.md and RESP3.md): the whole of both, in one pass over each chunk,
// with an explicit stack instead of recursion. Never allocates by what a header announces, only by what has arrived.

import { ProtocolError } from "@landline/core";
import { RedisError } from "../errors.ts";
import * as resp from "./messages.ts";
import type { DecoderLimits, Reply, ReplyFormat, ReplySink } from "./messages.ts";
import { Gather } from "./gather.ts";
import { length, SCALARS, text } from "./scalars.ts";

/** The longest line that is no text: a big number of this many digits is still parsed in a millisecond. */
const MAX_SHORT_LINE = 16 * 1024;
/** Lines up to this length are searched by hand; a call of indexOf costs more. */
const NEAR = 32;
/** A value of at least this many bytes stays in the buffer it was gathered in, two bytes larger; a smaller one gets its own. */
const COPIED = 64 * 1024;

const AGGREGATES: ReadonlySet<number> = new Set([resp.ARRAY, resp.SET, resp.MAP, resp.PUSH, resp.ATTRIBUTE]);
const STREAMABLE: ReadonlySet<number> = new Set([resp.ARRAY, resp.SET, resp.MAP]);
const TEXT_LINES: ReadonlySet<number> = new Set([resp.SIMPLE_STRING, resp.SIMPLE_ERROR]);

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
export class ReplyDecoder {
  readonly #limits: DecoderLimits;
  readonly #pushFormat: ReplyFormat;
  #format: ReplyFormat = resp.DEFAULT_FORMAT;
  #stack: Frame[] = [];
  #elements = 0;
  #inexact: RedisError | undefined;
  /** The bulk whose body is being read: its type byte and length; -1 for none. */
  #bulkType = 0;
  #bulkLength = -1;
  /** Bytes of the streamed string that is being read. */
  #streamed = 0;
  /** What an earlier chunk left unfinished: a line from its type byte on, or the body of a bulk. */
  readonly #kept = new Gather();
  #broken: unknown;

  /** `pushFormat` is the format of push messages, which answer nobody. */
  constructor(limits: Partial<DecoderLimits> = {}, pushFormat: ReplyFormat = resp.DEFAULT_FORMAT) {
    this.#limits = { ...resp.DEFAULT_LIMITS, ...limits };
    this.#pushFormat = pushFormat;
  }

  /** Whether everything pushed so far has ended with a whole value. */
  get idle(): boolean {
    return this.#stack.length === 0 && this.#bulkLength === -1 && this.#kept.length === 0;
  }

  /**
   * Consumes the whole chunk; each finished reply goes to the sink, in order. Nothing of the chunk is kept by reference.
   * @throws ProtocolError, and then the same on every call. What the sink throws ends the decoder too.
   */
  push(chunk: Uint8Array, sink: ReplySink): void {
    if (this.#broken !== undefined) throw this.#broken;
    try {
      this.#consume(chunk, sink);
    } catch (error) {
      this.#broken = error;
      throw error;
    }
  }

  #consume(chunk: Uint8Array, sink: ReplySink): void {
    const end = chunk.length;
    let at = 0;
    while (at < end) {
      if (this.#bulkLength !== -1) {
        at = this.#body(chunk, at, sink);
      } else if (this.#kept.length > 0) {
        at = this.#restOfLine(chunk, sink);
      } else {
        const cr = carriageReturn(chunk, at);
        if (cr === -1 || cr + 1 >= end) {
          this.#keepLine(chunk, at, end);
          return;
        }
        if (chunk[cr + 1] !== resp.LF) throw bareCarriageReturn();
        this.#line(chunk, at, cr, sink);
        at = cr + 2;
      }
    }
  }

  #keepLine(chunk: Uint8Array, start: number, end: number): void {
    const type = (this.#kept.length > 0 ? this.#kept.bytes[0] : chunk[start]) as number;
    if (!this.#known(type)) throw unknownType(type);
    const bound = TEXT_LINES.has(type) ? this.#limits.maxFrameBytes : MAX_SHORT_LINE;
    if (this.#kept.length + end - start > bound) throw beyond(`a line of more than ${bound} bytes`);
    this.#kept.add(chunk, start, end, bound);
  }

  /** Goes on with a line that an earlier chunk began, and returns where the chunk goes on after it. */
  #restOfLine(chunk: Uint8Array, sink: ReplySink): number {
    const kept = this.#kept;
    const splitInTheEnd = kept.bytes[kept.length - 1] === resp.CR;
    const cr = splitInTheEnd ? -1 : carriageReturn(chunk, 0);
    if (!splitInTheEnd && (cr === -1 || cr + 1 >= chunk.length)) {
      this.#keepLine(chunk, 0, chunk.length);
      return chunk.length;
    }
    if (chunk[cr + 1] !== resp.LF) throw bareCarriageReturn();
    if (cr > 0) this.#keepLine(chunk, 0, cr);
    const lineEnd = splitInTheEnd ? kept.length - 1 : kept.length;
    const bytes = kept.take();
    this.#line(bytes, 0, lineEnd, sink);
    return cr + 2;
  }

  /** A whole line, from its type byte to before its CR LF. */
  #line(bytes: Uint8Array, start: number, end: number, sink: ReplySink): void {
    const type = bytes[start] as number;
    const top = this.#stack[this.#stack.length - 1];
    if (top === undefined) {
      this.#format = sink.format;
      this.#elements = 0;
      this.#inexact = undefined;
    } else if (top.type === resp.CHUNK && type !== resp.CHUNK) {
      throw new ProtocolError("the server sent something else in the middle of a streamed string");
    }
    if (type === resp.BULK_STRING) return this.#bulk(type, bytes, start, end, sink);
    const scalar = SCALARS[type];
    if (scalar !== undefined) {
      if (TEXT_LINES.has(type)) noLineFeed(bytes, start, end);
      else if (end - start > MAX_SHORT_LINE) throw beyond(`a line of more than ${MAX_SHORT_LINE} bytes`);
      const value = scalar(bytes, start + 1, end, this.#format);
      if (type === resp.INTEGER && value instanceof RedisError) this.#inexact ??= value;
      return this.#value(value, sink);
    }
    if (AGGREGATES.has(type)) return this.#aggregate(type, bytes, start, end, sink);
    if (type === resp.END) return this.#endMark(top, start + 1 === end, sink);
    if (type === resp.CHUNK && top?.type !== resp.CHUNK) throw new ProtocolError("the server sent a part of no string");
    if (!this.#known(type)) throw unknownType(type);
    this.#bulk(type, bytes, start, end, sink);
  }

  #known(type: number): boolean {
    if (SCALARS[type] !== undefined || AGGREGATES.has(type)) return true;
    return [resp.BULK_STRING, resp.BLOB_ERROR, resp.VERBATIM, resp.CHUNK, resp.END].includes(type);
  }

  /** The header of something that is followed by a body of announced length. */
  #bulk(type: number, bytes: Uint8Array, start: number, end: number, sink: ReplySink): void {
    if (type === resp.BULK_STRING && isStreamed(bytes, start, end)) return this.#open(resp.CHUNK, Infinity);
    const size = length(bytes, start + 1, end);
    if (size === -1) {
      if (type !== resp.BULK_STRING) throw new ProtocolError("the server sent a negative length");
      return this.#value(null, sink);
    }
    if (size > this.#limits.maxFrameBytes) throw beyond(`a string of more than ${this.#limits.maxFrameBytes} bytes`);
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
    if (bytes[start + size] !== resp.CR || bytes[start + size + 1] !== resp.LF) {
      throw new ProtocolError("the server sent a string that is not as long as announced");
    }
    this.#bulkLength = -1;
    const type = this.#bulkType;
    if (type === resp.BULK_STRING) this.#value(this.#string(bytes, start, start + size, whole), sink);
    else if (type === resp.BLOB_ERROR) this.#value(new RedisError(text(bytes, start, start + size)), sink);
    else if (type === resp.VERBATIM) this.#value(this.#verbatim(bytes, start, start + size, whole), sink);
    else this.#part(bytes, start, start + size, whole);
    return at + missing;
  }

  /** `borrowed`: the bytes are the peer's chunk, and so must be copied. */
  #string(bytes: Uint8Array, start: number, end: number, borrowed: boolean): string | Uint8Array {
    if (!this.#format.bytes) return text(bytes, start, end);
    return borrowed || end - start < COPIED ? copyOf(bytes, start, end) : bytes.subarray(start, end);
  }

  /** `txt:` or `mkd:` and the text; the three letters tell how to show it, and are left out. */
  #verbatim(bytes: Uint8Array, start: number, end: number, borrowed: boolean): string | Uint8Array {
    if (end - start < 4 || bytes[start + 3] !== resp.INTEGER) {
      throw new ProtocolError("the server sent a verbatim string without its three-letter format");
    }
    return this.#string(bytes, start + 4, end, borrowed);
  }

  #aggregate(type: number, bytes: Uint8Array, start: number, end: number, sink: ReplySink): void {
    if (STREAMABLE.has(type) && isStreamed(bytes, start, end)) return this.#open(type, Infinity);
    const count = length(bytes, start + 1, end);
    if (count === -1) {
      if (type !== resp.ARRAY) throw new ProtocolError("the server sent a negative count");
      return this.#value(null, sink);
    }
    if (type === resp.PUSH && count === 0) throw new ProtocolError("the server sent a push without a kind");
    const values = type === resp.MAP || type === resp.ATTRIBUTE ? count * 2 : count;
    if (values + this.#elements > this.#limits.maxElements) throw this.#tooMany();
    this.#open(type, values);
    if (values === 0) this.#close(sink);
  }

  #open(type: number, left: number): void {
    if (this.#stack.length >= this.#limits.maxDepth) {
      throw beyond(`a reply nested more than ${this.#limits.maxDepth} levels deep`);
    }
    this.#stack.push({ type, left, items: [], outer: this.#format });
    if (type === resp.PUSH) this.#format = this.#pushFormat;
  }

  /** A value is complete: it goes to the aggregate that is open, or to the sink. */
  #value(value: Reply, sink: ReplySink): void {
    const depth = this.#stack.length;
    if (depth === 0) sink.reply(value, this.#inexact);
    else if (this.#add(this.#stack[depth - 1] as Frame, value)) this.#close(sink);
  }

  /** Adds a value to an aggregate, and tells whether that completes it. */
  #add(frame: Frame, value: Reply): boolean {
    if (++this.#elements > this.#limits.maxElements) throw this.#tooMany();
    frame.items.push(value);
    return --frame.left === 0;
  }

  #tooMany(): ProtocolError {
    return beyond(`a reply of more than ${this.#limits.maxElements} values`);
  }

  /** The aggregate on top is complete, and with it perhaps those around it. */
  #close(sink: ReplySink): void {
    for (;;) {
      const { type, items, outer } = this.#stack.pop() as Frame;
      this.#format = outer;
      if (type === resp.PUSH) return sink.push(items);
      if (type === resp.ATTRIBUTE) return sink.attribute?.(mapOf(items));
      const value = type === resp.MAP ? mapOf(items) : items;
      const parent = this.#stack[this.#stack.length - 1];
      if (parent === undefined) return sink.reply(value, this.#inexact);
      if (!this.#add(parent, value)) return;
    }
  }

  #endMark(top: Frame | undefined, alone: boolean, sink: ReplySink): void {
    if (!alone || top?.left !== Infinity) throw new ProtocolError("the server sent the end of no streamed aggregate");
    if (top.type === resp.MAP && top.items.length % 2 === 1) {
      throw new ProtocolError("the server sent a map with a key but no value");
    }
    this.#close(sink);
  }

  #part(bytes: Uint8Array, start: number, end: number, borrowed: boolean): void {
    const { items } = this.#stack[this.#stack.length - 1] as Frame;
    const received = this.#streamed + (end - start);
    if (received > this.#limits.maxFrameBytes || items.length >= this.#limits.maxElements) {
      throw beyond(`a streamed string of more than ${this.#limits.maxFrameBytes} bytes`);
    }
    this.#streamed = received;
    items.push(borrowed ? copyOf(bytes, start, end) : bytes.subarray(start, end));
  }

  #endOfStream(sink: ReplySink): void {
    const { items } = this.#stack.pop() as Frame;
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

/** Not `slice()`: on Node's Buffer that is a view, and the next chunk would overwrite the value. */
function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
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

function isStreamed(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 2 && bytes[start + 1] === resp.STREAMED;
}

function noLineFeed(bytes: Uint8Array, start: number, end: number): void {
  const lf = bytes.indexOf(resp.LF, start);
  if (lf !== -1 && lf < end) throw new ProtocolError("the server sent a line feed inside a line");
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
