// A borrowed session and what is still running on it: it goes back once the last execution has ended, and only in a state
// that is known and idle.

import type { Lease } from "@landline/core/pool";
import type { Session } from "./session.ts";
import type { Hold, Task } from "./task.ts";

/** One loan of a session. */
export class Loan {
  readonly session: Session;
  readonly #lease: Lease<Session>;
  #running = 0;
  #portals = 0;
  #done = false;
  #returned: (() => void)[] = [];

  constructor(lease: Lease<Session>) {
    this.#lease = lease;
    this.session = lease.resource;
  }

  /** Its session for several tasks in a row. */
  hold(inTransaction: boolean, run: Hold["run"], end: Hold["end"] = () => {}): Hold {
    const portalName = (): string => `landline_${++this.#portals}`;
    return { inTransaction, portalName, run, onRevoke: undefined, end };
  }

  /** Runs a task on the session, behind those before it. */
  run(task: Task, onEnd?: (session: Session | undefined) => void): void {
    this.#running++;
    task.onEnd = (session) => {
      this.#running--;
      onEnd?.(session);
      if (this.#done && this.#running === 0) this.#giveBack();
    };
    task.start(this.session);
  }

  /** No more runs will come. Settles when the session has gone back. */
  finish(): Promise<void> {
    this.#done = true;
    if (this.#running === 0) {
      this.#giveBack();
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#returned.push(resolve));
  }

  #giveBack(): void {
    const { alive, facts } = this.session;
    if (alive && facts.transaction === "I") this.#lease.release();
    else this.#lease.destroy();
    for (const resolve of this.#returned.splice(0)) resolve();
  }
}
