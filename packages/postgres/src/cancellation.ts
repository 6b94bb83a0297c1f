// The cancellation that is under way on a line, if one is: it ends once its request has been delivered, so that it cannot
// strike any more, and what it was for has ended. Until then nothing may be sent that it could hit.

import type { Deadline, Deadlines } from "@landline/core";
import type { Entry } from "./exchange-queue.ts";
import type { Line } from "./line.ts";

/** Who is told how it ends. */
export interface CancellationEnd {
  /** The line is free again; `entry` is over. */
  settled(entry: Entry): void;
  /** The line cannot be trusted any more. */
  failed(why: string, cause?: unknown): void;
}

/** At most one at a time. */
export class Cancellation {
  /** What it is for. */
  pending: Entry | undefined;
  readonly #line: Line;
  readonly #deadlines: Deadlines;
  readonly #timeout: number;
  readonly #end: CancellationEnd;
  #delivered = false;
  #bound: Deadline | undefined;

  constructor(line: Line, deadlines: Deadlines, timeout: number, end: CancellationEnd) {
    this.#line = line;
    this.#deadlines = deadlines;
    this.#timeout = timeout;
    this.#end = end;
  }

  /** Asks the server to cancel what it is at, which has to be `entry`. */
  begin(entry: Entry): void {
    const { cancel } = this.#line;
    if (cancel === undefined) return this.#end.failed("the server gave no key to cancel with");
    this.pending = entry;
    this.#bound = this.#deadlines.guard(this.#timeout, undefined, () =>
      this.#end.failed("a cancelled query did not end in time"),
    );
    cancel().then(
      () => {
        this.#delivered = true;
        this.settle();
      },
      (cause: unknown) => this.#end.failed("a query could not be cancelled", cause),
    );
  }

  /** Looks whether it is over: when the request is delivered, and when what it is for has ended. */
  settle(): void {
    const entry = this.pending;
    if (entry === undefined || !this.#delivered || entry.due > 0) return;
    this.pending = undefined;
    this.#delivered = false;
    this.#bound?.clear();
    this.#end.settled(entry);
  }
}
