// The exchanges of one session in their order, those that are sent before those that are not: a list with a moving head, so
// that taking from the front costs nothing.

import type { Entry } from "./entry.ts";

/** What lies before the head is cut off once it is this long. */
const CUT_AT = 64;

/** First in, first out. */
export class ExchangeQueue {
  /** How many are sent, the head first. */
  sent = 0;
  #entries: Entry[] = [];
  #head = 0;

  get length(): number {
    return this.#entries.length - this.#head;
  }

  /** The one that is being answered: the head, if it is sent. */
  get answered(): Entry | undefined {
    return this.sent > 0 ? this.#entries[this.#head] : undefined;
  }

  /** The first that is not sent. */
  get held(): Entry | undefined {
    return this.#entries[this.#head + this.sent];
  }

  get all(): Entry[] {
    return this.#entries.slice(this.#head);
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
  }

  /** Drops the head, which is answered. */
  shift(): void {
    this.sent--;
    this.#head++;
    if (this.#head < CUT_AT && this.length > 0) return;
    if (this.#head * 2 < this.#entries.length) return;
    this.#entries = this.all;
    this.#head = 0;
  }

  /** Takes out one that is not sent. */
  remove(entry: Entry): void {
    this.#entries.splice(this.#entries.indexOf(entry, this.#head), 1);
  }

  /** Empties the queue. */
  takeAll(): Entry[] {
    const entries = this.all;
    this.#entries = [];
    this.#head = 0;
    this.sent = 0;
    return entries;
  }
}
