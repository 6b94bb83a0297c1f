// What a Worker and its pool object say to each other. Plain data and bytes only: RPC keeps no classes.

import type { ErrorData } from "../error-data.ts";

/** Changes when the two sides could misunderstand each other: they are not always deployed at the same instant. */
export const RPC_VERSION = 1;

/** What comes back for frames. With an error, `bytes` has the whole frames that came before it. */
export interface Reply {
  readonly bytes: Uint8Array;
  readonly error?: ErrorData;
}

/** What comes back for a lease: one of the two. */
export interface LeaseReply {
  readonly lease?: RemoteLease;
  readonly error?: ErrorData;
}

/** A session with the object: one for each request of a Worker. */
export interface RemoteSession {
  /** Runs a plain query on a connection of its own. `timeout`: milliseconds that the caller gives it. */
  run(id: number, frames: Uint8Array, timeout: number): Promise<Reply>;
  /** Gives a run or a waiting lease up. Settles when nothing can be hit by that any more; with an error when it is not certain. */
  cancel(id: number): Promise<ErrorData | undefined>;
  /** Sets a connection aside. */
  lease(id: number, timeout: number): Promise<LeaseReply>;
  [Symbol.dispose]?(): void;
}

/** A connection that is set aside. */
export interface RemoteLease {
  send(frames: Uint8Array): Promise<Reply>;
  cancel(): Promise<ErrorData | undefined>;
  release(): Promise<void>;
  [Symbol.dispose]?(): void;
}
