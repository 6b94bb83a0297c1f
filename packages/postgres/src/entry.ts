// One exchange in its place in a conversation's queue.

import type { Deadline } from "@landline/core";
import type { Exchange, ReplySink, Request, StreamSink } from "./session.ts";

/** Where an exchange is: not sent, sent, sent and given up, or out of the queue. */
export type Stage = "held" | "sent" | "abandoned" | "over";

/** Who has the queue. */
interface Owner {
  giveUp(entry: Entry, reason: unknown): void;
}

/** The exchange, and its caller's hand on it. */
export class Entry implements Exchange {
  readonly request: Request;
  readonly sink: ReplySink;
  /** The sink again, where it is one of a stream: nothing is sent behind that before it has ended. */
  readonly stream: StreamSink | undefined;
  /** Whether the server takes CopyData for it: not yet, now, or not any more. */
  copy: "none" | "in" | "over" = "none";
  stage: Stage = "held";
  /** ReadyForQuery that are still to come. */
  due: number;
  /** The flush that its frames leave with. */
  batch = 0;
  /** When its time is up, as `Date.now()` counts. */
  expires: number = Infinity;
  /** And when at the latest, however much the server has to say, or however often it has to be asked to cancel. */
  limit: number = Infinity;
  /** Hears its signal, where it has one. */
  watch: Deadline | undefined = undefined;
  readonly #owner: Owner;

  constructor(owner: Owner, request: Request, sink: ReplySink, stream?: StreamSink) {
    this.#owner = owner;
    this.request = request;
    this.sink = sink;
    this.stream = stream;
    this.due = request.syncs;
  }

  cancel(reason: unknown): void {
    this.#owner.giveUp(this, reason);
  }
}
