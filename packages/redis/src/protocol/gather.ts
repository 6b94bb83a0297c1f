// The unfinished tail of a chunk, in a buffer that grows with what has arrived and never with what was announced.

/** The first buffer; a smaller one would be made anew for each longer tail. */
const FIRST = 512;
/** A buffer up to this size is kept for the next tail; a larger one is handed over with what it holds. */
export const KEPT: number = 64 * 1024;
/**
 * A buffer of the announced size is made once an eighth of it is there: then the value and its copy never take more
 * than 1.13 times the value's size, and a peer cannot make us hold more than 8 times what it sent.
 */
const FACTOR = 8;
/** Fewer bytes than this are copied by hand: a view and a call cost more. */
const FEW = 48;
const NOTHING = new Uint8Array(0);

/** Collects bytes of known or bounded total. */
export class Gather {
  bytes: Uint8Array = NOTHING;
  length = 0;

  /** Copies `source[start..end)` behind what is there. `total` is the most that will ever be added. */
  add(source: Uint8Array, start: number, end: number, total: number): void {
    const from = this.length;
    const needed = from + (end - start);
    if (needed > this.bytes.length) {
      const room = needed < KEPT ? needed * 2 : Math.min(total, needed * FACTOR);
      const grown = new Uint8Array(Math.max(needed, room, FIRST));
      grown.set(this.bytes.subarray(0, from));
      this.bytes = grown;
    }
    const { bytes } = this;
    if (end - start < FEW) for (let at = start, to = from; at < end; at++, to++) bytes[to] = source[at] as number;
    else bytes.set(start === 0 && end === source.length ? source : source.subarray(start, end), from);
    this.length = needed;
  }

  /** Ends the tail. What was collected stands at the beginning of the buffer: until the next tail, or for good if it is large. */
  take(): Uint8Array {
    const { bytes } = this;
    if (bytes.length > KEPT) this.bytes = NOTHING;
    this.length = 0;
    return bytes;
  }
}
