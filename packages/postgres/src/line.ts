// What a conversation goes over and what it begins with, whoever holds the other end: a connection of this process, or an
// object that keeps one. Types only.

import type { ByteWriter } from "@landline/core/bytes";
import type { ServerReport } from "./errors.ts";
import type { BackendDecoder } from "./protocol/decoder.ts";
import type { Statements } from "./statements.ts";

/** What a conversation goes over. */
export interface Line {
  /** Where frames are written; taking it makes sure that they leave soon. Taken anew for each batch. */
  readonly writer: ByteWriter;
  /**
   * Asks the server to cancel what the session is doing. Settles when the request has been delivered and cannot strike
   * later; rejects when that is not certain. `undefined` where cancelling is not possible.
   */
  readonly cancel: (() => Promise<void>) | undefined;
  /** Back-pressure, for streams. `undefined` where there is none, and so no streams. */
  readonly flow?: Flow | undefined;
  /** Whether requests may be kept back a little so that they leave together. Default: each tick's leave at its end. */
  readonly gathers?: boolean | undefined;
  /** Gives up the line at once. */
  abort(reason: unknown): void;
}

/** Back-pressure both ways; as of core's Transport. */
export interface Flow {
  pause(): void;
  resume(): void;
  drained(): Promise<void>;
}

/** What is heard outside of any exchange. None may throw. */
export interface Listeners {
  notice?(report: ServerReport): void;
  notification?(channel: string, payload: string, processId: number): void;
  /** The session is gone. Called once. */
  end?(cause: unknown): void;
}

/** What the handshake found out. */
export interface SessionStart {
  readonly decoder: BackendDecoder;
  readonly parameters: Map<string, string>;
  readonly processId: number | undefined;
  readonly statements: Statements | undefined;
  /** Milliseconds that a cancelled exchange has to come to its end, before the line is given up. Default 5,000. */
  readonly cancelTimeout?: number;
}
