// Conversation over a ready Transport: commands of a tick leave as one write, replies are matched to them in order, and
// the order survives whoever stops waiting. A reply that answers no command ends the connection.

import { ClosedError, Deadlines, ProtocolError, TimeoutError } from "@landline/core";
import type { Transport } from "@landline/core";
import { RedisError } from "./errors.ts";
import type { Flight } from "./flights.ts";
import { Fifo } from "./fifo.ts";
import { ReplyDecoder } from "./protocol/decoder.ts";
import { encodeCommand } from "./protocol/encoder.ts";
import { DEFAULT_FORMAT } from "./protocol/messages.ts";
import type { Decoder, DecoderLimits, MakeDecoder, Reply, ReplyFormat, ReplySink } from "./protocol/messages.ts";
import { nameKey } from "./session.ts";
import type { Confirmations, OwnSession, SessionFacts } from "./session.ts";

const DEFAULT_MAX_IN_FLIGHT = 16_384;
const DEFAULT_STALL_TIMEOUT = 10_000;
/** Flights wait while the platform has this many bytes still to take. */
const HIGH_WATER_BYTES = 1024 * 1024;

/** Bounds of a {@link Connection}. */
export interface ConnectionOptions {
  /** How many commands may be unanswered before further ones wait unsent. Default 16,384. */
  readonly maxInFlight?: number | undefined;
  /** Milliseconds that a reply nobody waits for any more may take before the connection is given up. Default 10,000. */
  readonly stallTimeout?: number | undefined;
  /** Bounds of what the server can make the decoder hold. */
  readonly limits?: Partial<DecoderLimits> | undefined;
  /** Makes what decodes the replies. Default: a {@link ReplyDecoder}. */
  readonly decoder?: MakeDecoder | undefined;
  /** Takes out-of-band messages. What it throws ends the connection. */
  readonly onPush?: ((items: readonly Reply[]) => void) | undefined;
  /** How out-of-band messages are decoded. Default: as text. */
  readonly pushFormat?: ReplyFormat | undefined;
  /** In RESP2: the connection is for subscriptions alone, and all arrays are out-of-band messages. */
  readonly subscriber?: boolean | undefined;
  /** Called once, when the connection is gone. */
  readonly onLost?: (() => void) | undefined;
}

/** Why a connection takes no subscription: in RESP2 it would take no commands any more. */
export const NO_PUSHES: RedisError = new RedisError(
  "ERR a connection that speaks RESP2 cannot be subscribed beside commands",
  {
    outcome: "unsent",
  },
);

/** The session over `transport`, which the handshake has made ready and which this now owns. */
export class Connection implements OwnSession {
  readonly facts: SessionFacts;
  #transport: Transport;
  #options: ConnectionOptions;
  #decoder: Decoder;
  #sink: ReplySink;
  #deadlines = new Deadlines();
  #inFlight = new Fifo<Flight>();
  /** Commands, not flights. */
  #unanswered = 0;
  #room: (() => void) | undefined;
  #draining = false;
  #released: Promise<void> | undefined;
  #idle: (() => void) | undefined;
  #lost: unknown;

  constructor(transport: Transport, facts: SessionFacts, options: ConnectionOptions = {}) {
    this.#transport = transport;
    this.facts = facts;
    this.#options = options;
    const { limits = {}, decoder = makeDecoder, pushFormat = DEFAULT_FORMAT, subscriber = false } = options;
    this.#decoder = decoder(limits, pushFormat);
    const inFlight = this.#inFlight;
    this.#sink = {
      get format() {
        return subscriber ? pushFormat : (inFlight.first?.format ?? DEFAULT_FORMAT);
      },
      reply: (value, inexact) => {
        if (subscriber && Array.isArray(value)) this.#push(value as readonly Reply[]);
        else this.#reply(value, inexact);
      },
      push: (items) => this.#push(items),
      attribute: (attributes) => {
        if (inFlight.first?.over === false) inFlight.first.attributes?.(attributes);
      },
    };
    transport.receive({
      data: (chunk) => this.#data(chunk),
      end: () => this.#lose(undefined),
      error: (cause) => this.#lose(cause),
    });
  }

  get alive(): boolean {
    return this.#lost === undefined && this.#released === undefined;
  }

  get busy(): boolean {
    return this.#inFlight.length > 0;
  }

  get congested(): boolean {
    const { maxInFlight = DEFAULT_MAX_IN_FLIGHT } = this.#options;
    return this.alive && (this.#unanswered >= maxInFlight || this.#transport.backlog >= HIGH_WATER_BYTES);
  }

  exchange(flight: Flight): void {
    const { commands, confirms } = flight;
    flight.left = confirms?.names.length ?? commands.length;
    if (!this.alive) return flight.fail(closed("unsent", this.#lost));
    if (confirms !== undefined && this.facts.protocol === 2 && this.#options.subscriber !== true) {
      return flight.fail(NO_PUSHES);
    }
    this.#inFlight.push(flight);
    this.#unanswered += flight.left;
    for (const command of commands) encodeCommand(command, this.#transport);
  }

  abandon(flight: Flight): void {
    const { stallTimeout = DEFAULT_STALL_TIMEOUT } = this.#options;
    flight.deadline = this.#deadlines.guard(stallTimeout, undefined, () => {
      const message = `the server has owed a reply for more than ${stallTimeout} ms; the connection is given up`;
      this.abort(new TimeoutError(message, { code: "TIMEOUT", outcome: "unknown" }));
    });
  }

  whenRoom(room: () => void): void {
    this.#room = room;
    if (this.#draining || this.#transport.backlog < HIGH_WATER_BYTES) return;
    this.#draining = true;
    void this.#transport.drained().then(() => {
      this.#draining = false;
      this.#tell();
    });
  }

  release(): Promise<void> {
    this.#released ??= this.#end();
    return this.#released;
  }

  /** Ends the connection at once; what is in flight fails with `reason` as its cause. */
  abort(reason: unknown): void {
    this.#transport.abort(reason);
    this.#lose(reason);
  }

  /** As {@link abort}, in the orderly way, which the server hears of at once: workerd does not tell it of an abort. */
  hangUp(reason: unknown): void {
    this.#lose(reason);
  }

  async #end(): Promise<void> {
    if (this.#lost === undefined && this.busy) await new Promise<void>((resolve) => (this.#idle = resolve));
    this.#deadlines.clear();
    await this.#transport.close();
  }

  #data(chunk: Uint8Array): void {
    this.#decoder.push(chunk, this.#sink);
    this.#tell();
  }

  /** Whoever waits for room, or for the last reply. */
  #tell(): void {
    if (this.#room !== undefined && !this.congested) {
      const room = this.#room;
      this.#room = undefined;
      room();
    }
    if (!this.busy) this.#idle?.();
  }

  #reply(value: Reply, inexact: RedisError | undefined): void {
    const flight = this.#inFlight.first;
    if (flight === undefined) {
      const message = "the server sent a reply that answers no command; the connection is closed";
      throw new ProtocolError(message, value instanceof RedisError ? { cause: value } : {});
    }
    if (flight.confirms !== undefined) {
      if (!(value instanceof RedisError)) throw new ProtocolError("the server answered a subscription with a reply");
      this.#unanswered -= flight.left - 1;
      flight.left = 1;
    }
    this.#unanswered--;
    if (--flight.left === 0) this.#inFlight.shift();
    flight.reply(value, inexact);
  }

  /** A confirmation is counted for the flight at the head, which it belongs to; a push never answers anything else. */
  #push(items: readonly Reply[]): void {
    const flight = this.#inFlight.first;
    if (flight?.confirms === undefined || !isConfirmation(items, flight.confirms)) {
      return this.#options.onPush?.(items);
    }
    this.#unanswered--;
    if (--flight.left > 0) return;
    this.#inFlight.shift();
    flight.reply(null, undefined);
  }

  /** The connection is gone: everything that waits is told what became of it. */
  #lose(cause: unknown): void {
    if (this.#lost !== undefined) return;
    this.#lost =
      cause ?? new ClosedError("the server closed the connection", { code: "CONNECTION_LOST", outcome: "unknown" });
    this.#deadlines.clear();
    void this.#transport.close();
    const error = tells(this.#lost) ? this.#lost : closed("unknown", this.#lost);
    for (let flight = this.#inFlight.shift(); flight !== undefined; flight = this.#inFlight.shift()) flight.fail(error);
    this.#tell();
    this.#options.onLost?.();
  }
}

/** Whether a reason says of the flights what became of them: the peer's fault, or their owner's will. */
function tells(reason: unknown): boolean {
  return (
    reason instanceof ProtocolError ||
    (reason instanceof ClosedError && reason.outcome === "unknown" && reason.code === "CLOSED")
  );
}

const makeDecoder: MakeDecoder = (limits, pushFormat) => new ReplyDecoder(limits, pushFormat);

function isName(value: Reply | undefined): value is string | Uint8Array {
  return typeof value === "string" || value instanceof Uint8Array;
}

function isConfirmation([kind, name]: readonly Reply[], { kind: wanted, names }: Confirmations): boolean {
  return isName(kind) && isName(name) && nameKey(kind) === wanted && names.includes(nameKey(name));
}

function closed(outcome: "unsent" | "unknown", cause: unknown): ClosedError {
  if (cause === undefined) return new ClosedError("the connection is closed", { code: "CLOSED", outcome });
  const message =
    outcome === "unsent"
      ? "the connection was lost before the command was sent"
      : "the connection was lost before the reply came: the command may or may not have been carried out";
  return new ClosedError(message, { code: "CONNECTION_LOST", outcome, cause });
}
