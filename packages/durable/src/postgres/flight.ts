// One flight: frames that were sent together, and the bytes that answer them until the last ReadyForQuery. Knows how to
// leave out a frame that has begun, so that what goes on to the caller ends with a whole one.

import type { PreparedFrames } from "./statements.ts";

/** What came of a flight. With an error, `bytes` has the whole frames that came before it. */
export interface Landing {
  readonly bytes: Uint8Array;
  readonly error?: unknown;
}

const FIRST_BYTES = 4096;
const EMPTY = new Uint8Array(0);

/** Takes a reply piece by piece. */
export interface ReplyOutlet {
  /** Takes `chunk[from, to)`, borrowed until this returns. Returns whether there is room for more. */
  push(chunk: Uint8Array, from: number, to: number): boolean;
}

/** What is known of a flight when it leaves. */
export interface FlightInit {
  /** ReadyForQuery that answer it. */
  readonly due: number;
  /** Whether it may leave a transaction open for the next flight of the same loan. */
  readonly held: boolean;
  /** Where its reply goes, piece by piece, instead of being collected. */
  readonly outlet?: ReplyOutlet | undefined;
}

/** Collects a reply. */
export class Flight {
  /** ReadyForQuery that are still to come. */
  due: number;
  readonly held: boolean;
  readonly outlet: ReplyOutlet | undefined;
  /** What was sent, and what it would be without prepared statements. */
  prepared: PreparedFrames | undefined;
  original: Uint8Array | undefined;
  /** The server has said no to something of it. */
  failed = false;
  /** The server has said that a prepared statement is gone, or not what it was. */
  stale = false;
  /** The server waits for data of a COPY. */
  asking = false;
  /** Whether the reader of the outlet has fallen behind. */
  behind = false;
  /** Nobody waits for it any more: what comes is only counted. */
  forsaken = false;
  readonly landed: Promise<Landing>;
  #land!: (landing: Landing) => void;
  #buffer: Uint8Array = EMPTY;
  #length = 0;
  #frameAt = 0;

  constructor({ due, held, outlet }: FlightInit) {
    this.due = due;
    this.held = held;
    this.outlet = outlet;
    this.landed = new Promise((resolve) => (this.#land = resolve));
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** A frame begins `ahead` bytes after what has been added. */
  mark(ahead: number): void {
    this.#frameAt = this.#length + ahead;
  }

  /** Copies `chunk[from, to)`. */
  add(chunk: Uint8Array, from: number, to: number): void {
    if (this.forsaken) return;
    if (this.outlet !== undefined) {
      if (!this.outlet.push(chunk, from, to)) this.behind = true;
      return;
    }
    const needed = this.#length + to - from;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2, this.#length === 0 ? 0 : FIRST_BYTES));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to), this.#length);
    this.#length = needed;
  }

  /** Forgets what has come: it is sent once more, as it was given. */
  again(): void {
    this.due = 1;
    this.failed = false;
    this.stale = false;
    this.prepared = undefined;
    this.original = undefined;
    this.#length = 0;
    this.#frameAt = 0;
  }

  /** Every ReadyForQuery has come. */
  finish(): void {
    this.#land({ bytes: this.#take(this.#length) });
  }

  /** Ends it with what came before the frame that has begun. */
  cut(error: unknown): void {
    this.#land({ bytes: this.#take(Math.min(this.#frameAt, this.#length)), error });
  }

  /** Ends it with nothing. */
  drop(error: unknown): void {
    this.#buffer = EMPTY;
    this.#land({ bytes: EMPTY, error });
  }

  /** Exactly the bytes, in a buffer of their own: serialising a view would send all that lies behind it. */
  #take(length: number): Uint8Array {
    const bytes = length === this.#buffer.length ? this.#buffer : this.#buffer.slice(0, length);
    this.#buffer = EMPTY;
    return bytes;
  }
}
