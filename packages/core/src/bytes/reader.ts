// Pull helpers for line and frame protocols, over a transport that is in its negotiation phase, or any source of chunks.
// A read that fails or is given up loses no bytes: what has arrived stays for the next one.

import { ProtocolError } from "../errors.ts";

/** Where a reader gets its bytes: the next chunk, or `undefined` at the end. A `Transport` is one. */
export interface ByteSource {
  pull(): Promise<Uint8Array | undefined>;
}

const DEFAULT_MAX_LINE_BYTES = 64 * 1024;
const LF = 0x0a;
const CR = 0x0d;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads exact counts and lines from a source, one read at a time. */
export class ByteReader {
  #source: ByteSource;
  #chunks: Uint8Array[] = [];
  #length = 0;
  #pending: Promise<boolean> | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Bytes that have arrived and have not been read. */
  get buffered(): number {
    return this.#length;
  }

  /**
   * Exactly `count` bytes.
   * @throws ProtocolError `PROTOCOL_TRUNCATED` when the source ends before, with how many were needed and came.
   */
  async readExactly(count: number): Promise<Uint8Array> {
    while (this.#length < count) {
      if (!(await this.#more())) throw truncated(count, this.#length);
    }
    return this.#take(count);
  }

  /**
   * One line as UTF-8, without its LF or CRLF.
   * @throws ProtocolError `PROTOCOL_LIMIT` when it is longer than `maxBytes` (default 65,536), `PROTOCOL_TRUNCATED` when
   * the source ends within it.
   */
  async readLine(maxBytes: number = DEFAULT_MAX_LINE_BYTES): Promise<string> {
    let scanned = 0;
    for (;;) {
      const end = this.#indexOf(LF, scanned);
      if (end >= 0 && end <= maxBytes) {
        const line = this.#take(end + 1);
        return decoder.decode(line.subarray(0, line[end - 1] === CR ? end - 1 : end));
      }
      if (this.#length > maxBytes) {
        throw new ProtocolError(`a line is longer than ${maxBytes} bytes`, { code: "PROTOCOL_LIMIT" });
      }
      scanned = this.#length;
      if (!(await this.#more())) throw truncated(scanned + 1, scanned);
    }
  }

  /** Hands over what has arrived and has not been read, for whoever reads next. The reader is empty afterwards. */
  detach(): Uint8Array {
    return this.#take(this.#length);
  }

  /** Appends one chunk; false at the end. Concurrent callers share one pull, so that none is lost. */
  #more(): Promise<boolean> {
    this.#pending ??= this.#source.pull().then(
      (chunk) => {
        this.#pending = undefined;
        if (chunk === undefined) return false;
        this.#chunks.push(chunk);
        this.#length += chunk.length;
        return true;
      },
      (error: unknown) => {
        this.#pending = undefined;
        throw error;
      },
    );
    return this.#pending;
  }

  #indexOf(byte: number, from: number): number {
    let base = 0;
    for (const chunk of this.#chunks) {
      if (base + chunk.length > from) {
        const at = chunk.indexOf(byte, Math.max(0, from - base));
        if (at >= 0) return base + at;
      }
      base += chunk.length;
    }
    return -1;
  }

  #take(count: number): Uint8Array {
    const [first] = this.#chunks;
    this.#length -= count;
    if (first !== undefined && first.length >= count) {
      if (first.length === count) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(count);
      return first.subarray(0, count);
    }
    const taken = new Uint8Array(count);
    let at = 0;
    let used = 0;
    for (const chunk of this.#chunks) {
      const part = chunk.subarray(0, count - at);
      taken.set(part, at);
      at += part.length;
      if (part.length < chunk.length) {
        this.#chunks[used] = chunk.subarray(part.length);
        break;
      }
      used++;
    }
    this.#chunks.splice(0, used);
    return taken;
  }
}

function truncated(needed: number, got: number): ProtocolError {
  return new ProtocolError(`the connection ended early: ${needed} bytes were needed and ${got} came`, {
    code: "PROTOCOL_TRUNCATED",
  });
}
