// The port between the client ring and whatever holds a live Redis session: a connection of this process
// (connection.ts), or a Durable Object that keeps one. The client ring knows nothing of sockets, only of this file.

import type { Flight } from "./flights.ts";
import type { Argument } from "./protocol/messages.ts";

/** What the server told about itself in the handshake. */
export interface SessionFacts {
  readonly protocol: 2 | 3;
  /** `redis`, `valkey`, …; `undefined` where the server speaks RESP2 only. */
  readonly server: string | undefined;
  readonly version: string | undefined;
  /** The server's number of this connection, as CLIENT KILL takes it. */
  readonly id: number | bigint | string | undefined;
}

/**
 * What confirms a command that (un)subscribes: a push of this kind for each name, after which its flight gets `null`. It is
 * refused by a reply. Names are in the form of {@link nameKey}.
 */
export interface Confirmations {
  readonly kind: string;
  readonly names: readonly string[];
}

/** One Redis session, on which flights are answered in the order in which they are sent. */
export interface Session {
  readonly facts: SessionFacts;
  /** False once the session is gone; every flight then fails with outcome `unsent`. */
  readonly alive: boolean;
  /** Whether the peer has so much to take or to answer already that a flight had better wait. */
  readonly congested: boolean;
  /** Sends a flight, behind those before it. Never waits, never throws; the flight may be told before this returns. */
  exchange(flight: Flight): void;
  /** The flight is over, and its replies are still to come: they are waited for, but not for ever. */
  abandon(flight: Flight): void;
  /** Calls `room` once, when the session is congested no more, or gone. The last to ask is the one who is called. */
  whenRoom(room: () => void): void;
  /** Gives the session back, or ends it: what was sent is still answered. Idempotent, always settles. */
  release(): Promise<void>;
}

/** A session that its holder may end at once: a connection of this process, or one elsewhere. */
export interface OwnSession extends Session {
  /** Whether answers are still to come. */
  readonly busy: boolean;
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
