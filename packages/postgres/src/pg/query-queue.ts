// The queries of a Client, in order: one at a time, the next when the server is ready; or in a pipeline, all at once, and their
// answers in order.

import type { Connection } from "./connection.ts";
import { guarded } from "./emitter.ts";
import type { Handlers } from "./query.ts";

/** A queue in front of one connection. */
export class QueryQueue {
  readonly #connection: Connection;
  readonly #pipeline: boolean;
  readonly #drained: () => void;
  #active: Handlers | undefined;
  #waiting: Handlers[] = [];
  /** In a pipeline: what has been sent and is not being answered yet. */
  #sent: Handlers[] = [];
  /** The connection is there, and not broken. */
  #open = false;
  #ready = false;
  #worked = false;

  constructor(connection: Connection, pipeline: boolean, drained: () => void) {
    this.#connection = connection;
    this.#pipeline = pipeline;
    this.#drained = drained;
  }

  /** What is being answered. */
  get active(): Handlers | undefined {
    return this.#active;
  }

  /** What has not been sent. */
  get waiting(): Handlers[] {
    return [...this.#waiting];
  }

  get busy(): boolean {
    return this.#active !== undefined || this.#sent.length > 0 || this.#waiting.length > 0;
  }

  /** The server is ready for the first. */
  start(): void {
    this.#open = true;
    this.#ready = true;
    this.#pulse();
  }

  push(query: Handlers): void {
    this.#waiting.push(query);
    this.#pulse();
  }

  /** Takes out one that has not been sent. @returns whether it was there. */
  drop(query: Handlers): boolean {
    const index = this.#waiting.indexOf(query);
    if (index >= 0) this.#waiting.splice(index, 1);
    return index >= 0;
  }

  /** What is being answered has an error, and hears nothing more. */
  take(): Handlers | undefined {
    const query = this.#active;
    this.#active = undefined;
    return query;
  }

  /** The server is ready for the next. */
  answered(): void {
    const query = this.take();
    this.#ready = true;
    if (query !== undefined) guarded(() => query.handleReadyForQuery?.(this.#connection));
    this.#pulse();
  }

  fail(query: Handlers, error: Error): void {
    queueMicrotask(() => guarded(() => query.handleError?.(error, this.#connection)));
  }

  /** Nothing is sent any more, and everything that waits fails. */
  close(error: Error): void {
    this.#open = false;
    const queries = [this.take(), ...this.#sent.splice(0), ...this.#waiting.splice(0)];
    for (const query of queries) if (query !== undefined) this.fail(query, error);
  }

  #pulse(): void {
    if (!this.#open) return;
    if (this.#pipeline) this.#sendAll();
    else if (this.#ready) this.#sendNext();
  }

  #sendNext(): void {
    const query = this.#waiting.shift();
    this.#active = query;
    if (query === undefined) {
      if (this.#worked) this.#drained();
      return;
    }
    this.#ready = false;
    this.#worked = true;
    const refused = query.submit(this.#connection);
    if (!(refused instanceof Error)) return;
    queueMicrotask(() => {
      this.#active = undefined;
      guarded(() => query.handleError?.(refused, this.#connection));
      this.#ready = true;
      this.#pulse();
    });
  }

  #sendAll(): void {
    for (const query of this.#waiting.splice(0)) {
      this.#worked = true;
      const refused = query.submit(this.#connection);
      if (refused instanceof Error) this.fail(query, refused);
      else this.#sent.push(query);
    }
    if (this.#ready && this.#active === undefined && this.#sent.length > 0) {
      this.#active = this.#sent.shift();
      this.#ready = false;
    }
    if (this.#active === undefined && this.#sent.length === 0 && this.#worked) this.#drained();
  }
}
