// What a Worker and its Redis pool object say to each other. Plain data and bytes only: RPC keeps no classes.

import type { ErrorData } from "../error-data.ts";

/** Changes when the two sides could misunderstand each other: they are not always deployed at the same instant. */
export const RPC_VERSION = 1;

/** What comes back for commands. With an error, nothing of `bytes` is of use. */
export interface Reply {
  readonly bytes: Uint8Array;
  readonly error?: ErrorData;
  /** How busy the object is: commands in flight, for each that there may be. */
  readonly load?: number;
}

/** What the server told about itself. */
export interface Facts {
  readonly protocol: 2 | 3;
  readonly server: string | undefined;
  readonly version: string | undefined;
}

/** What comes back for a lease: all of it, or the error. */
export interface LeaseReply {
  readonly lease?: RemoteLease;
  readonly facts?: Facts;
  /** What the server sends. */
  readonly readable?: ReadableStream<Uint8Array>;
  readonly error?: ErrorData;
}

/** A session with the object: one for each request of a Worker. */
export interface RemoteSession {
  /** Runs `count` commands back to back, on the connection that all share, or where they cannot, on one of their own. */
  run(commands: Uint8Array, count: number, timeout: number): Promise<Reply>;
  /** Sets a connection aside. `subscriber`: for listening, for which it may be silent. */
  lease(timeout: number, subscriber: boolean): Promise<LeaseReply>;
  [Symbol.dispose]?(): void;
}

/** A connection that is set aside. */
export interface RemoteLease {
  /** Settles when there is room for more; with an error when there is no use in that. */
  write(commands: Uint8Array): Promise<ErrorData | undefined>;
  release(): Promise<void>;
  [Symbol.dispose]?(): void;
}
