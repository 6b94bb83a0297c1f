// Conversation over a ready Transport: commands of a tick leave as one write, replies are matched to them in order, and
// the order survives whoever stops waiting. A reply that answers no command ends the connection.

import { ClosedError, Deadlines, PoolError, ProtocolError, TimeoutError } from "@landline/core";
import type { Deadline, Transport } from "@landline/core";
import { RedisError } from "./errors.ts";
import { Fifo } from "./fifo.ts";
import { ReplyDecoder } from "./protocol/decoder.ts";
import { encodeCommand } from "./protocol/encoder.ts";
import { DEFAULT_FORMAT } from "./protocol/messages.ts";
import type { Decoder, DecoderLimits, MakeDecoder, Reply, ReplyFormat, ReplySink } from "./protocol/messages.ts";
import { nameKey } from "./session.ts";
import type { Confirmations, Exchange, ExchangeSink, Request, Session, SessionFacts } from "./session.ts";

const DEFAULT_MAX_IN_FLIGHT = 16_384;
const DEFAULT_MAX_WAITING = 100_000;
const DEFAULT_STALL_TIMEOUT = 10_000;
/** Requests wait while the platform has this many bytes still to take. */
const HIGH_WATER_BYTES = 1024 * 1024;

/** Bounds of a {@link Connection}. */
export interface ConnectionOptions {
  /** How many commands may be unanswered before further ones wait unsent. Default 16,384. */
  readonly maxInFlight?: number | undefined;
  /** How many requests may wait unsent; more are refused at once. Default 100,000. */
  readonly maxWaiting?: number | undefined;
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

/** A request in flight or waiting. Without a sink it is a tombstone: its replies are counted and dropped. */
class Slot implements Exchange {
  readonly request: Request;
  sink: ExchangeSink | undefined;
  /** Replies still to come. */
  left: number;
  sent = false;
  stall: Deadline | undefined;
  #withdraw: (slot: Slot) => boolean;

  constructor(request: Request, sink: ExchangeSink, withdraw: (slot: Slot) => boolean) {
    this.request = request;
    this.sink = sink;
    this.left = request.confirms?.names.length ?? request.commands.length;
    this.#withdraw = withdraw;
  }

  cancel(): boolean {
    return this.#withdraw(this);
  }
}

/** The session over `transport`, which the handshake has made ready and which this now owns. */
export class Connection implements Session {
  readonly facts: SessionFacts;
  #transport: Transport;
  #options: ConnectionOptions;
  #decoder: Decoder;
  #sink: ReplySink;
  #deadlines = new Deadlines();
  #inFlight = new Fifo<Slot>();
  /** Commands, not requests. */
  #unanswered = 0;
  /** In order, and left by those that are withdrawn. */
  #waiting = new Set<Slot>();
  #draining = false;
  #released: Promise<void> | undefined;
  #idle: (() => void) | undefined;
  #lost: unknown;

  constructor(transport: Transport, facts: SessionFacts, options: ConnectionOptions = {}) {
    this.#transport = transport;
    this.facts = facts;
    this.#options = options;
    const { limits = {}, decoder = makeDecoder } = options;
    this.#decoder = decoder(limits, options.pushFormat ?? DEFAULT_FORMAT);
    const { subscriber = false, pushFormat = DEFAULT_FORMAT } = options;
    const nextFormat = (): ReplyFormat =>
      subscriber ? pushFormat : (this.#inFlight.first?.request.format ?? DEFAULT_FORMAT);
    this.#sink = {
      get format() {
        return nextFormat();
      },
      reply: (value, inexact) => {
        if (subscriber && Array.isArray(value)) this.#push(value as readonly Reply[]);
        else this.#reply(value, inexact);
      },
      push: (items) => this.#push(items),
      attribute: (attributes) => this.#inFlight.first?.sink?.attributes?.(attributes),
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

  exchange(request: Request, sink: ExchangeSink): Exchange {
    const slot = new Slot(request, sink, this.#withdraw);
    if (!this.alive) {
      sink.fail(closed("unsent", this.#lost));
    } else if (request.confirms !== undefined && this.facts.protocol === 2 && this.#options.subscriber !== true) {
      sink.fail(NO_PUSHES);
    } else if (this.#waiting.size > 0 || this.#congested()) {
      this.#wait(slot);
    } else {
      this.#send(slot);
    }
    return slot;
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
    if (this.#lost === undefined && (this.#inFlight.length > 0 || this.#waiting.size > 0)) {
      await new Promise<void>((resolve) => (this.#idle = resolve));
    }
    this.#deadlines.clear();
    await this.#transport.close();
  }

  #congested(): boolean {
    const { maxInFlight = DEFAULT_MAX_IN_FLIGHT } = this.#options;
    return this.#unanswered >= maxInFlight || this.#transport.backlog >= HIGH_WATER_BYTES;
  }

  #send(slot: Slot): void {
    slot.sent = true;
    this.#inFlight.push(slot);
    this.#unanswered += slot.left;
    for (const command of slot.request.commands) encodeCommand(command, this.#transport);
  }

  #wait(slot: Slot): void {
    const { maxWaiting = DEFAULT_MAX_WAITING } = this.#options;
    if (this.#waiting.size >= maxWaiting) {
      const message = `${maxWaiting} commands are waiting to be sent already; raise maxWaiting, or send less at a time`;
      slot.sink?.fail(new PoolError(message, { code: "POOL_FULL", outcome: "unsent" }));
      return;
    }
    this.#waiting.add(slot);
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    for (const slot of this.#waiting) {
      if (this.#congested()) break;
      this.#waiting.delete(slot);
      this.#send(slot);
    }
    if (this.#waiting.size === 0 || this.#draining || this.#transport.backlog < HIGH_WATER_BYTES) return;
    this.#draining = true;
    void this.#transport.drained().then(() => {
      this.#draining = false;
      if (this.#lost === undefined) this.#sendWaiting();
    });
  }

  #withdraw = (slot: Slot): boolean => {
    if (slot.sink === undefined) return false;
    slot.sink = undefined;
    if (!slot.sent) {
      this.#waiting.delete(slot);
      return true;
    }
    const { stallTimeout = DEFAULT_STALL_TIMEOUT } = this.#options;
    slot.stall = this.#deadlines.guard(stallTimeout, undefined, () => {
      this.abort(
        new TimeoutError(`the server has owed a reply for more than ${stallTimeout} ms; the connection is given up`, {
          code: "TIMEOUT",
          outcome: "unknown",
        }),
      );
    });
    return false;
  };

  #data(chunk: Uint8Array): void {
    this.#decoder.push(chunk, this.#sink);
    if (this.#waiting.size > 0) this.#sendWaiting();
    if (this.#idle !== undefined && this.#inFlight.length === 0 && this.#waiting.size === 0) this.#idle();
  }

  #reply(value: Reply, inexact: RedisError | undefined): void {
    const slot = this.#inFlight.first;
    if (slot === undefined) {
      const message = "the server sent a reply that answers no command; the connection is closed";
      throw new ProtocolError(message, value instanceof RedisError ? { cause: value } : {});
    }
    if (slot.request.confirms !== undefined) {
      if (!(value instanceof RedisError)) throw new ProtocolError("the server answered a subscription with a reply");
      this.#unanswered -= slot.left - 1;
      slot.left = 1;
    }
    this.#answered(slot, value, inexact);
  }

  #answered(slot: Slot, value: Reply, inexact: RedisError | undefined): void {
    this.#unanswered--;
    const last = --slot.left === 0;
    if (last) {
      this.#inFlight.shift();
      slot.stall?.clear();
    }
    const { sink } = slot;
    if (last) slot.sink = undefined;
    if (last || slot.request.confirms === undefined) sink?.reply(value, inexact);
  }

  /** A confirmation is counted for the request at the head, which it belongs to; a push never answers anything else. */
  #push(items: readonly Reply[]): void {
    const slot = this.#inFlight.first;
    if (slot?.request.confirms !== undefined && isConfirmation(items, slot.request.confirms)) {
      this.#answered(slot, null, undefined);
    } else this.#options.onPush?.(items);
  }

  /** The connection is gone: everything that waits is told what became of it. */
  #lose(cause: unknown): void {
    if (this.#lost !== undefined) return;
    this.#lost =
      cause ?? new ClosedError("the server closed the connection", { code: "CONNECTION_LOST", outcome: "unknown" });
    this.#deadlines.clear();
    void this.#transport.close();
    const sent = this.#lost instanceof ProtocolError ? this.#lost : closed("unknown", this.#lost);
    for (let slot = this.#inFlight.shift(); slot !== undefined; slot = this.#inFlight.shift()) fail(slot, sent);
    const unsent = closed("unsent", this.#lost);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const slot of waiting) fail(slot, unsent);
    this.#idle?.();
    this.#options.onLost?.();
  }
}

const makeDecoder: MakeDecoder = (limits, pushFormat) => new ReplyDecoder(limits, pushFormat);

function isName(value: Reply | undefined): value is string | Uint8Array {
  return typeof value === "string" || value instanceof Uint8Array;
}

function isConfirmation([kind, name]: readonly Reply[], { kind: wanted, names }: Confirmations): boolean {
  if (!isName(kind) || !isName(name)) return false;
  return nameKey(kind) === wanted && names.includes(nameKey(name));
}

function fail(slot: Slot, error: unknown): void {
  const { sink } = slot;
  slot.sink = undefined;
  sink?.fail(error);
}

function closed(outcome: "unsent" | "unknown", cause: unknown): ClosedError {
  if (cause === undefined) return new ClosedError("the connection is closed", { code: "CLOSED", outcome });
  const message =
    outcome === "unsent"
      ? "the connection was lost before the command was sent"
      : "the connection was lost before the reply came: the command may or may not have been carried out";
  return new ClosedError(message, { code: "CONNECTION_LOST", outcome, cause });
}
