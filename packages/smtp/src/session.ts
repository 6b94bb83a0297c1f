// The port between the client ring and whatever holds a live SMTP session: a connection of this process (connection.ts),
// or a Durable Object that keeps one. The client ring knows nothing of sockets, only of this file.

import type { ByteWriter } from "@landline/core/bytes";
import type { Phase } from "./errors.ts";
import type { Capabilities } from "./protocol/capabilities.ts";
import type { ReplySink } from "./protocol/messages.ts";

/** What is known of a session. */
export interface SessionFacts {
  /** What the server offers on this connection as it is now. */
  readonly capabilities: Capabilities;
  /** Whether TLS is on. */
  readonly secure: boolean;
  /** Whether the server speaks LMTP (RFC 2033): a message is answered once for each recipient. */
  readonly lmtp: boolean;
}

/** How long, and for whom, an exchange may take. */
export interface Limits {
  /** Milliseconds without an answer, or without progress of a stream, after which the session is given up. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** What the client ring wants said. */
export interface Request extends Limits {
  /** Where in the session this is, for messages. */
  readonly phase: Phase;
  /** Writes whole commands, or none. What it throws ends the exchange with nothing written. */
  write(writer: ByteWriter): void;
  /** How many replies answer them. */
  readonly replies: number;
  /** How many more a 353 among them announces (PRDR). */
  readonly announced?: number | undefined;
  /** An abort rejects this exchange only; the session goes on, and its replies are taken when they come. */
  readonly detachable?: boolean;
}

/** A body that goes out piece by piece and is answered at its end, or also on the way. */
export interface StreamRequest extends Limits {
  readonly phase: Phase;
  readonly source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Writes one piece in its form on the wire. Returns how many replies that calls for at once (nothing: none). */
  push(piece: Uint8Array, writer: ByteWriter): number | void;
  /**
   * Writes the end. From then on the server may have taken the body, and an abort rejects the call only: the session goes
   * on. Never called when the source fails.
   */
  end(writer: ByteWriter): void;
  /** Called when the end is written. */
  written?(): void;
  /** How many replies answer the end. */
  readonly replies: number;
  /** How many more a 353 announces (PRDR). */
  readonly announced?: number | undefined;
  /** Asked after each piece: whether there is no use in going on. Then the end is not written. */
  enough?(): boolean;
  /** Milliseconds for the last reply, once the end is written. */
  readonly replyTimeout: number;
}

/**
 * One SMTP session. Exchanges are answered in the order in which they are made. A session whose state is not known any
 * more (a deadline passed, a signal fired, the peer broke the rules) is dead: nothing is ever paired with a late reply.
 */
export interface Session extends SessionFacts {
  /** False once the session is gone, or the server has said that it will be. */
  readonly alive: boolean;
  /** Whether a mail transaction is open: MAIL was sent, and neither completed nor reset. Kept by who sends. */
  transaction: boolean;
  /** Whether RSET was the last command, and is answered. Kept by who sends. */
  fresh: boolean;
  /** Whether the server has taken a message by BDAT on this session. Kept by who sends. */
  chunkTaken: boolean;
  /** Whole transactions that are written and not yet answered. Kept by who sends. */
  inFlight: number;
  /** Messages that the server has refused on this session. Kept by who sends. */
  refusals: number;
  /** Called when there is one message in flight less. */
  freed: (() => void) | undefined;
  /**
   * Writes commands and gives every reply to the sink, in order; a throw of the sink ends the session. Settles after the
   * last reply, or rejects with what ended the session, or with the signal's reason.
   */
  exchange(request: Request, sink: ReplySink): Promise<void>;
  /** Sends a body with back-pressure. When the source fails the session ends, and this rejects with the source's error. */
  stream(request: StreamRequest, sink: ReplySink): Promise<void>;
  /** Ends the session at once; whatever waits rejects with `reason`. */
  cancel(reason: unknown): void;
  /** Says goodbye and closes, without waiting for an answer. Always settles. */
  release(): Promise<void>;
}
