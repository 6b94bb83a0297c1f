// The Worker's side of a session with the pool object, one for each I/O context: calls that always settle. The session is
// opened by the first call, which does not wait for it, and given up when it breaks or is not used for a while.

import { ClosedError, Deadlines, LandlineError, TimeoutError, type Deadline } from "@landline/core";
import { RPC_VERSION, type RemoteSession } from "./rpc.ts";

/** How long an unused session is kept. It would keep the object awake while the caller lives, which may itself be an object. */
const IDLE_TIMEOUT = 5_000;

/** A stub of a pool object. */
export interface PoolStub {
  openSession(version: number): Promise<RemoteSession> & RemoteSession;
}

/** Calls to one object. */
export class Channel {
  readonly #connect: () => PoolStub;
  readonly #deadlines = new Deadlines();
  #session: RemoteSession | undefined;
  #calls = 0;
  /** Wait for the last call. */
  #retiring: (() => void)[] = [];
  #idle: Deadline | undefined;
  #nextId = 1;

  constructor(connect: () => PoolStub) {
    this.#connect = connect;
  }

  /** A number for a run or a lease, by which it can be given up. */
  nextId(): number {
    return this.#nextId++;
  }

  /**
   * Calls the object, and waits `timeout` ms at most.
   * @throws ClosedError or TimeoutError, both with outcome `unknown`: nobody can tell how far the call came.
   */
  async call<T>(timeout: number, make: (session: RemoteSession) => Promise<T>): Promise<T> {
    this.#calls++;
    this.#idle?.clear();
    const session = this.#open();
    try {
      return await this.bounded(timeout, make(session));
    } catch (error) {
      if (this.#session === session) this.close();
      throw error;
    } finally {
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

  #open(): RemoteSession {
    if (this.#session !== undefined) return this.#session;
    const opening = this.#connect().openSession(RPC_VERSION);
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
