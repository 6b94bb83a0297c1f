// What may happen to one direction of a connection, and where: pure arithmetic on offsets, without any I/O.

/** What happens to the bytes of one direction. Offsets count from the first byte of the connection in that direction. */
export interface Faults {
  /** Milliseconds that each byte travels. Their order stays. */
  readonly delay?: number;
  /** Bytes per second. */
  readonly bytesPerSecond?: number;
  /** Passes bytes on in pieces of at most so many: 1 for one byte at a time. */
  readonly chunkBytes?: number;
  /** Passes bytes on in pieces that end at these offsets. */
  readonly splitAt?: readonly number[];
  /** Stops before the byte at this offset, with the connection open; the sender is slowed down, and nothing is lost. */
  readonly stallAt?: number;
  /** Milliseconds until a stalled direction goes on. Default: never. */
  readonly stallFor?: number;
  /** Ends this direction (FIN) before the byte at this offset; the other goes on. */
  readonly endAt?: number;
  /** Resets both sides (RST) before the byte at this offset. */
  readonly resetAt?: number;
  /** Exclusive-ors the byte at an offset with a mask. */
  readonly corrupt?: Readonly<Record<number, number>>;
}

/** A piece to pass on, or what to do in its place. */
export type Piece = Uint8Array | "stall" | "end" | "reset";

/** @throws TypeError when a fault is not a number that makes sense. */
export function checkFaults(faults: Faults): void {
  for (const name of ["delay", "stallAt", "stallFor", "endAt", "resetAt"] as const) {
    const value = faults[name];
    if (value !== undefined && !(value >= 0)) throw new TypeError(`${name} must be a number from 0 up`);
  }
  for (const name of ["bytesPerSecond", "chunkBytes"] as const) {
    const value = faults[name];
    if (value !== undefined && !(value >= 1)) throw new TypeError(`${name} must be a number from 1 up`);
  }
}

/** Cuts what one direction carries into pieces; `end` and `reset` are its last. */
export class Cutter {
  #at = 0;
  #over = false;
  readonly #faults: Faults;
  readonly #borders: readonly number[];

  constructor(faults: Faults) {
    this.#faults = faults;
    const { splitAt = [], stallAt, endAt, resetAt } = faults;
    const all = [...splitAt, stallAt, endAt, resetAt].filter((border) => border !== undefined);
    this.#borders = [...new Set(all)].sort((a, b) => a - b);
  }

  /** What becomes of the next bytes, cut as they are asked for. They are copied where they are changed. */
  *cut(chunk: Uint8Array): Generator<Piece, void> {
    const { chunkBytes = Infinity } = this.#faults;
    const bytes = this.#corrupted(chunk);
    if (this.#at === 0) yield* this.#events();
    let start = 0;
    while (start < bytes.length && !this.#over) {
      const border = this.#borders.find((offset) => offset > this.#at) ?? Infinity;
      const end = start + Math.min(bytes.length - start, chunkBytes, border - this.#at);
      this.#at += end - start;
      yield bytes.subarray(start, end);
      start = end;
      if (this.#at === border) yield* this.#events();
    }
  }

  /** What happens at the offset that is reached. */
  #events(): Piece[] {
    if (this.#over) return [];
    const { stallAt, endAt, resetAt } = this.#faults;
    const events: Piece[] = [];
    if (stallAt === this.#at) events.push("stall");
    if (resetAt === this.#at) events.push("reset");
    else if (endAt === this.#at) events.push("end");
    this.#over = resetAt === this.#at || endAt === this.#at;
    return events;
  }

  #corrupted(chunk: Uint8Array): Uint8Array {
    const { corrupt } = this.#faults;
    if (corrupt === undefined) return chunk;
    let changed: Uint8Array | undefined;
    for (const [offset, mask] of Object.entries(corrupt)) {
      const index = Number(offset) - this.#at;
      if (index < 0 || index >= chunk.length) continue;
      changed ??= Uint8Array.from(chunk);
      changed[index] = (changed[index] as number) ^ mask;
    }
    return changed ?? chunk;
  }
}
