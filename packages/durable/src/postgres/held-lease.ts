// A connection that a transaction or a reservation holds. It is bounded in silence and in length by the object itself, so that
// a caller which dies or forgets it costs a connection for seconds only.

import type { Deadline, Outcome } from "@landline/core";
import { RpcTarget } from "cloudflare:workers";
import { errorData, type ErrorData } from "../error-data.ts";
import type { Backends } from "./backends.ts";
import { durableError, postgresErrors, type DurableError } from "./errors.ts";
import { cancelTenure, reply } from "./replies.ts";
import type { RemoteLease, Reply } from "./rpc.ts";
import type { Tenure } from "./tenure.ts";

/** @internal */
export class HeldLease extends RpcTarget implements RemoteLease {
  readonly #tenure: Tenure;
  readonly #backends: Backends;
  readonly #life: Deadline;
  #silence: Deadline | undefined;
  #over = false;

  constructor(tenure: Tenure, backends: Backends, timeout: number) {
    super();
    const limit = Math.min(timeout, backends.settings.leaseTimeout);
    this.#tenure = tenure;
    this.#backends = backends;
    this.#life = backends.deadlines.guard(limit, undefined, () => this.#end(`it was held for over ${limit} ms`));
    this.#listen();
  }

  async send(frames: Uint8Array): Promise<Reply> {
    this.#silence?.clear();
    try {
      return reply(await this.#tenure.send(frames, { held: true }));
    } catch (error) {
      return { bytes: new Uint8Array(0), error: errorData(error, postgresErrors, "unsent") };
    } finally {
      if (this.#tenure.idle && !this.#over) this.#listen();
    }
  }

  cancel(): Promise<ErrorData | undefined> {
    return cancelTenure(this.#tenure);
  }

  release(): Promise<void> {
    this.#over = true;
    this.#life.clear();
    this.#silence?.clear();
    this.#tenure.finish();
    return Promise.resolve();
  }

  [Symbol.dispose](): void {
    void this.release();
  }

  #listen(): void {
    const { deadlines, settings } = this.#backends;
    this.#silence?.clear();
    this.#silence = deadlines.guard(settings.leaseIdleTimeout, undefined, () => {
      this.#end(`nothing was heard on it for over ${settings.leaseIdleTimeout} ms`);
    });
  }

  #end(why: string): void {
    this.#life.clear();
    this.#silence?.clear();
    this.#over = true;
    this.#tenure.stop((outcome) => expired(why, outcome));
  }
}

function expired(why: string, outcome: Outcome): DurableError {
  return durableError(
    "LEASE_EXPIRED",
    outcome,
    `the pool took its connection back, because ${why}; what was not committed has been rolled back`,
  );
}
