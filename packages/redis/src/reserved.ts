// A connection that a caller has reserved: commands on it see what those before them did to it.

import type { Observation } from "@landline/core";
import type { Lease } from "@landline/core/pool";
import type { Key, Shape } from "./command-types.ts";
import { Talk } from "./conversation.ts";
import type { Flight } from "./flights.ts";
import type { Carrier, Conversation, ShapeOf, TextShape } from "./conversation.ts";
import { Line } from "./line.ts";
import type { Patience } from "./line.ts";
import type { CallOptions } from "./options.ts";
import type { Argument, Command } from "./protocol/messages.ts";
import type { OwnSession } from "./session.ts";
import type { Script } from "./script.ts";

/**
 * A connection of the caller's own. Nothing is sent twice on it; a command that is given up, by a timeout or a signal, ends
 * it, and whatever else is under way on it fails.
 */
export interface Reserved<S extends Shape = TextShape> extends Conversation<S> {
  /** The same connection with other options for the calls made on it. */
  with<const O extends CallOptions>(options: O): Reserved<ShapeOf<O, S>>;
  /**
   * The next `multi()` on this connection is carried out only if these keys do not change before; else it rejects with a
   * `RedisError` whose code is `ABORTED`.
   */
  watch(...keys: [Key, ...Key[]]): Promise<"OK">;
  /** Forgets what is watched. */
  unwatch(): Promise<"OK">;
  /** Gives the connection back; nothing can be said on it any more. Idempotent. */
  release(): void;
}

/** The carrier of a leased connection. */
export class Own implements Carrier {
  readonly own = true;
  readonly scripts: WeakSet<Script> = new WeakSet();
  readonly observation: Observation;
  readonly #lease: Lease<OwnSession>;
  readonly #line: Line;
  readonly #watched: WeakSet<OwnSession>;

  constructor(lease: Lease<OwnSession>, watched: WeakSet<OwnSession>, observation: Observation) {
    this.observation = observation;
    this.#lease = lease;
    this.#line = new Line(lease.resource);
    this.#watched = watched;
  }

  send(flight: Flight, patience: Patience): void {
    if (flight.commands[0]?.[0] === "WATCH") this.#watched.add(this.#lease.resource);
    this.#line.send(flight, patience);
  }

  block(flight: Flight, patience: Patience, milliseconds: number): void {
    const timeout = milliseconds === 0 ? Infinity : milliseconds + patience.timeout;
    this.send(flight, { timeout, signal: patience.signal });
  }

  release(): void {
    this.#line.cut();
    this.#lease.release();
  }
}

/** The conversation behind {@link Reserved}. */
export class ReservedTalk extends Talk<Own> implements AsyncDisposable {
  watch(...keys: Argument[]): Promise<unknown> {
    const command: Command = ["WATCH", ...keys];
    return this.order({ command, facts: undefined });
  }

  unwatch(): Promise<unknown> {
    return this.order({ command: ["UNWATCH"], facts: undefined });
  }

  release(): void {
    this.carrier.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
  }
}
