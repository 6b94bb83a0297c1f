// UTF-8 out of a chunk. Most replies are ASCII: then a stretch of the chunk is decoded once, and its values are slices of
// it (LRANGE of 10,000: 2.7 times the values that a call for each gives).

// A BOM is data here, and so is not taken off.
const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
const INVALID = "\uFFFD";
/** Up to this length, ASCII by hand is faster than a call of the decoder: about twice at 8 bytes, level near 20. */
const SHORT = 20;
/** How much is decoded at once. A slice keeps all of it alive, so that one kept value holds this much at most. */
const STRETCH = 16 * 1024;
/** After a stretch that is not ASCII this many values are decoded alone, then twice as many, up to the second figure. */
const FEWEST_ALONE = 16;
const MOST_ALONE = 4096;

/** UTF-8; each invalid sequence becomes U+FFFD, within its own value. */
export function text(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > SHORT) return decoder.decode(bytes.subarray(start, end));
  let result = "";
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte > 0x7f) return decoder.decode(bytes.subarray(start, end));
    result += String.fromCharCode(byte);
  }
  return result;
}

/** The texts in one chunk after the other. */
export class Texts {
  #stretch = "";
  #start = 0;
  #end = 0;
  #alone = 0;
  #pause = FEWEST_ALONE;

  /** At the beginning of a chunk. */
  reset(): void {
    this.#end = 0;
    this.#stretch = "";
  }

  /** As {@link text}; the bytes are those of the chunk, and the values are asked for in order. */
  of(chunk: Uint8Array, start: number, end: number): string {
    if (end <= this.#end) return this.#stretch.slice(start - this.#start, end - this.#start);
    const to = Math.min(chunk.length, start + STRETCH);
    if (end > to || to - start <= SHORT + 2 || this.#alone-- > 0) return text(chunk, start, end);
    const stretch = decoder.decode(chunk.subarray(start, to));
    // Each byte a character; an invalid one would be a character, too.
    if (stretch.length !== to - start || stretch.includes(INVALID)) {
      this.#alone = this.#pause;
      this.#pause = Math.min(this.#pause * 2, MOST_ALONE);
      return text(chunk, start, end);
    }
    this.#alone = 0;
    this.#pause = FEWEST_ALONE;
    this.#stretch = stretch;
    this.#start = start;
    this.#end = to;
    return stretch.slice(0, end - start);
  }
}
