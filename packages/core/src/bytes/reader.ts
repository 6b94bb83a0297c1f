// Pull helpers for line and frame protocols, over a transport in its negotiation phase or any source of chunks. Time and
// memory are linear in what is read. A read that fails or is given up loses no bytes: they are there for the next one.

import { ProtocolError, TimeoutError } from "../errors.ts";

/** Where a reader gets its bytes: the next chunk, or `undefined` at the end. A `Transport` is one. */
export interface ByteSource {
  pull(): Promise<Uint8Array | undefined>;
}

/** Bounds of one read. */
export interface ReadOptions {
  /** Gives the read up. It rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the read is given up with a `TimeoutError`. Default: none, the source has its own. */
  readonly timeout?: number | undefined;
}

/** Bounds of a read whose end the peer decides. */
export interface ReadUntilOptions extends ReadOptions {
  /** How many bytes may come before the end. Default 65,536. */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 64 * 1024;
const INITIAL_BYTES = 1024;
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
  #buffer = new Uint8Array(INITIAL_BYTES);
  #start = 0;
  #end = 0;
  #pending: Promise<boolean> | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Bytes that have arrived and have not been read. */
  get buffered(): number {
    return this.#end - this.#start;
  }

  /**
   * Exactly `count` bytes.
   * @throws ProtocolError `PROTOCOL_TRUNCATED` when the source ends before, with how many were needed and came.
   */
  async readExactly(count: number, options?: ReadOptions): Promise<Uint8Array> {
    await this.#need(count, options);
    return this.#take(count);
  }

  /** Fills `target`. @throws ProtocolError `PROTOCOL_TRUNCATED`; what had come is in `target` then, and gone from here. */
  async readInto(target: Uint8Array, options?: ReadOptions): Promise<void> {
    let filled = 0;
    for (;;) {
      const part = Math.min(this.buffered, target.length - filled);
      target.set(this.#buffer.subarray(this.#start, this.#start + part), filled);
      this.#drop(part);
      filled += part;
      if (filled === target.length) return;
      if (!(await this.#more(options))) throw truncated(target.length, filled);
    }
  }

  /** The next `count` bytes, which stay to be read again. @throws ProtocolError `PROTOCOL_TRUNCATED` */
  async peek(count: number, options?: ReadOptions): Promise<Uint8Array> {
    await this.#need(count, options);
    return this.#buffer.slice(this.#start, this.#start + count);
  }

  /** Passes over `count` bytes without keeping them. @throws ProtocolError `PROTOCOL_TRUNCATED` */
  async skip(count: number, options?: ReadOptions): Promise<void> {
    let left = count;
    for (;;) {
      const part = Math.min(this.buffered, left);
      this.#drop(part);
      left -= part;
      if (left === 0) return;
      if (!(await this.#more(options))) throw truncated(count, count - left);
    }
  }

  /**
   * Everything up to `delimiter`, which is read and not returned.
   * @throws ProtocolError `PROTOCOL_LIMIT` when more than `maxBytes` come before it, `PROTOCOL_TRUNCATED` when it never comes.
   */
  async readUntil(delimiter: number, options: ReadUntilOptions = {}): Promise<Uint8Array> {
    const { maxBytes = DEFAULT_MAX_BYTES } = options;
    let scanned = 0;
    for (;;) {
      const at = this.#buffer.subarray(0, this.#end).indexOf(delimiter, this.#start + scanned);
      const length = at < 0 ? this.buffered : at - this.#start;
      if (length > maxBytes) {
        throw new ProtocolError(`more than ${maxBytes} bytes came without the end that was looked for`, {
          code: "PROTOCOL_LIMIT",
        });
      }
      if (at >= 0) {
        const taken = this.#take(length);
        this.#drop(1);
        return taken;
      }
      scanned = length;
      if (!(await this.#more(options))) throw truncated(scanned + 1, scanned);
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

  /** Hands over what has arrived and has not been read, for whoever reads next. The reader is empty afterwards. */
  detach(): Uint8Array {
    return this.#take(this.buffered);
  }

  async #view(count: number, options: ReadOptions | undefined): Promise<DataView> {
    const bytes = await this.readExactly(count, options);
    return new DataView(bytes.buffer, bytes.byteOffset, count);
  }

  async #need(count: number, options: ReadOptions | undefined): Promise<void> {
    while (this.buffered < count) {
      if (!(await this.#more(options))) throw truncated(count, this.buffered);
    }
  }

  /** Appends one chunk; false at the end. A read that was given up leaves its pull to the next, so that nothing is lost. */
  async #more({ signal, timeout }: ReadOptions = {}): Promise<boolean> {
    signal?.throwIfAborted();
    this.#pending ??= this.#pull();
    if (signal === undefined && timeout === undefined) return this.#pending;
    const givenUp = Promise.withResolvers<never>();
    const onAbort = (): void => givenUp.reject(signal?.reason);
    const onTimeout = (): void => {
      const message = `nothing arrived within ${timeout} ms`;
      givenUp.reject(new TimeoutError(message, { code: "TIMEOUT", outcome: "unknown" }));
    };
    const timer = timeout === undefined ? undefined : setTimeout(onTimeout, timeout);
    signal?.addEventListener("abort", onAbort, { once: true });
    // Whoever reads next learns of a failure of the pull; when nobody does, nothing is lost by not telling.
    this.#pending.catch(() => {});
    try {
      return await Promise.race([this.#pending, givenUp.promise]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #pull(): Promise<boolean> {
    try {
      const chunk = await this.#source.pull();
      if (chunk === undefined) return false;
      this.#append(chunk);
      return true;
    } finally {
      this.#pending = undefined;
    }
  }

  #append(chunk: Uint8Array): void {
    const { buffered } = this;
    const needed = buffered + chunk.length;
    if (this.#end + chunk.length > this.#buffer.length) {
      // Grows to double at least, and closes up only when that frees half, so that each byte is moved a bounded number of times.
      const target =
        needed * 2 <= this.#buffer.length ? this.#buffer : new Uint8Array(Math.max(needed, this.#buffer.length * 2));
      target.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = target;
      this.#start = 0;
      this.#end = buffered;
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  #take(count: number): Uint8Array {
    const taken = this.#buffer.slice(this.#start, this.#start + count);
    this.#drop(count);
    return taken;
  }

  #drop(count: number): void {
    this.#start += count;
    if (this.#start !== this.#end) return;
    this.#start = 0;
    this.#end = 0;
    // A buffer that one large read has blown up is not kept.
    if (this.#buffer.length > DEFAULT_MAX_BYTES) this.#buffer = new Uint8Array(INITIAL_BYTES);
  }
}

function truncated(needed: number, got: number): ProtocolError {
  return new ProtocolError(`the connection ended early: ${needed} bytes were needed and ${got} came`, {
    code: "PROTOCOL_TRUNCATED",
  });
}
