// What a Worker and its pool object say to each other. Plain data and bytes only: RPC keeps no classes.

import type { ErrorData } from "../error-data.ts";

/** Changes when the two sides could misunderstand each other: they are not always deployed at the same instant. */
export const RPC_VERSION = 2;

/** What comes back for frames. With an error, `bytes` has the whole frames that came before it. */
export interface Reply {
  readonly bytes: Uint8Array;
  readonly error?: ErrorData;
  /** How busy the object is; callers that wait and connections that are lent, for each that there may be. */
  readonly load?: number;
}

/** What comes back for a stream: one of the two. */
export interface StreamReply {
  /** Raw bytes of the server's, until the stream's last ReadyForQuery. */
  readonly readable?: ReadableStream<Uint8Array>;
  readonly error?: ErrorData;
}

/** What comes back for LISTEN: one of the two. */
export interface EarReply {
  readonly ear?: RemoteEar;
  /** Notifications, a line of JSON for each: `[channel, payload, processId]`. */
  readonly readable?: ReadableStream<Uint8Array>;
  readonly error?: ErrorData;
}

/** What comes back for a lease: one of the two. */
export interface LeaseReply {
  readonly lease?: RemoteLease;
  readonly error?: ErrorData;
  readonly load?: number;
}

/** A session with the object: one for each request of a Worker. */
export interface RemoteSession {
  /** Runs a plain query on a connection of its own. `timeout`: milliseconds that the caller gives it. */
  run(id: number, frames: Uint8Array, timeout: number): Promise<Reply>;
  /** Gives a run or a waiting lease up. Settles when nothing can be hit by that any more; with an error when it is not certain. */
  cancel(id: number): Promise<ErrorData | undefined>;
  /** Sets a connection aside. */
  lease(id: number, timeout: number): Promise<LeaseReply>;
  /** A share in the object's connection that listens. */
  hear(): Promise<EarReply>;
  [Symbol.dispose]?(): void;
}

/** A connection that is set aside. */
export interface RemoteLease {
  send(frames: Uint8Array): Promise<Reply>;
  /** Begins a COPY. What answers it comes as a stream. */
  stream(frames: Uint8Array): Promise<StreamReply>;
  /** Goes on with it. Settles when there is room for more; with an error when there is no use in that. */
  write(frames: Uint8Array): Promise<ErrorData | undefined>;
  /** What a stream that broke has broken for. */
  fate(): Promise<ErrorData | undefined>;
  cancel(): Promise<ErrorData | undefined>;
  release(): Promise<void>;
  [Symbol.dispose]?(): void;
}

/** A share in the connection that listens. */
export interface RemoteEar {
  listen(channels: readonly string[]): Promise<ErrorData | undefined>;
  unlisten(channel: string): Promise<void>;
  close(): Promise<void>;
  [Symbol.dispose]?(): void;
}
