// The unfinished tail of a chunk, in a buffer that grows with what has arrived and never with what was announced.

const FIRST = 64;
const SMALL = 64 * 1024;
/**
 * A buffer of the announced size is made once an eighth of it is there: then the value and its copy never take more
 * than 1.13 times the value's size, and a peer cannot make us hold more than 8 times what it sent.
 */
const FACTOR = 8;

/** Collects bytes of known or bounded total. */
export class Gather {
  bytes: Uint8Array = new Uint8Array(0);
  length = 0;

  /** Copies `source[start..end)` behind what is there. `total` is the most that will ever be added. */
  add(source: Uint8Array, start: number, end: number, total: number): void {
    const needed = this.length + (end - start);
    if (needed > this.bytes.length) {
      const room = needed < SMALL ? Math.max(needed * 2, FIRST) : needed * FACTOR;
      const grown = new Uint8Array(Math.max(needed, Math.min(total, room)));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(start === 0 && end === source.length ? source : source.subarray(start, end), this.length);
    this.length = needed;
  }

  /** Hands over what was collected, and starts again on a new buffer. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.length);
    this.bytes = new Uint8Array(0);
    this.length = 0;
    return taken;
  }
}
