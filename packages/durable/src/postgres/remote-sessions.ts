// Sessions of a pool object, for the client: plain queries borrow without asking, and their run is one call; a transaction or
// a reservation asks for a lease first, and holds one backend.

import { PoolError, type LandlineError } from "@landline/core";
import { ContextLocal, type Lease } from "@landline/core/pool";
import type { AcquireSession, Ear, Hearing, Session, Sessions } from "@landline/postgres/wire";
import { reviveError, type ErrorData } from "../error-data.ts";
import type { Shards } from "../shards.ts";
import { Channel } from "../channel.ts";
import { postgresErrors } from "./errors.ts";
import { hearBy } from "./remote-ear.ts";
import { converseBy } from "./remote-line.ts";
import { RPC_VERSION, type RemoteLease, type RemoteSession, type Reply } from "./rpc.ts";

/** What the object is given to do its own waiting, before its answer counts as missing. */
const GRACE = 15_000;
/** For what takes a round trip. */
const SHORT_TIMEOUT = 10_000;

/** Borrows sessions over RPC. Calls nothing before the first query. */
export class RemoteSessions implements Sessions {
  readonly #channels: ContextLocal<Channels>;
  readonly #runTimeout: number;
  readonly #sharded: boolean;
  #closed = false;

  constructor(shards: Shards, runTimeout: number) {
    this.#channels = new ContextLocal(() => new Channels(shards));
    this.#runTimeout = runTimeout;
    this.#sharded = shards.all.length > 1;
  }

  acquire({ signal, hold = false }: AcquireSession): Promise<Lease<Session>> {
    if (this.#closed) return Promise.reject(closed());
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    return hold ? this.#hold(signal) : Promise.resolve(this.#borrow());
  }

  /** The connections are not ours to close: what is running may end, and the session with the object then does. */
  async close({ timeout }: { readonly timeout: number }): Promise<void> {
    this.#closed = true;
    const channels = this.#channels.peek();
    if (channels === undefined) return;
    const retired = channels.retire();
    if (timeout > 0) await channels.first.bounded(timeout, retired).catch(() => {});
  }

  /** A share in the connection that listens for everybody. */
  async hear(hearing: Hearing): Promise<Ear> {
    if (this.#closed) throw closed();
    const { first } = this.#channels.get();
    const reply = await first.call(this.#runTimeout + GRACE, (session) => session.hear());
    if (reply.error !== undefined) throw reviveError(reply.error, postgresErrors);
    return hearBy(reply, first, hearing);
  }

  /** A session that is a call when it is used, and costs nothing when it is not. */
  #borrow(): Lease<Session> {
    const channels = this.#channels.get();
    const runTimeout = this.#runTimeout;
    let channel = channels.first;
    let id = 0;
    const run = (frames: Uint8Array): Promise<Reply> => {
      id = channel.nextId();
      return channel.call(runTimeout + GRACE, (remote) => remote.run(id, frames, runTimeout));
    };
    const cancel = (): Promise<ErrorData | undefined> => channel.call(SHORT_TIMEOUT, (session) => session.cancel(id));
    const session = converseBy({
      send: async (frames) => {
        const reply = await run(frames);
        // Nothing of it was sent: another shard may have room.
        if (!this.#sharded || !isFull(reply.error)) return reply;
        channel = channels.second;
        return run(frames);
      },
      cancel: async () => throwIf(await cancel()),
      giveUp: () => void cancel().catch(() => {}),
    });
    return leaseOf(session, () => {});
  }

  async #hold(signal: AbortSignal | undefined): Promise<Lease<Session>> {
    const channel = this.#channels.get().first;
    const id = channel.nextId();
    const asked = channel.call(this.#runTimeout + GRACE, (session) => session.lease(id, this.#runTimeout));
    const { lease, error } = await unlessAborted(asked, signal, () => {
      channel.call(SHORT_TIMEOUT, (session) => session.cancel(id)).catch(() => {});
      asked
        .then(async ({ lease: late }) => {
          await late?.release();
          late?.[Symbol.dispose]?.();
        })
        .catch(() => {});
    });
    if (error !== undefined) throw reviveError(error, postgresErrors);
    return this.#held(channel, lease as RemoteLease);
  }

  #held(channel: Channel<RemoteSession>, remote: RemoteLease): Lease<Session> {
    const release = (): void => {
      channel
        .bounded(SHORT_TIMEOUT, remote.release())
        .catch(() => {})
        .finally(() => remote[Symbol.dispose]?.());
    };
    const session = converseBy({
      send: (frames) => channel.bounded(this.#runTimeout + GRACE, remote.send(frames)),
      streams: {
        stream: (frames) => channel.bounded(SHORT_TIMEOUT, remote.stream(frames)),
        write: (frames) => channel.bounded(this.#runTimeout + GRACE, remote.write(frames)),
        fate: () => channel.bounded(SHORT_TIMEOUT, remote.fate()),
      },
      cancel: async () => throwIf(await channel.bounded(SHORT_TIMEOUT, remote.cancel())),
      giveUp: release,
    });
    return leaseOf(session, release);
  }
}

/** The channels of one I/O context: the first takes everything, the second what the first's shard has no room for. */
class Channels {
  readonly first: Channel<RemoteSession>;
  readonly #shards: Shards;
  #second: Channel<RemoteSession> | undefined;

  constructor(shards: Shards) {
    this.#shards = shards;
    this.first = new Channel(shards, RPC_VERSION);
  }

  get second(): Channel<RemoteSession> {
    return (this.#second ??= new Channel(this.#shards, RPC_VERSION, this.first));
  }

  async retire(): Promise<void> {
    await Promise.all([this.first.retire(), this.#second?.retire()]);
  }
}

function isFull(error: ErrorData | undefined): boolean {
  return error?.name === "PoolError" && error.outcome === "unsent";
}

function closed(): PoolError {
  return new PoolError("the pool is closed", { code: "POOL_CLOSED", outcome: "unsent" });
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
