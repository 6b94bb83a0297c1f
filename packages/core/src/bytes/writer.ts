// A growable byte buffer for encoders: big-endian integers, UTF-8, length patching, and a way back when an encoder
// throws half-way. One per connection; whoever sends takes the bytes and gives the buffer back when they are written.

const INITIAL_BYTES = 4096;
/**
 * Buffers up to the first size are kept for the next flush; up to the second, as long as a quarter of them is used, since bursts
 * often come in the same size. The rest is left to the garbage collector.
 */
const KEPT_BYTES = 256 * 1024;
const KEPT_FULL_BYTES = 2 * 1024 * 1024;
const encoder = new TextEncoder();

/** Grows as it is written to. Methods return nothing and never keep a reference to what they are given. */
export class ByteWriter {
  /** The buffer itself, for encoders that reserve and then write by hand. Changes whenever the buffer grows. */
  declare buffer: Uint8Array;
  /** Bytes written since the last `take()`. */
  length = 0;
  #spare: Uint8Array | undefined;

  constructor(capacity: number = INITIAL_BYTES) {
    this.buffer = new Uint8Array(capacity);
  }

  /** Makes room for `bytes` more and returns the offset at which they start. Does not change `length`. */
  reserve(bytes: number): number {
    const needed = this.length + bytes;
    if (needed > this.buffer.length) {
      const grown = new Uint8Array(Math.max(needed, this.buffer.length * 2));
      grown.set(this.buffer.subarray(0, this.length));
      this.buffer = grown;
    }
    return this.length;
  }

  /** One byte. */
  u8(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  /** Two bytes, big-endian; negative numbers in two's complement. */
  i16(value: number): void {
    this.u8(value >>> 8);
    this.u8(value);
  }

  /** Four bytes, big-endian; negative numbers in two's complement. */
  i32(value: number): void {
    this.setI32(this.reserve(4), value);
    this.length += 4;
  }

  /** Overwrites four bytes that were written before, for lengths that are known only afterwards. */
  setI32(at: number, value: number): void {
    const buffer = this.buffer;
    buffer[at] = value >>> 24;
    buffer[at + 1] = value >>> 16;
    buffer[at + 2] = value >>> 8;
    buffer[at + 3] = value;
  }

  /** Copies `bytes`. */
  bytes(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.buffer.set(bytes, at);
    this.length = at + bytes.length;
  }

  /** UTF-8, without terminator. Returns the number of bytes. Lone surrogates become U+FFFD, as everywhere on the platform. */
  utf8(text: string): number {
    const chars = text.length;
    // A UTF-16 unit takes three bytes of UTF-8 at most.
    const at = this.reserve(chars * 3);
    const buffer = this.buffer;
    let written = 0;
    // Short ASCII by hand: a call of encodeInto costs more than the loop up to about this length.
    for (let unit = 0; chars <= 32 && written < chars; written++) {
      unit = text.charCodeAt(written);
      if (unit > 0x7f) break;
      buffer[at + written] = unit;
    }
    if (written < chars) ({ written } = encoder.encodeInto(text, buffer.subarray(at)));
    this.length = at + written;
    return written;
  }

  /** UTF-8 with a terminating NUL. @throws TypeError when `text` contains one itself. */
  cstring(text: string): void {
    if (text.includes("\0")) throw new TypeError("this field cannot hold a NUL");
    this.utf8(text);
    this.u8(0);
  }

  /** Takes back everything written after `length` was `mark`. */
  rewind(mark: number): void {
    this.length = mark;
  }

  /**
   * Hands over what was written and starts again on another buffer. The bytes stay unchanged until they are given back
   * by {@link recycle}.
   */
  take(): Uint8Array {
    const taken = this.buffer.subarray(0, this.length);
    this.buffer = this.#spare ?? new Uint8Array(INITIAL_BYTES);
    this.#spare = undefined;
    this.length = 0;
    return taken;
  }

  /** Gives back bytes that {@link take} handed over, so that their buffer is used again. */
  recycle(taken: Uint8Array): void {
    const kept = Math.min(KEPT_FULL_BYTES, Math.max(KEPT_BYTES, 4 * taken.length));
    if (taken.buffer.byteLength <= kept) this.#spare = new Uint8Array(taken.buffer as ArrayBuffer);
  }
}
