// The exchanges of one session in their order: a list with a moving head, so that taking from the front costs nothing.

import type { Deadline } from "@landline/core";
import type { ReplySink, Request, StreamSink } from "./session.ts";

/** Where an exchange is: not sent, sent, sent and given up, or out of the queue. */
export type Stage = "held" | "sent" | "abandoned" | "over";

/** One exchange. */
export interface Entry {
  readonly request: Request;
  readonly sink: ReplySink;
  /** The sink again, where it is one of a stream: nothing is sent behind that before it has ended. */
  readonly stream: StreamSink | undefined;
  /** Whether the server takes CopyData for it: not yet, now, or not any more. */
  copy: "none" | "in" | "over";
  stage: Stage;
  /** ReadyForQuery that are still to come. */
  due: number;
  /** The flush that its frames leave with. */
  batch: number;
  deadline: Deadline | undefined;
}

/** What lies before the head is cut off once it is this long. */
const CUT_AT = 64;

/** First in, first out. */
export class ExchangeQueue {
  #entries: Entry[] = [];
  #head = 0;

  get length(): number {
    return this.#entries.length - this.#head;
  }

  /** The one whose turn it is, if there is any. */
  get head(): Entry | undefined {
    return this.#entries[this.#head];
  }

  /** The one that is being answered: the head, if it is sent. */
  get answered(): Entry | undefined {
    const head = this.#entries[this.#head];
    return head === undefined || head.stage === "held" ? undefined : head;
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
  }

  /** Drops the head. */
  shift(): void {
    this.#head++;
    if (this.#head === this.#entries.length) {
      this.#entries = [];
      this.#head = 0;
    } else if (this.#head >= CUT_AT && this.#head * 2 >= this.#entries.length) {
      this.#entries.splice(0, this.#head);
      this.#head = 0;
    }
  }

  remove(entry: Entry): void {
    const index = this.#entries.indexOf(entry, this.#head);
    if (index >= 0) this.#entries.splice(index, 1);
  }

  /** Whether anything behind the head is at one of `stages`. */
  followedBy(...stages: readonly Stage[]): boolean {
    return this.#entries.some((entry, index) => index > this.#head && stages.includes(entry.stage));
  }

  /** Empties the queue. */
  takeAll(): Entry[] {
    const entries = this.#entries.slice(this.#head);
    this.#entries = [];
    this.#head = 0;
    return entries;
  }
}
