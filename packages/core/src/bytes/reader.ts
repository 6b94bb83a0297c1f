// Pull helpers for line and frame protocols, over a transport in its negotiation phase or any source of chunks. Time and
// memory are linear in what is read. What a read takes too much of goes back to the source, and so does all of a read that
// fails or is given up: no byte is lost, and whoever reads next need not be this reader.

import { ProtocolError } from "../errors.ts";
import type { WaitOptions } from "../wait.ts";
import { ByteWriter } from "./writer.ts";

/** Where a reader gets its bytes. A `Transport` is one. */
export interface ByteSource {
  /** The next chunk, or `undefined` at the end. Rejects when the wait is given up, and loses nothing then. */
  pull(options?: WaitOptions): Promise<Uint8Array | undefined>;
  /** Takes back bytes that the next `pull` is to begin with. They are not changed afterwards. */
  unread(bytes: Uint8Array): void;
}

/** Bounds of one read. `timeout` is for each wait for more bytes. */
export type ReadOptions = WaitOptions;

/** Bounds of a read whose end the peer decides. */
export interface ReadUntilOptions extends ReadOptions {
  /** How many bytes may come before the end. Default 65,536. */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 64 * 1024;
const INITIAL_BYTES = 256;
const LF = 0x0a;
const CR = 0x0d;
const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/**
 * Reads counts, lines and integers, one read at a time. What it returns is the caller's own.
 *
 * @example
 * const reader = new ByteReader(transport);
 * const greeting = await reader.readLine({ timeout: 5_000 });
 * const length = await reader.readU32();
 * const body = await reader.readExactly(length);
 */
export class ByteReader {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /**
   * Exactly `count` bytes.
   * @throws ProtocolError `PROTOCOL_TRUNCATED` when the source ends before, with how many were needed and came.
   */
  async readExactly(count: number, options?: ReadOptions): Promise<Uint8Array> {
    const kept = new ByteWriter(INITIAL_BYTES);
    await this.#read(count, options, kept);
    return copyOf(kept);
  }

  /** Fills `target`. @throws ProtocolError `PROTOCOL_TRUNCATED` */
  async readInto(target: Uint8Array, options?: ReadOptions): Promise<void> {
    const kept = new ByteWriter(0);
    kept.buffer = target;
    await this.#read(target.length, options, kept);
  }

  /** The next `count` bytes, which stay to be read again. @throws ProtocolError `PROTOCOL_TRUNCATED` */
  async peek(count: number, options?: ReadOptions): Promise<Uint8Array> {
    const bytes = await this.readExactly(count, options);
    this.#source.unread(bytes.slice());
    return bytes;
  }

  /** Passes over `count` bytes without keeping them, also where it fails. @throws ProtocolError `PROTOCOL_TRUNCATED` */
  skip(count: number, options?: ReadOptions): Promise<void> {
    return this.#read(count, options);
  }

  /**
   * Everything up to `delimiter`, which is read and not returned.
   * @throws ProtocolError `PROTOCOL_LIMIT` when more than `maxBytes` come before it, `PROTOCOL_TRUNCATED` when it never comes.
   */
  async readUntil(delimiter: number, options: ReadUntilOptions = {}): Promise<Uint8Array> {
    const { maxBytes = DEFAULT_MAX_BYTES } = options;
    const kept = new ByteWriter(INITIAL_BYTES);
    try {
      for (;;) {
        const chunk = await this.#source.pull(options);
        if (chunk === undefined) throw truncated(kept.length + 1, kept.length);
        const at = chunk.indexOf(delimiter);
        const end = at < 0 ? chunk.length : at;
        if (kept.length + end > maxBytes) {
          this.#source.unread(chunk);
          throw new ProtocolError(`no end came within ${maxBytes} bytes`, {
            code: "PROTOCOL_LIMIT",
          });
        }
        kept.bytes(chunk.subarray(0, end));
        if (at < 0) continue;
        this.#source.unread(chunk.subarray(at + 1));
        return copyOf(kept);
      }
    } catch (error) {
      this.#source.unread(copyOf(kept));
      throw error;
    }
  }

  /** One line as UTF-8, without its LF or CRLF. @throws as `readUntil` */
  async readLine(options?: ReadUntilOptions): Promise<string> {
    const line = await this.readUntil(LF, options);
    return decoder.decode(line.at(-1) === CR ? line.subarray(0, -1) : line);
  }

  /** One byte. @throws ProtocolError `PROTOCOL_TRUNCATED` */
  async readU8(options?: ReadOptions): Promise<number> {
    return (await this.#view(1, options)).getUint8(0);
  }

  /** Two bytes, big-endian, unsigned. @throws ProtocolError `PROTOCOL_TRUNCATED` */
  async readU16(options?: ReadOptions): Promise<number> {
    return (await this.#view(2, options)).getUint16(0);
  }

  /** Four bytes, big-endian, unsigned. @throws ProtocolError `PROTOCOL_TRUNCATED` */
  async readU32(options?: ReadOptions): Promise<number> {
    return (await this.#view(4, options)).getUint32(0);
  }

  /** Four bytes, big-endian, in two's complement. @throws ProtocolError `PROTOCOL_TRUNCATED` */
  async readI32(options?: ReadOptions): Promise<number> {
    return (await this.#view(4, options)).getInt32(0);
  }

  /** Eight bytes, big-endian, in two's complement. @throws ProtocolError `PROTOCOL_TRUNCATED` */
  async readI64(options?: ReadOptions): Promise<bigint> {
    return (await this.#view(8, options)).getBigInt64(0);
  }

  async #view(count: number, options: ReadOptions | undefined): Promise<DataView> {
    const bytes = await this.readExactly(count, options);
    return new DataView(bytes.buffer, bytes.byteOffset, count);
  }

  /** Takes `count` bytes off the source, into `kept` if there is one. */
  async #read(count: number, options: ReadOptions | undefined, kept?: ByteWriter): Promise<void> {
    let got = 0;
    try {
      while (got < count) {
        const chunk = await this.#source.pull(options);
        if (chunk === undefined) throw truncated(count, got);
        const part = chunk.subarray(0, count - got);
        got += part.length;
        kept?.bytes(part);
        this.#source.unread(chunk.subarray(part.length));
      }
    } catch (error) {
      if (kept !== undefined) this.#source.unread(copyOf(kept));
      throw error;
    }
  }
}

function copyOf({ buffer, length }: ByteWriter): Uint8Array {
  return buffer.slice(0, length);
}

function truncated(needed: number, got: number): ProtocolError {
  return new ProtocolError(`the connection ended early: ${needed} bytes were needed and ${got} came`, {
    code: "PROTOCOL_TRUNCATED",
  });
}
