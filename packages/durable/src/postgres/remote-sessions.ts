// Sessions of a pool object, for the client: plain queries borrow without asking, and their run is one call; a transaction or
// a reservation asks for a lease first, and holds one backend.

import { PoolError, type LandlineError } from "@landline/core";
import { ContextLocal, type Lease } from "@landline/core/pool";
import type { AcquireSession, Session, Sessions } from "@landline/postgres/wire";
import { reviveError, type ErrorData } from "../error-data.ts";
import { Channel, type PoolStub } from "./channel.ts";
import { postgresErrors } from "./errors.ts";
import { converseBy } from "./remote-line.ts";
import type { RemoteLease } from "./rpc.ts";

/** What the object is given to do its own waiting, before its answer counts as missing. */
const GRACE = 15_000;
/** For what takes a round trip. */
const SHORT_TIMEOUT = 10_000;

/** Borrows sessions over RPC. Calls nothing before the first query. */
export class RemoteSessions implements Sessions {
  readonly #channels: ContextLocal<Channel>;
  readonly #runTimeout: number;
  #closed = false;

  constructor(connect: () => PoolStub, runTimeout: number) {
    this.#channels = new ContextLocal(() => new Channel(connect));
    this.#runTimeout = runTimeout;
  }

  acquire({ signal, hold = false }: AcquireSession): Promise<Lease<Session>> {
    if (this.#closed)
      return Promise.reject(new PoolError("the pool is closed", { code: "POOL_CLOSED", outcome: "unsent" }));
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    return hold ? this.#hold(signal) : Promise.resolve(this.#borrow());
  }

  /** The connections are not ours to close: what is running may end, and the session with the object then does. */
  async close({ timeout }: { readonly timeout: number }): Promise<void> {
    this.#closed = true;
    const channel = this.#channels.peek();
    if (channel === undefined) return;
    const retired = channel.retire();
    if (timeout > 0) await channel.bounded(timeout, retired).catch(() => {});
  }

  /** A session that is a call when it is used, and costs nothing when it is not. */
  #borrow(): Lease<Session> {
    const channel = this.#channels.get();
    const runTimeout = this.#runTimeout;
    let id = 0;
    const cancel = (): Promise<ErrorData | undefined> => channel.call(SHORT_TIMEOUT, (session) => session.cancel(id));
    const session = converseBy({
      send: (frames) => {
        id = channel.nextId();
        return channel.call(runTimeout + GRACE, (remote) => remote.run(id, frames, runTimeout));
      },
      cancel: async () => throwIf(await cancel()),
      giveUp: () => void cancel().catch(() => {}),
    });
    return leaseOf(session, () => {});
  }

  async #hold(signal: AbortSignal | undefined): Promise<Lease<Session>> {
    const channel = this.#channels.get();
    const id = channel.nextId();
    const asked = channel.call(this.#runTimeout + GRACE, (session) => session.lease(id, this.#runTimeout));
    const { lease, error } = await unlessAborted(asked, signal, () => {
      channel.call(SHORT_TIMEOUT, (session) => session.cancel(id)).catch(() => {});
      asked.then((late) => late.lease?.release()).catch(() => {});
    });
    if (error !== undefined) throw reviveError(error, postgresErrors);
    return this.#held(channel, lease as RemoteLease);
  }

  #held(channel: Channel, remote: RemoteLease): Lease<Session> {
    const release = (): void => {
      channel
        .bounded(SHORT_TIMEOUT, remote.release())
        .catch(() => {})
        .finally(() => remote[Symbol.dispose]?.());
    };
    const session = converseBy({
      send: (frames) => channel.bounded(this.#runTimeout + GRACE, remote.send(frames)),
      cancel: async () => throwIf(await channel.bounded(SHORT_TIMEOUT, remote.cancel())),
      giveUp: release,
    });
    return leaseOf(session, release);
  }
}

function leaseOf(resource: Session, end: () => void): Lease<Session> {
  let over = false;
  const once = (): void => {
    if (over) return;
    over = true;
    end();
  };
  return {
    resource,
    release: once,
    destroy: once,
    [Symbol.asyncDispose]: () => Promise.resolve(once()),
  };
}

function throwIf(error: ErrorData | undefined): void {
  if (error !== undefined) throw reviveError(error, postgresErrors) satisfies LandlineError;
}

/** `work`, unless the signal is faster; then `abandon` is called. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined, abandon: () => void): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason as Error);
      abandon();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
