// The port between the client ring and whatever holds a live Redis session: a connection of this process
// (connection.ts), or a Durable Object that keeps one. The client ring knows nothing of sockets, only of this file.

import type { Argument, Command, Reply, ReplyFormat } from "./protocol/messages.ts";
import type { RedisError } from "./errors.ts";

/** What the server told about itself in the handshake. */
export interface SessionFacts {
  readonly protocol: 2 | 3;
  /** `redis`, `valkey`, …; `undefined` where the server speaks RESP2 only. */
  readonly server: string | undefined;
  readonly version: string | undefined;
  /** The server's number of this connection, as CLIENT KILL takes it. */
  readonly id: number | bigint | string | undefined;
}

/** Commands that go out back to back, with nothing in between. Their arguments have been checked. */
export interface Request {
  readonly commands: readonly Command[];
  readonly format: ReplyFormat;
  /**
   * For (un)subscribing, which is no question: it is one command, confirmed by a push of this kind for each name, after
   * which the sink gets `null`; or refused by a reply.
   */
  readonly confirms?: Confirmations;
}

/** The pushes that confirm a command. Names are in the form of {@link nameKey}. */
export interface Confirmations {
  readonly kind: string;
  readonly names: readonly string[];
}

/** Takes what answers one request: one `reply` for each command, in order, unless `fail` ends it before. */
export interface ExchangeSink {
  /** Must not throw. `inexact` is the first integer in the reply that no number can tell. */
  reply(value: Reply, inexact: RedisError | undefined): void;
  /** What the server has told beside the reply that comes next. */
  readonly attributes?: ((attributes: ReadonlyMap<Reply, Reply>) => void) | undefined;
  /** No further reply will come. The error's `outcome` tells whether the commands were sent. */
  fail(error: unknown): void;
}

/** A request in its place in the queue. */
export interface Exchange {
  /**
   * Gives the request up: its sink is called no more. Returns `true` when it was withdrawn before any of it was written;
   * `false` when it is on its way, and its replies will be swallowed in their turn.
   */
  cancel(): boolean;
}

/** One Redis session, on which requests are answered in the order in which they are made. */
export interface Session {
  readonly facts: SessionFacts;
  /** False once the session is gone; every exchange then fails with outcome `unsent`. */
  readonly alive: boolean;
  /** Queues a request. Never waits for those before it; never throws. The sink may be called before this returns. */
  exchange(request: Request, sink: ExchangeSink): Exchange;
  /** Gives the session back, or ends it: what is queued is still answered. Idempotent, always settles. */
  release(): Promise<void>;
}

/** A session that its holder may end at once: a connection of this process, or one elsewhere. */
export interface OwnSession extends Session {
  /** Ends it, in the orderly way; what is in flight fails with `reason` as its cause. */
  hangUp(reason: unknown): void;
}

const utf8 = new TextEncoder();

/** The name of a channel as a key of maps, whatever bytes it has: a character for each. */
export function nameKey(name: Argument): string {
  const bytes = name instanceof Uint8Array ? name : utf8.encode(String(name));
  let key = "";
  for (const byte of bytes) key += String.fromCharCode(byte);
  return key;
}

/** The bytes of a {@link nameKey}. */
export function bytesOf(key: string): Uint8Array {
  return Uint8Array.from(key, (character) => character.charCodeAt(0));
}
