// Where the replies of RESP2 and RESP3 end (redis-specifications, RESP2.md and RESP3.md): type bytes and lengths, never a
// value. Pure; keeps no more than a header and a stack of counts across chunks.

import { ProtocolError } from "@landline/core";

/** Told of what ends before `at` of the chunk. */
export interface ReplyWalkerSink {
  reply(at: number): void;
  /** An out-of-band message, which answers no command. */
  push(at: number): void;
}

const CR = 0x0d;
const LF = 0x0a;
const MAX_DEPTH = 1_024;
const MAX_HEADER_BYTES = 64;
const MAX_LENGTH = 512 * 1024 * 1024;

/** What a type byte begins: 1 a line, 2 a string of a length, 3 so many values, 4 twice as many, 5 attributes. */
const KINDS = new Uint8Array(256);
for (const type of "+-:,#_(") KINDS[type.charCodeAt(0)] = 1;
for (const type of "$=!") KINDS[type.charCodeAt(0)] = 2;
for (const type of "*~>") KINDS[type.charCodeAt(0)] = 3;
KINDS["%".charCodeAt(0)] = 4;
KINDS["|".charCodeAt(0)] = 5;
const PUSH = 0x3e; // '>'

/** Walks the server's bytes, in chunks that end anywhere. */
export class ReplyWalker {
  /** Values still to come, of each aggregate that has begun. */
  readonly #left: number[] = [];
  #pushing = false;
  /** Bytes of a string still to come, with its line end. */
  #skip = 0;
  /** The line that is being read: its type, its digits so far, and whether CR has come. */
  #type = 0;
  #digits = "";
  #cr = false;
  #failure: unknown;

  /** @throws ProtocolError when the bytes are no replies, and then on every call; or what the sink throws. */
  push(chunk: Uint8Array, sink: ReplyWalkerSink): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      this.#walk(chunk, sink);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #walk(chunk: Uint8Array, sink: ReplyWalkerSink): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.length - at);
        this.#skip -= skipped;
        at += skipped;
        if (this.#skip === 0) this.#value(at, sink);
        continue;
      }
      if (this.#type === 0) {
        this.#type = chunk[at++] as number;
        if (KINDS[this.#type] === 0) throw broken(`a reply cannot begin with 0x${this.#type.toString(16)}`);
        if (this.#left.length === 0) this.#pushing = this.#type === PUSH;
        continue;
      }
      if (KINDS[this.#type] === 1) {
        at = this.#line(chunk, at);
        if (this.#type === 0) this.#value(at, sink);
        continue;
      }
      const byte = chunk[at++] as number;
      if (byte === LF) this.#counted(at, sink);
      else if (byte !== CR) {
        if (this.#digits.length >= MAX_HEADER_BYTES) throw broken("a length does not end");
        this.#digits += String.fromCharCode(byte);
      }
    }
  }

  /** Behind the end of a line without a length, or at the end of the chunk. */
  #line(chunk: Uint8Array, from: number): number {
    if (this.#cr && chunk[from] === LF) {
      this.#cr = false;
      this.#type = 0;
      return from + 1;
    }
    const end = chunk.indexOf(CR, from);
    this.#cr = end >= 0;
    return end < 0 ? chunk.length : end + 1;
  }

  #counted(at: number, sink: ReplyWalkerSink): void {
    const kind = KINDS[this.#type] as number;
    const count = Number(this.#digits);
    const valid = /^-?\d+$/.test(this.#digits) && count >= -1 && count <= MAX_LENGTH;
    if (!valid) throw broken("a length is no number that it can be");
    this.#type = 0;
    this.#digits = "";
    if (count === -1) return this.#value(at, sink);
    if (kind === 2) {
      this.#skip = count + 2;
      return;
    }
    // Attributes stand before the value that they are of, and are none of their aggregate's.
    const values = kind === 5 ? count * 2 + 1 : count * (kind === 4 ? 2 : 1);
    if (values === 0) return this.#value(at, sink);
    if (this.#left.length >= MAX_DEPTH) throw broken("a reply is nested too deeply");
    this.#left.push(values);
  }

  /** A value is whole, and with it perhaps those that it was the last of. */
  #value(at: number, sink: ReplyWalkerSink): void {
    const left = this.#left;
    while (left.length > 0) {
      const last = left.length - 1;
      if (--(left[last] as number) > 0) return;
      left.pop();
    }
    if (this.#pushing) sink.push(at);
    else sink.reply(at);
  }
}

function broken(why: string): ProtocolError {
  return new ProtocolError(`the server's bytes are no replies: ${why}`, { outcome: "unknown" });
}
