// What goes back to an unmodified driver: the server's bytes, without the answers to what the pool has put in between, and
// with the answers to what it has left out. Told of every message that calls for an answer, in order.

import { BACKEND } from "@landline/postgres/wire";
import type { ReplyOutlet } from "./flight.ts";
import { FrameWalker, type FrameSink } from "./frames.ts";

/** A message that was sent: the frames that its answer ends with, or what is answered in the server's place. */
export type Expected =
  | { readonly kind: "answered"; readonly by: readonly number[] }
  /** As `answered`, and the driver does not hear of it. */
  | { readonly kind: "inserted"; readonly by: readonly number[] }
  | { readonly kind: "left out"; readonly answer: Uint8Array }
  | { readonly kind: "sync" };

/** Where the bytes go. */
export interface DriverSide {
  write(bytes: Uint8Array): boolean;
  /** The server is ready, and so many syncs are still to be answered. */
  ready(left: number): void;
}

const LONG = new Set<number>([BACKEND.dataRow, BACKEND.copyData, BACKEND.rowDescription]);

/** The server's bytes on their way to the driver. */
export class WireReplies implements ReplyOutlet, FrameSink {
  readonly #driver: DriverSide;
  readonly #walker = new FrameWalker();
  #expected: Expected[] = [];
  #chunk: Uint8Array = new Uint8Array(0);
  /** From where on the chunk has not been passed on. */
  #from = 0;
  /** Where the frame of the moment begins; negative when that is in a chunk before. */
  #frameAt = -1;
  #type = 0;
  #room = true;
  /** The first part of a short frame that a chunk has cut. */
  #held: Uint8Array = new Uint8Array(0);

  constructor(driver: DriverSide) {
    this.#driver = driver;
  }

  /** Syncs that are not answered. */
  get syncs(): number {
    return this.#expected.filter(({ kind }) => kind === "sync").length;
  }

  expect(expected: Expected): void {
    this.#expected.push(expected);
    this.#answerLeftOut();
  }

  push(chunk: Uint8Array, from: number, to: number): boolean {
    const part = chunk.subarray(from, to);
    this.#chunk = part;
    this.#from = 0;
    this.#frameAt = -1;
    this.#room = true;
    this.#walker.push(part, this);
    this.#rest();
    return this.#room;
  }

  /** @internal For the walker. */
  begin(at: number): void {
    this.#frameAt = at;
    this.#type = this.#chunk[at] as number;
  }

  /** @internal For the walker. */
  end(type: number, _bytes: Uint8Array, _start: number, _length: number, at: number): void {
    const [head] = this.#expected;
    if (type === BACKEND.errorResponse) this.#skipToSync();
    else if (type === BACKEND.readyForQuery) return this.#sync(at);
    else if (head !== undefined && (head.kind === "answered" || head.kind === "inserted") && head.by.includes(type)) {
      this.#expected.shift();
      if (head.kind === "inserted") this.#swallow(at);
    } else return;
    this.#pass(at);
    this.#answerLeftOut();
  }

  #sync(at: number): void {
    const index = this.#expected.findIndex(({ kind }) => kind === "sync");
    this.#expected.splice(0, index + 1);
    this.#pass(at);
    this.#driver.ready(this.syncs);
    this.#answerLeftOut();
  }

  /** What stands before the next sync is not answered any more. */
  #skipToSync(): void {
    const index = this.#expected.findIndex(({ kind }) => kind === "sync");
    if (index > 0) this.#expected.splice(0, index);
    // An error before a driver's Sync has come: what is sent until then is ignored by the server.
    else if (index < 0) this.#expected = [];
  }

  #answerLeftOut(): void {
    for (let [head] = this.#expected; head?.kind === "left out"; [head] = this.#expected) {
      this.#expected.shift();
      this.#write(head.answer);
    }
  }

  /** Leaves the frame that has just ended out. */
  #swallow(at: number): void {
    if (this.#frameAt >= 0) this.#pass(this.#frameAt);
    this.#held = new Uint8Array(0);
    this.#from = at;
  }

  #pass(to: number): void {
    if (this.#held.length > 0) {
      this.#write(this.#held);
      this.#held = new Uint8Array(0);
    }
    if (to > this.#from) this.#write(this.#chunk.slice(this.#from, to));
    this.#from = to;
  }

  /** The end of a chunk: a short frame that is not whole waits, for it may have to be left out. */
  #rest(): void {
    const { length } = this.#chunk;
    if (!this.#walker.midFrame || LONG.has(this.#type)) return this.#pass(length);
    if (this.#frameAt >= 0) this.#pass(this.#frameAt);
    const rest = this.#chunk.slice(this.#from);
    const held = new Uint8Array(this.#held.length + rest.length);
    held.set(this.#held);
    held.set(rest, this.#held.length);
    this.#held = held;
  }

  #write(bytes: Uint8Array): void {
    if (!this.#driver.write(bytes)) this.#room = false;
  }
}
