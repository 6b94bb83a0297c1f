// A connection that a transaction or a reservation holds. It is bounded in silence and in length by the object itself, so that
// a caller which dies or forgets it costs a connection for seconds only.

import type { Deadline, Outcome } from "@landline/core";
import { RpcTarget } from "cloudflare:workers";
import { errorData, type ErrorData } from "../error-data.ts";
import type { Backends } from "./backends.ts";
import { durableError, type DurableError } from "../durable-error.ts";
import { postgresErrors } from "./errors.ts";
import { Outlet } from "../outlet.ts";
import { cancelTenure, reply } from "./replies.ts";
import type { RemoteLease, Reply, StreamReply } from "./rpc.ts";
import type { Tenure } from "./tenure.ts";

/** @internal */
export class HeldLease extends RpcTarget implements RemoteLease {
  readonly #tenure: Tenure;
  readonly #backends: Backends;
  readonly #limit: number;
  #life: Deadline;
  #fate: ErrorData | undefined;
  #streaming = false;
  #silence: Deadline | undefined;
  #over = false;

  constructor(tenure: Tenure, backends: Backends, timeout: number) {
    super();
    this.#limit = Math.min(timeout, backends.settings.leaseTimeout);
    this.#tenure = tenure;
    this.#backends = backends;
    this.#life = this.#guard(this.#limit, "held");
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

  stream(frames: Uint8Array): Promise<StreamReply> {
    const outlet = new Outlet({
      pull: () => {
        this.#silence?.clear();
        this.#tenure.resume();
      },
      // It is the caller's turn: to read, or to send what the server asks for.
      pushed: (room) => {
        if (!room || this.#tenure.asking) this.#attend();
      },
      cancel: () => void this.cancel(),
    });
    let landed: ReturnType<Tenure["send"]>;
    try {
      landed = this.#tenure.send(frames, { held: true, outlet });
    } catch (error) {
      return Promise.resolve({ error: errorData(error, postgresErrors, "unsent") });
    }
    this.#streaming = true;
    this.#fate = undefined;
    this.#silence?.clear();
    // A stream takes as long as there is progress, within a bound of its own.
    this.#life.clear();
    this.#life = this.#guard(this.#backends.settings.streamTimeout, "streamed on");
    void landed.then(({ error }) => {
      this.#streaming = false;
      if (error !== undefined) this.#fate = errorData(error, postgresErrors, "unknown");
      // Also when it broke: the caller sees that it is not whole, and asks for its fate. RPC would throw an error where nobody
      // catches it.
      outlet.end();
      if (this.#over) return;
      this.#life.clear();
      this.#life = this.#guard(this.#limit, "held");
      this.#listen();
    });
    return Promise.resolve({ readable: outlet.readable });
  }

  async write(frames: Uint8Array): Promise<ErrorData | undefined> {
    this.#silence?.clear();
    try {
      await this.#tenure.sendOn(frames);
      return undefined;
    } catch (error) {
      return errorData(error, postgresErrors, "unknown");
    } finally {
      if (this.#tenure.asking) this.#attend();
    }
  }

  fate(): Promise<ErrorData | undefined> {
    return Promise.resolve(this.#fate);
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

  #guard(limit: number, what: string): Deadline {
    return this.#backends.deadlines.guard(limit, undefined, () => this.#end(`it was ${what} for over ${limit} ms`));
  }

  /** In a stream, it is the caller's turn. */
  #attend(): void {
    if (!this.#over && this.#streaming) this.#listen();
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
    this.#tenure.expire((outcome) => expired(why, outcome));
  }
}

function expired(why: string, outcome: Outcome): DurableError {
  return durableError(
    "LEASE_EXPIRED",
    outcome,
    `the pool took its connection back, because ${why}; what was not committed has been rolled back`,
  );
}
