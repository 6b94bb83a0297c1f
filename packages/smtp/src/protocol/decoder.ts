// Replies from bytes (RFC 5321 4.2). One pass, bounded, strict about line ends, poisoned after the first error.
// Never guesses where a reply ends: a bare CR or LF, a foreign byte before the code, or a change of the code is an error.

import { ProtocolError } from "@landline/core";
import type { Reply, ReplySink } from "./messages.ts";

/** A line may have this many bytes, its line end included. RFC 5321 asks for 512. */
export const MAX_LINE_BYTES: number = 8 * 1024;
/** All lines of one reply together. */
export const MAX_REPLY_BYTES: number = 64 * 1024;

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const HYPHEN = 0x2d; // '-': more lines follow
const ZERO = 0x30; // '0'
const TLS_ALERT = 0x15;
const TLS_HANDSHAKE = 0x16;

const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/g;
const ENHANCED = /^([245]\.\d{1,3}\.\d{1,3})(?: |$)/;
const utf8 = new TextDecoder();

/** SMTP and LMTP replies. Sync, bounded, no I/O. */
export class ReplyDecoder {
  #tail = new Uint8Array(0);
  #tailLength = 0;
  #code = 0;
  #replyBytes = 0;
  #lines: string[] = [];
  #error: ProtocolError | undefined;

  /** Bytes of a reply that is not complete yet. */
  get pending(): number {
    return this.#replyBytes + this.#tailLength;
  }

  /**
   * Consumes the whole chunk; each finished reply goes to the sink, in order.
   * @throws ProtocolError, and then on every call. What the sink throws passes through, and poisons as well.
   */
  push(chunk: Uint8Array, sink: ReplySink): void {
    if (this.#error !== undefined) throw this.#error;
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(LF, start);
      if (end < 0) break;
      const part = chunk.subarray(start, end + 1);
      start = end + 1;
      if (this.#tailLength === 0) {
        this.#line(part, sink);
      } else {
        this.#keep(part);
        const line = this.#tail.subarray(0, this.#tailLength);
        this.#tailLength = 0;
        this.#line(line, sink);
      }
    }
    if (start < chunk.length) {
      this.#keep(chunk.subarray(start));
      this.#checkStart(this.#tail, this.#tailLength);
    }
  }

  /** Appends to the incomplete line. */
  #keep(bytes: Uint8Array): void {
    const length = this.#tailLength + bytes.length;
    if (length > MAX_LINE_BYTES) this.#fail(`a reply line of over ${MAX_LINE_BYTES} bytes`, "PROTOCOL_LIMIT");
    if (length > this.#tail.length) {
      const grown = new Uint8Array(Math.min(MAX_LINE_BYTES, Math.max(64, length, this.#tail.length * 2)));
      grown.set(this.#tail.subarray(0, this.#tailLength));
      this.#tail = grown;
    }
    this.#tail.set(bytes, this.#tailLength);
    this.#tailLength = length;
  }

  /** The first bytes of a line, as soon as they are there: a peer that speaks something else is found out at once. */
  #checkStart(line: Uint8Array, length: number): void {
    for (let index = 0; index < length && index < 3; index++) {
      const digit = (line[index] as number) - ZERO;
      if (digit >= 0 && digit <= 9 && (index > 0 || (digit >= 2 && digit <= 5))) continue;
      const first = line[0];
      if (this.pending === length && (first === TLS_ALERT || first === TLS_HANDSHAKE)) {
        this.#fail(
          'TLS where a reply in the clear was expected: this port wants TLS from the first byte (smtps://, tls: "on")',
        );
      }
      this.#fail("something that is not a reply");
    }
  }

  /** One line with its LF. */
  #line(line: Uint8Array, sink: ReplySink): void {
    const length = line.length - 2;
    if (line.length > MAX_LINE_BYTES) this.#fail(`a reply line of over ${MAX_LINE_BYTES} bytes`, "PROTOCOL_LIMIT");
    if (length < 0 || line[length] !== CR) this.#fail("a reply line that ends in a bare LF");
    if (line.subarray(0, length).includes(CR)) this.#fail("a reply line with a bare CR");
    if (length < 3) this.#fail("a line too short for a reply");
    this.#checkStart(line, length);
    const separator = length === 3 ? SPACE : line[3];
    if (separator !== SPACE && separator !== HYPHEN) this.#fail("something that is not a reply");

    const code = at(line, 0) * 100 + at(line, 1) * 10 + at(line, 2);
    if (this.#lines.length > 0 && code !== this.#code) this.#fail("a reply whose lines have different codes");
    this.#code = code;
    this.#replyBytes += line.length;
    if (this.#replyBytes > MAX_REPLY_BYTES) this.#fail(`a reply of over ${MAX_REPLY_BYTES} bytes`, "PROTOCOL_LIMIT");
    this.#lines.push(utf8.decode(line.subarray(Math.min(4, length), length)).replace(CONTROLS, "\ufffd"));
    if (separator === HYPHEN) return;

    const reply = finish(code, this.#lines);
    this.#lines = [];
    this.#replyBytes = 0;
    try {
      sink.reply(reply);
    } catch (error) {
      this.#error = new ProtocolError("the reply before was not acceptable", { cause: error });
      throw error;
    }
  }

  #fail(what: string, code = "PROTOCOL_VIOLATION"): never {
    this.#error = new ProtocolError(`the server sent ${what}`, { code });
    this.#tail = new Uint8Array(0);
    this.#lines = [];
    throw this.#error;
  }
}

function at(line: Uint8Array, index: number): number {
  return (line[index] as number) - ZERO;
}

/** Servers repeat the enhanced code on each line (RFC 2034 section 4); it is told once. */
function finish(code: number, lines: readonly string[]): Reply {
  const enhanced = ENHANCED.exec(lines[0] ?? "")?.[1];
  if (enhanced === undefined || enhanced.charCodeAt(0) - ZERO !== Math.floor(code / 100)) {
    return { code, enhanced: undefined, lines };
  }
  const stripped = lines.map((line) => {
    const own = ENHANCED.exec(line)?.[0];
    return own === undefined ? line : line.slice(own.length);
  });
  return { code, enhanced, lines: stripped };
}
