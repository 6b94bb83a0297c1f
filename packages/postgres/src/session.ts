// The port between the client ring and whatever holds a live Postgres session: a connection of this process
// (connection.ts), or a Durable Object that keeps one. The client ring knows nothing of sockets, only of this file.
//
// Whoever implements it does not need a second client: `Conversation` (conversation.ts) is a whole `Session` over
// anything that takes encoded frames and gives back the server's raw bytes.

import type { ByteWriter } from "@landline/core/bytes";
import type { Lease } from "@landline/core/pool";
import type { Listeners } from "./line.ts";
import type { BackendMessage, TransactionStatus } from "./protocol/messages.ts";
import type { Statements } from "./statements.ts";

/** What is known of a session. Changes as the server reports changes. */
export interface SessionFacts {
  /** What the server reported by ParameterStatus: `server_version`, `TimeZone`, … */
  readonly parameters: ReadonlyMap<string, string>;
  /** The status that came with the last ReadyForQuery. Exchanges that are still in flight may change it. */
  readonly transaction: TransactionStatus;
  /** The process id of the backend, where the server told one. */
  readonly processId: number | undefined;
}

/** What the client ring wants said. */
export interface Request {
  /**
   * Writes whole frames. Called once, when the request's turn to be sent has come: at once, or later when the session
   * is held up. What it throws ends the exchange with nothing written.
   */
  write(writer: ByteWriter, session: Session): void;
  /** How many ReadyForQuery answer it: one for each Sync or Query message that `write` writes. At least 1. */
  readonly syncs: number;
  /** Whether a server that has turned to COPY FROM STDIN needs a Sync after CopyFail: true for the extended protocol. */
  readonly extended: boolean;
  /** Gives the exchange up when it aborts. */
  readonly signal: AbortSignal | undefined;
  /** Gives the exchange up after that many milliseconds. */
  readonly timeout: number | undefined;
  /** For a stream: gives it up when the server has kept it waiting for that many milliseconds, however long it has run. */
  readonly silence?: number | undefined;
}

/**
 * Takes what answers one request. The order of calls is `(row | message)* abandon? end`, and `end` always comes.
 * What `row` or `message` throw ends the whole session, as a broken protocol does.
 */
export interface ReplySink {
  /** The body of a DataRow, from its column count on: `bytes[start, end)`, borrowed until this returns. */
  row(bytes: Uint8Array, start: number, end: number): void;
  /** Any other message that answers this request, errorResponse and readyForQuery included. */
  message(message: BackendMessage): void;
  /**
   * The exchange was given up while it was in flight, by the signal, the timeout or {@link Exchange.cancel}: tell the caller
   * `reason` now. Neither `row` nor `message` is called any more; `end` is, once the session's state is known again.
   */
  abandon(reason: unknown): void;
  /**
   * The session is done with this exchange. Without `error` every ReadyForQuery has come; with it the session broke, or
   * nothing was sent (a LandlineError with `outcome`, a TypeError of `write`, or a signal's reason).
   */
  end(error?: unknown): void;
}

/** A request in its place in the queue. */
export interface Exchange {
  /**
   * Gives it up for `reason`. When nothing of it is sent yet, it leaves the queue; else the server is asked to cancel it,
   * provided that nothing else can be hit instead. Does nothing after `end`.
   */
  cancel(reason: unknown): void;
}

/** Takes what answers a COPY. */
export interface StreamSink extends ReplySink {
  /** Whether it has data for a server that asks for them by copyInResponse; else the server is told that there are none. */
  readonly copiesIn: boolean;
  /** The body of a CopyData: `bytes[start, end)`, borrowed until this returns. */
  copyData(bytes: Uint8Array, start: number, end: number): void;
}

/**
 * A COPY in its place in the queue. What is sent before copyInResponse or after an error is dropped. Giving it up makes the
 * server forget what it has of the data.
 */
export interface StreamExchange extends Exchange {
  /** CopyData. The bytes are copied. */
  copyData(bytes: Uint8Array): void;
  /** CopyDone: the server has all of it. */
  copyDone(): void;
  /** Settles once most of what was written has left, or the session is gone. Never rejects. */
  drained(): Promise<void>;
  /** Stops the server's data soon, and in time the server. */
  pause(): void;
  resume(): void;
}

/** One Postgres session, on which requests are answered in the order in which they are made. */
export interface Session {
  readonly facts: SessionFacts;
  /** Statement plans that live on this session, or `undefined` where only unnamed statements are safe. */
  readonly statements: Statements | undefined;
  /** Whether nothing is in flight and no cancellation is pending. */
  readonly idle: boolean;
  /** False once the session is gone; every exchange then ends with an error and outcome `unsent`. */
  readonly alive: boolean;
  /**
   * Queues a request. Never waits for the ones before it: requests are pipelined. `sink.end` may be called before this
   * returns. Never throws.
   */
  exchange(request: Request, sink: ReplySink): Exchange;
  /**
   * Queues a COPY. What is queued behind it is sent once it has ended. Where streams are not possible, it ends with a
   * LandlineError `STREAM_UNSUPPORTED`. Never throws.
   */
  stream(request: Request, sink: StreamSink): StreamExchange;
}

/** How a session is asked for. */
export interface AcquireSession {
  readonly signal?: AbortSignal | undefined;
  /**
   * The loan spans several exchanges, which have to meet the same backend: a transaction, a reservation. Otherwise it is for
   * one exchange, and a pool elsewhere need not be asked before that is on its way. Default `false`.
   */
  readonly hold?: boolean | undefined;
}

/** A session that is in nobody's pool. */
export interface OwnSession {
  readonly session: Session & { readonly listeners: Listeners };
  close(): Promise<unknown>;
}

/** Hears the notifications of channels: a session of its own, or a share in somebody else's. */
export interface Ear {
  readonly alive: boolean;
  /** Resolves once the server listens to all of them; rejects with a LandlineError. */
  listen(channels: readonly string[]): Promise<void>;
  unlisten(channel: string): Promise<void>;
  /** Whether it can still hear: one that cannot comes to its end by that. */
  probe(): Promise<void>;
  close(): Promise<unknown>;
}

/** Whom an {@link Ear} tells. None may throw. */
export interface Hearing {
  notification(channel: string, payload: string, processId: number): void;
  /** The ear is gone. Called once, and not before the ear has been given out. */
  end(cause: unknown): void;
}

/** How much a pool has to do. */
export interface Load {
  /** How many more sessions it could lend: those that are idle, and those that it may still make. */
  readonly spare: number;
  /** How many it is making. */
  readonly coming: number;
  /** How many callers wait. */
  readonly waiting: number;
}

/** Where sessions come from: a pool of connections, or a pool elsewhere. */
export interface Sessions {
  /** Tells its load, where queries of several callers may meet on one session while all are lent. */
  load?(): Load;
  /** Lends a session in transaction status `I`. Rejects with a LandlineError (outcome `unsent`) or the signal's reason. */
  acquire(options: AcquireSession): Promise<Lease<Session>>;
  /** Makes a session apart, for as long as its caller likes. Absent where there can be none. */
  open?(options: { readonly signal?: AbortSignal | undefined }): Promise<OwnSession>;
  /** Instead of listening on a session of {@link open}. */
  hear?(hearing: Hearing, options: { readonly signal?: AbortSignal | undefined }): Promise<Ear>;
  /** Refuses new loans; lets those out come back for `timeout` ms, then ends them. Idempotent, always settles. */
  close(options: { readonly timeout: number }): Promise<void>;
}
