// An exchange that asks for nothing: once it is answered, everything before it on the session has been.

import type { ByteWriter } from "@landline/core/bytes";
import type { Loan } from "./loan.ts";
import { sync } from "./protocol/encoder.ts";
import type { ReplySink, Request, Session } from "./session.ts";
import type { Task } from "./task.ts";

/** Waits until what is in flight has ended. Never rejects: a session that is gone has nothing in flight. */
export function settle(loan: Loan): Promise<void> {
  return new Promise((resolve) => loan.run(new Fence(resolve)));
}

class Fence implements Request, ReplySink, Task {
  readonly syncs = 1;
  readonly extended = true;
  readonly signal = undefined;
  readonly timeout = undefined;
  onEnd: ((session: Session | undefined) => void) | undefined;
  readonly #done: () => void;

  constructor(done: () => void) {
    this.#done = done;
  }

  start(session: Session): void {
    session.exchange(this, this);
  }

  fail(): void {
    this.end();
  }

  write(writer: ByteWriter): void {
    sync(writer);
  }

  row(): void {}

  message(): void {}

  abandon(): void {}

  end(): void {
    this.onEnd?.(undefined);
    this.#done();
  }
}
