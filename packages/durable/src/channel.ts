// The Worker's side of a session with the pool object, one for each I/O context: calls that always settle. The session is
// opened by the first call, which does not wait for it, and given up when it breaks or is not used for a while.

import { ClosedError, Deadlines, LandlineError, TimeoutError, type Deadline } from "@landline/core";
import type { Shard, Shards } from "./shards.ts";

/** How long an unused session is kept. It would keep the object awake while the caller lives, which may itself be an object. */
const IDLE_TIMEOUT = 5_000;

/** A session, of whatever protocol. */
interface Remote {
  [Symbol.dispose]?(): void;
}

/** A stub of a pool object. */
interface PoolStub<S> {
  openSession(version: number): Promise<S> & S;
}

/** Calls to one object at a time: a session stays with the shard that it was opened with. */
export class Channel<S extends Remote> {
  readonly #shards: Shards;
  readonly #version: number;
  readonly #besides: Channel<S> | undefined;
  /** Of the session of the moment, or the last one. */
  shard: Shard | undefined;
  readonly #deadlines = new Deadlines();
  #session: S | undefined;
  #calls = 0;
  /** Wait for the last call. */
  #retiring: (() => void)[] = [];
  #idle: Deadline | undefined;
  #nextId = 1;

  /**
   * @param version What this side speaks.
   * @param besides A channel whose shard is not to be this one's as well.
   */
  constructor(shards: Shards, version: number, besides?: Channel<S>) {
    this.#shards = shards;
    this.#version = version;
    this.#besides = besides;
  }

  /** A number for a run or a lease, by which it can be given up. */
  nextId(): number {
    return this.#nextId++;
  }

  /**
   * Calls the object, and waits `timeout` ms at most.
   * @throws ClosedError or TimeoutError, both with outcome `unknown`: nobody can tell how far the call came.
   */
  async call<T>(timeout: number, make: (session: S) => Promise<T>): Promise<T> {
    this.#calls++;
    this.#idle?.clear();
    const session = this.#open();
    const told = this.#shards.begin(this.shard as Shard);
    let load: number | undefined;
    try {
      const answer = await this.bounded(timeout, make(session));
      load = (answer as { readonly load?: number } | undefined)?.load;
      return answer;
    } catch (error) {
      if (this.#session === session) this.close();
      throw error;
    } finally {
      told(load);
      if (--this.#calls === 0) this.#rest();
    }
  }

  /** An answer over RPC, with a deadline. @throws as {@link call}. */
  async bounded<T>(timeout: number, answer: Promise<T>): Promise<T> {
    let deadline: Deadline | undefined;
    const late = new Promise<never>((_, reject) => {
      deadline = this.#deadlines.guard(timeout, undefined, () => reject(unanswered(timeout)));
    });
    try {
      return await Promise.race([answer, late]);
    } catch (error) {
      if (error instanceof LandlineError) throw error;
      // What is broken for one call is broken for the session.
      this.close();
      throw lost(error);
    } finally {
      deadline?.clear();
    }
  }

  /** Lets go of the session once the last call has ended, and resolves then. */
  retire(): Promise<void> {
    return new Promise((resolve) => {
      this.#retiring.push(resolve);
      if (this.#calls === 0) this.#rest();
    });
  }

  /** Lets go of the session. The next call opens another one. */
  close(): void {
    const session = this.#session;
    this.#session = undefined;
    this.#idle?.clear();
    session?.[Symbol.dispose]?.();
  }

  /** No call is under way. */
  #rest(): void {
    const retiring = this.#retiring.splice(0);
    if (retiring.length > 0) this.close();
    for (const resolve of retiring) resolve();
    if (this.#session !== undefined) this.#idle = this.#deadlines.guard(IDLE_TIMEOUT, undefined, () => this.close());
  }

  #open(): S {
    if (this.#session !== undefined) return this.#session;
    this.shard = this.#shards.pick(this.#besides?.shard);
    const opening = (this.shard.stub() as PoolStub<S>).openSession(this.#version);
    this.#session = opening;
    opening.then(
      () => {},
      () => {
        if (this.#session === opening) this.#session = undefined;
      },
    );
    return opening;
  }
}

function unanswered(timeout: number): TimeoutError {
  return new TimeoutError(
    `the pool object did not answer within ${timeout} ms, and this may or may not have been carried out`,
    {
      code: "TIMEOUT",
      outcome: "unknown",
    },
  );
}

/** What the platform throws is told apart by properties that not every failure has; all of them leave the same doubt. */
function lost(cause: unknown): ClosedError {
  const { overloaded } = cause as { overloaded?: boolean };
  const why = overloaded === true ? "is overloaded" : "was reset, deployed anew, or could not be reached";
  return new ClosedError(`the pool object ${why} before it answered, and this may or may not have been carried out`, {
    code: "CONNECTION_LOST",
    outcome: "unknown",
    cause,
  });
}
