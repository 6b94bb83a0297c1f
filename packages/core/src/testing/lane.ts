// One direction of a proxied connection: reads from one socket, lets the faults happen, writes to the other. Holds a
// bounded number of bytes; what does not fit waits in the kernel, so that back-pressure goes through.

import type { Socket } from "node:net";
import { Cutter, type Faults, type Piece } from "./faults.ts";

const HIGH_WATER_BYTES = 256 * 1024;

/** A chunk on its way: its pieces, and from when on they are due. */
interface Due {
  readonly pieces: Iterator<Piece, void>;
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
  readonly #queue: Due[] = [];
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
    source.on("data", (chunk: Uint8Array) => this.#take(this.#cutter.cut(chunk), chunk.length));
    source.once("end", () => this.#take((["end"] as Piece[]).values(), 0));
    this.#destination.on("drain", () => {
      this.#blocked = false;
      this.#pump();
    });
    // Faults at offset 0 happen without a byte.
    this.#take(this.#cutter.cut(new Uint8Array(0)), 0);
  }

  /** Stops everything. */
  stop(): void {
    this.#over = true;
    this.#queue.length = 0;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }

  #take(pieces: Iterator<Piece, void>, bytes: number): void {
    if (this.#over) return;
    this.#queue.push({ pieces, at: performance.now() + (this.#faults.delay ?? 0) });
    this.#held += bytes;
    if (this.#held > HIGH_WATER_BYTES) this.#source.pause();
    this.#pump();
  }

  /** Passes on the next piece, if it is due, and nothing else is waited for. Each piece is a write in a turn of its own. */
  #pump(): void {
    if (this.#timer !== undefined || this.#immediate !== undefined || this.#blocked || this.#stalled) return;
    for (;;) {
      const due = this.#queue[0];
      if (this.#over || due === undefined) return;
      const now = performance.now();
      const from = Math.max(due.at, this.#free);
      if (from > now) return this.#later(from - now);
      const { done, value: piece } = due.pieces.next();
      if (done !== true) return this.#handle(piece, now);
      this.#queue.shift();
    }
  }

  #handle(piece: Piece, now: number): void {
    if (typeof piece === "string") return this.#event(piece);
    this.#pass(piece, now);
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
