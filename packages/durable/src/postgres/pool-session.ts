// The object's side of a session with one Worker: plain queries and leases, each with a deadline of the object's own. What
// a Worker leaves behind when it goes is cancelled.

import { ClosedError, TimeoutError, type Outcome } from "@landline/core";
import { RpcTarget } from "cloudflare:workers";
import { errorData, type ErrorData } from "../error-data.ts";
import type { Backends } from "./backends.ts";
import type { Ears } from "./ears.ts";
import { postgresErrors } from "./errors.ts";
import { HeldLease } from "./held-lease.ts";
import { cancelTenure, reply } from "./replies.ts";
import type { EarReply, LeaseReply, RemoteSession, Reply } from "./rpc.ts";
import type { Tenure } from "./tenure.ts";

/** What an object has, once it is asked for. */
export interface House {
  readonly backends: Backends;
  readonly ears: Ears;
}

/** Something that a Worker waits for. */
interface Wait {
  /** Leaves the queue for a connection, where there is one: an AbortController is dear. */
  queue: AbortController | undefined;
  tenure: Tenure | undefined;
}

const EMPTY = new Uint8Array(0);

/** @internal */
export class PoolSession extends RpcTarget implements RemoteSession {
  readonly #house: () => House;
  readonly #waits = new Map<number, Wait>();

  constructor(house: () => House) {
    super();
    this.#house = house;
  }

  async run(id: number, frames: Uint8Array, timeout: number): Promise<Reply> {
    const wait = this.#begin(id);
    try {
      const { backends } = this.#house();
      const tenure = await acquire(backends, wait);
      const limit = Math.min(timeout, backends.settings.runTimeout);
      const deadline = backends.deadlines.guard(limit, undefined, () =>
        tenure.expire((outcome) => tooSlow(limit, outcome)),
      );
      try {
        return { ...reply(await tenure.send(frames, { held: false })), load: backends.load };
      } finally {
        deadline.clear();
        tenure.finish();
      }
    } catch (error) {
      return { bytes: EMPTY, error: errorData(error, postgresErrors, "unsent") };
    } finally {
      this.#waits.delete(id);
    }
  }

  async lease(id: number, timeout: number): Promise<LeaseReply> {
    const wait = this.#begin(id);
    try {
      const { backends } = this.#house();
      const tenure = await acquire(backends, wait);
      return { lease: new HeldLease(tenure, backends, timeout), load: backends.load };
    } catch (error) {
      return { error: errorData(error, postgresErrors, "unsent") };
    } finally {
      this.#waits.delete(id);
    }
  }

  async hear(): Promise<EarReply> {
    try {
      return await this.#house().ears.open();
    } catch (error) {
      return { error: errorData(error, postgresErrors, "unsent") };
    }
  }

  async cancel(id: number): Promise<ErrorData | undefined> {
    const wait = this.#waits.get(id);
    if (wait === undefined) return undefined;
    wait.queue?.abort(givenUp("unsent"));
    return cancelTenure(wait.tenure);
  }

  /** The Worker is done, or gone. An optimisation: every wait has its deadline. */
  [Symbol.dispose](): void {
    for (const { queue, tenure } of this.#waits.values()) {
      queue?.abort(givenUp("unsent"));
      tenure?.stop(givenUp);
    }
  }

  #begin(id: number): Wait {
    const wait: Wait = { queue: undefined, tenure: undefined };
    this.#waits.set(id, wait);
    return wait;
  }
}

async function acquire(backends: Backends, wait: Wait): Promise<Tenure> {
  if (backends.busy) wait.queue = new AbortController();
  return (wait.tenure = await backends.acquire(wait.queue?.signal));
}

function givenUp(outcome: Outcome): ClosedError {
  return new ClosedError("the caller gave this query up", { code: "CLOSED", outcome });
}

function tooSlow(limit: number, outcome: Outcome): TimeoutError {
  return new TimeoutError(`the query took over ${limit} ms, which is the most that the pool allows one`, {
    code: "TIMEOUT",
    outcome,
  });
}
