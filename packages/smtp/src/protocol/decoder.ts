// Replies from bytes (RFC 5321 4.2). One pass, bounded, strict about line ends, poisoned after the first error.
// Never guesses where a reply ends: a bare CR or LF, a foreign byte before the code, or a change of the code is an error.

import { ProtocolError } from "@landline/core";
import type { Reply, ReplySink } from "./messages.ts";

/** A line may have this many characters, its line end included. RFC 5321 asks for 512. */
export const MAX_LINE_CHARS: number = 8 * 1024;
/** All lines of one reply together. */
export const MAX_REPLY_CHARS: number = 64 * 1024;

/** How TLS begins: an alert, or a handshake. */
const TLS = /^[\x15\x16]/;
const START = /^(?:[2-5]\d{0,2}|$)/;
const LINE = /^(\d{3})(?:([ -])([^\r]*))?\r$/;
const CONTROLS = /[\0-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]/g;
const ENHANCED = /^([245]\.\d{1,3}\.\d{1,3})(?: |$)/;

/** SMTP and LMTP replies. Sync, bounded, no I/O. */
export class ReplyDecoder {
  /** Whether the last chunk ended within a reply. */
  pending = false;
  readonly #utf8 = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
  /** The incomplete line. */
  #tail = "";
  #code = "";
  #size = 0;
  #lines: string[] = [];
  #error: unknown;

  /**
   * Consumes the whole chunk; each finished reply goes to the sink, in order.
   * @throws ProtocolError, and then on every call. What the sink throws passes through, and poisons as well.
   */
  push(chunk: Uint8Array, sink: ReplySink): void {
    if (this.#error !== undefined) throw this.#error;
    if (chunk.length === 0) return;
    const lines = (this.#tail + this.#utf8.decode(chunk, { stream: true })).split("\n");
    this.#tail = lines.pop() as string;
    for (const line of lines) this.#line(line, sink);
    this.#check(this.#tail);
    // Half a character is in no line yet.
    this.pending = this.#lines.length > 0 || chunk.at(-1) !== 0x0a;
  }

  /** As much of a line as is there: a peer that speaks something else is found out at once. */
  #check(line: string): void {
    if (line.length >= MAX_LINE_CHARS || this.#size > MAX_REPLY_CHARS)
      this.#fail("a line or a reply that is too long", "PROTOCOL_LIMIT");
    if (this.#lines.length === 0 && TLS.test(line))
      this.#fail("TLS where a reply in the clear was expected: this port wants TLS from the first byte (smtps://)");
    if (START.exec(line)?.[0] !== line.slice(0, 3)) this.#fail();
  }

  /** One line without its LF. */
  #line(line: string, sink: ReplySink): void {
    this.#size += line.length + 1;
    this.#check(line);
    const [, code, mark, words = ""] = LINE.exec(line) ?? [];
    if (code === undefined) this.#fail();
    if (this.#lines.length > 0 && code !== this.#code) this.#fail("a reply whose lines have different codes");
    this.#code = code;
    this.#lines.push(words.replace(CONTROLS, "\ufffd"));
    if (mark === "-") return;

    const reply = finish(code, this.#lines);
    this.#lines = [];
    this.#size = 0;
    try {
      sink.reply(reply);
    } catch (error) {
      throw (this.#error = error);
    }
  }

  #fail(what = "what is not a reply, or has a bare CR or LF", code = "PROTOCOL_VIOLATION"): never {
    throw (this.#error = new ProtocolError(`the server sent ${what}`, { code }));
  }
}

/** Servers repeat the enhanced code on each line (RFC 2034 section 4); it is told once. */
function finish(code: string, lines: readonly string[]): Reply {
  const enhanced = ENHANCED.exec(lines[0] as string)?.[1];
  return enhanced?.[0] === code[0]
    ? { code: Number(code), enhanced, lines: lines.map((line) => line.replace(ENHANCED, "")) }
    : { code: Number(code), enhanced: undefined, lines };
}
