// What goes back to an unmodified driver: the server's bytes, without the answers to what the pool has put in between, and
// with the answers to what it has left out. Told of every message that calls for an answer, in order.

import { BACKEND, FRONTEND } from "@landline/postgres/wire";
import type { ReplyOutlet } from "./flight.ts";
import { FrameWalker, type FrameSink } from "./frames.ts";

/** A message that was sent: the frames that its answer ends with, or what is answered in the server's place. */
export type Expected = (
  | { readonly kind: "answered"; readonly by: readonly number[] }
  /** As `answered`, and the driver does not hear of it. */
  | { readonly kind: "inserted"; readonly by: readonly number[] }
  | { readonly kind: "left out"; readonly answer: Uint8Array }
  | { readonly kind: "sync" }
  /** By the simple protocol. */
  | { readonly kind: "query" }
) & {
  /** Called once: it was carried out, or not, because something before it or it itself has failed. */
  readonly settled?: (done: boolean) => void;
};

/** What answers each message of a driver. */
export const ANSWERS: ReadonlyMap<number, Expected> = new Map<number, Expected>([
  [FRONTEND.parse, { kind: "answered", by: [BACKEND.parseComplete] }],
  [FRONTEND.bind, { kind: "answered", by: [BACKEND.bindComplete] }],
  [FRONTEND.describe, { kind: "answered", by: [BACKEND.rowDescription, BACKEND.noData] }],
  [
    FRONTEND.execute,
    { kind: "answered", by: [BACKEND.commandComplete, BACKEND.emptyQueryResponse, BACKEND.portalSuspended] },
  ],
  [FRONTEND.close, { kind: "answered", by: [BACKEND.closeComplete] }],
  [FRONTEND.sync, { kind: "sync" }],
  [FRONTEND.query, { kind: "query" }],
]);

/** Where the bytes go. */
export interface DriverSide {
  /** Returns whether there is room for more. */
  write(bytes: Uint8Array): boolean;
  /** The server is ready, and so many syncs are still to be answered. */
  ready(left: number): void;
  /** Nothing is to be answered, or the server waits for data of a COPY: it is the driver's turn. */
  quiet(): void;
  /** A COPY has begun. */
  copying(): void;
}

const LONG = new Set<number>([BACKEND.dataRow, BACKEND.copyData, BACKEND.rowDescription]);
const EMPTY = new Uint8Array(0);

/** The server's bytes on their way to the driver. */
export class WireReplies implements ReplyOutlet, FrameSink {
  readonly #driver: DriverSide;
  readonly #walker = new FrameWalker();
  #expected: Expected[] = [];
  /** After an error, the server ignores everything until a Sync, which the driver has not sent yet. */
  #skipping = false;
  #syncs = 0;
  #chunk: Uint8Array = EMPTY;
  /** From where on the chunk has not been passed on. */
  #from = 0;
  /** Where the frame of the moment begins; negative when that is in a chunk before. */
  #frameAt = -1;
  #type = 0;
  #room = true;
  /** The first part of a short frame that a chunk has cut. */
  #held: Uint8Array = EMPTY;

  constructor(driver: DriverSide) {
    this.#driver = driver;
  }

  /** Syncs that are not answered, simple queries included. */
  get syncs(): number {
    return this.#syncs;
  }

  expect(expected: Expected): void {
    const { kind } = expected;
    if (this.#skipping && kind !== "sync") return expected.settled?.(false);
    this.#skipping = false;
    if (kind === "sync" || kind === "query") this.#syncs++;
    this.#expected.push(expected);
    this.#answerLeftOut();
    if (this.#expected.length === 0) this.#driver.quiet();
  }

  /** Nothing more is passed on: what is still expected will not be carried out, as far as anybody knows. */
  close(): void {
    for (const { settled } of this.#expected.splice(0)) settled?.(false);
  }

  push(chunk: Uint8Array, from: number, to: number): boolean {
    const part = chunk.subarray(from, to);
    this.#chunk = part;
    this.#from = 0;
    this.#frameAt = -1;
    this.#room = true;
    this.#walker.push(part, this);
    this.#rest();
    if (this.#expected.length === 0) this.#driver.quiet();
    return this.#room;
  }

  /** @internal For the walker. */
  begin(at: number): void {
    this.#frameAt = at;
    this.#type = this.#chunk[at] as number;
  }

  /** @internal For the walker. */
  end(type: number, _bytes: Uint8Array, _start: number, _length: number, at: number): void {
    switch (type) {
      case BACKEND.readyForQuery:
        return this.#sync(at);
      case BACKEND.errorResponse:
        this.#failed();
        break;
      case BACKEND.copyInResponse:
        this.#driver.copying();
        this.#driver.quiet();
        return;
      case BACKEND.copyOutResponse:
        return this.#driver.copying();
      default:
        if (!this.#answers(type, at)) return;
    }
    this.#answerLeftOut(at);
  }

  /** Whether this frame, which ends before `at`, is the end of what answers the head of the queue. */
  #answers(type: number, at: number): boolean {
    const [head] = this.#expected;
    if (head === undefined || !("by" in head) || !head.by.includes(type)) return false;
    this.#expected.shift();
    head.settled?.(true);
    if (head.kind === "inserted") this.#swallow(at);
    return true;
  }

  #sync(at: number): void {
    const index = this.#expected.findIndex(endsSegment);
    const over = this.#expected.splice(0, index + 1);
    for (const { settled } of over) settled?.(false);
    if (over.length > 0) this.#syncs--;
    this.#driver.ready(this.#syncs);
    this.#answerLeftOut(at);
  }

  /** What stands before the next Sync is not answered any more. */
  #failed(): void {
    // One of a simple query is followed by its own ReadyForQuery.
    if (this.#expected[0]?.kind === "query") return;
    const index = this.#expected.findIndex(({ kind }) => kind === "sync");
    const skipped = this.#expected.splice(0, index < 0 ? this.#expected.length : index);
    this.#skipping = index < 0;
    for (const { kind, settled } of skipped) {
      if (kind === "query") this.#syncs--;
      settled?.(false);
    }
  }

  /** `at`: where the frame ends that has answered what stood before. */
  #answerLeftOut(at?: number): void {
    for (let [head] = this.#expected; head?.kind === "left out"; [head] = this.#expected) {
      this.#expected.shift();
      if (at !== undefined) this.#pass(at);
      this.#write(head.answer);
    }
  }

  /** Leaves the frame that has just ended out. */
  #swallow(at: number): void {
    if (this.#frameAt >= 0) this.#pass(this.#frameAt);
    this.#held = EMPTY;
    this.#from = at;
  }

  #pass(to: number): void {
    if (this.#held.length > 0) {
      this.#write(this.#held);
      this.#held = EMPTY;
    }
    // A copy: the chunk is borrowed.
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

function endsSegment({ kind }: Expected): boolean {
  return kind === "sync" || kind === "query";
}
