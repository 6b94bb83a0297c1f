// One direction of a proxied connection: reads from one socket, lets the faults happen, writes to the other. Holds a
// bounded number of bytes; what does not fit waits in the kernel, so that back-pressure goes through.

import type { Socket } from "node:net";
import { Cutter, type Faults, type Piece } from "./faults.ts";

const HIGH_WATER_BYTES = 256 * 1024;

interface Due {
  readonly piece: Piece;
  readonly at: number;
}

/** What a lane tells the connection. */
export interface LaneEvents {
  /** So many bytes have been passed on. */
  passed(bytes: number): void;
  /** The plan wants the connection reset. */
  reset(): void;
}

/** Moves bytes from `source` to `destination`. */
export class Lane {
  readonly #source: Socket;
  readonly #destination: Socket;
  readonly #faults: Faults;
  readonly #cutter: Cutter;
  readonly #events: LaneEvents;
  #queue: Due[] = [];
  /** Where the queue begins: a shift() for each byte of a long queue would take its square. */
  #head = 0;
  #held = 0;
  /** When the rate allows the next byte. */
  #free = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #immediate: ReturnType<typeof setImmediate> | undefined;
  #blocked = false;
  #stalled = false;
  #over = false;

  constructor(source: Socket, destination: Socket, faults: Faults, events: LaneEvents) {
    this.#source = source;
    this.#destination = destination;
    this.#faults = faults;
    this.#cutter = new Cutter(faults);
    this.#events = events;
  }

  /** Begins to read. */
  start(): void {
    const source = this.#source;
    source.on("data", (chunk: Uint8Array) => this.#take(this.#cutter.cut(chunk)));
    source.once("end", () => this.#take(["end"]));
    this.#destination.on("drain", () => {
      this.#blocked = false;
      this.#pump();
    });
    // Faults at offset 0 happen without a byte.
    this.#take(this.#cutter.cut(new Uint8Array(0)));
  }

  /** Stops everything. */
  stop(): void {
    this.#over = true;
    this.#queue = [];
    this.#head = 0;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }

  #take(pieces: readonly Piece[]): void {
    if (this.#over) return;
    const at = performance.now() + (this.#faults.delay ?? 0);
    for (const piece of pieces) {
      this.#queue.push({ piece, at });
      if (typeof piece !== "string") this.#held += piece.length;
    }
    if (this.#held > HIGH_WATER_BYTES) this.#source.pause();
    this.#pump();
  }

  /** Passes on the next piece, if it is due, and nothing else is waited for. Each piece is a write in a turn of its own. */
  #pump(): void {
    const waiting = this.#timer !== undefined || this.#immediate !== undefined || this.#blocked || this.#stalled;
    const next = this.#queue[this.#head];
    if (this.#over || waiting || next === undefined) return;
    const now = performance.now();
    const from = Math.max(next.at, this.#free);
    if (from > now) return this.#later(from - now);
    this.#head++;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    }
    if (typeof next.piece === "string") return this.#event(next.piece);
    this.#pass(next.piece, now);
    this.#turn(() => this.#turn(() => this.#pump()));
  }

  #pass(bytes: Uint8Array, now: number): void {
    const { bytesPerSecond } = this.#faults;
    if (bytesPerSecond !== undefined) this.#free = Math.max(now, this.#free) + (bytes.length * 1_000) / bytesPerSecond;
    this.#held -= bytes.length;
    this.#events.passed(bytes.length);
    this.#blocked = !this.#destination.write(bytes);
    if (this.#held <= HIGH_WATER_BYTES && this.#source.isPaused()) this.#source.resume();
  }

  #event(event: "stall" | "end" | "reset"): void {
    if (event === "stall") return this.#stall(this.#faults.stallFor);
    if (event === "reset") {
      this.stop();
      return this.#events.reset();
    }
    this.#destination.end();
    // What still comes is of no interest, but must not hold up the sender.
    this.stop();
    this.#source.resume();
  }

  /** Two of them have the loop read sockets in between, so that a receiver in this process gets each piece apart. */
  #turn(then: () => void): void {
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined;
      then();
    });
  }

  #stall(milliseconds: number | undefined): void {
    if (milliseconds === undefined) this.#stalled = true;
    else this.#later(milliseconds);
  }

  #later(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#pump();
    }, milliseconds);
  }
}
