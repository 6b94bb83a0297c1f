// Replies from bytes (RFC 5321 4.2). One pass, bounded, strict about line ends, poisoned after the first error.
// Never guesses where a reply ends: a bare CR or LF, a foreign byte before the code, or a change of the code is an error.

import { ProtocolError } from "@landline/core";
import type { Reply, ReplySink } from "./messages.ts";

/** A line may have this many bytes, its line end included. RFC 5321 asks for 512. */
export const MAX_LINE_BYTES: number = 8 * 1024;
/** All lines of one reply together. */
export const MAX_REPLY_BYTES: number = 64 * 1024;

const LF = 0x0a;
/** How TLS begins: an alert, or a handshake. */
const TLS = /^[\x15\x16]/;

const START = /^(?:[2-5]\d{0,2})?$/;
const LINE = /^(\d{3})(?:([ -])(.*))?$/;
const CONTROLS = /[\0-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]/g;
const ENHANCED = /^([245]\.\d{1,3}\.\d{1,3})(?: |$)/;
const utf8 = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** SMTP and LMTP replies. Sync, bounded, no I/O. */
export class ReplyDecoder {
  /** The incomplete line. */
  #tail = new Uint8Array(0);
  #code = "";
  #replyBytes = 0;
  #lines: string[] = [];
  #error: ProtocolError | undefined;

  /** Bytes of a reply that is not complete yet. */
  get pending(): number {
    return this.#replyBytes + this.#tail.length;
  }

  /**
   * Consumes the whole chunk; each finished reply goes to the sink, in order.
   * @throws ProtocolError, and then on every call. What the sink throws passes through, and poisons as well.
   */
  push(chunk: Uint8Array, sink: ReplySink): void {
    if (this.#error !== undefined) throw this.#error;
    let bytes = chunk;
    const kept = this.#tail.length;
    if (kept > 0) {
      bytes = new Uint8Array(kept + chunk.length);
      bytes.set(this.#tail);
      bytes.set(chunk, kept);
      this.#tail = new Uint8Array(0);
    }
    let start = 0;
    // What was kept has no LF in it.
    for (let end = bytes.indexOf(LF, kept); end >= 0; end = bytes.indexOf(LF, start)) {
      this.#line(bytes.subarray(start, end), sink);
      start = end + 1;
    }
    this.#check(bytes.subarray(start));
    this.#tail = bytes.slice(start);
  }

  /** As much of a line as is there: a peer that speaks something else is found out at once. */
  #check(line: Uint8Array): void {
    if (line.length >= MAX_LINE_BYTES) this.#fail(`a reply line of over ${MAX_LINE_BYTES} bytes`, "PROTOCOL_LIMIT");
    const start = String.fromCharCode(...line.subarray(0, 3));
    if (START.test(start)) return;
    if (this.#lines.length === 0 && TLS.test(start))
      this.#fail(
        'TLS where a reply in the clear was expected: this port wants TLS from the first byte (smtps://, tls: "on")',
      );
    this.#fail("something that is not a reply");
  }

  /** One line without its LF. */
  #line(line: Uint8Array, sink: ReplySink): void {
    const text = utf8.decode(line);
    this.#check(line);
    if (!text.endsWith("\r")) this.#fail("a reply line that ends in a bare LF");
    const cr = text.indexOf("\r");
    if (cr < text.length - 1) this.#fail("a reply line with a bare CR");
    const [, code, mark, words = ""] = LINE.exec(text.slice(0, cr).replace(CONTROLS, "\ufffd")) ?? [];
    if (code === undefined) this.#fail("something that is not a reply");
    if (this.#lines.length > 0 && code !== this.#code) this.#fail("a reply whose lines have different codes");
    this.#code = code;
    this.#replyBytes += line.length + 1;
    if (this.#replyBytes > MAX_REPLY_BYTES) this.#fail(`a reply of over ${MAX_REPLY_BYTES} bytes`, "PROTOCOL_LIMIT");
    this.#lines.push(words);
    if (mark === "-") return;

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
    this.#lines = [];
    throw (this.#error = new ProtocolError(`the server sent ${what}`, { code }));
  }
}

/** Servers repeat the enhanced code on each line (RFC 2034 section 4); it is told once. */
function finish(code: string, lines: readonly string[]): Reply {
  const enhanced = ENHANCED.exec(lines[0] as string)?.[1];
  return enhanced === undefined || enhanced[0] !== code[0]
    ? { code: Number(code), enhanced: undefined, lines }
    : { code: Number(code), enhanced, lines: lines.map((line) => line.replace(ENHANCED, "")) };
}
