// The shared session of Redis over RPC: commands of a tick leave as one call, and the bytes that come back are decoded here.

import { ClosedError } from "@landline/core";
import { ByteWriter } from "@landline/core/bytes";
import {
  encodeCommand,
  NO_PUSHES,
  ReplyDecoder,
  type Exchange,
  type ExchangeSink,
  type FrameWriter,
  type OwnSession,
  type Request,
  type SessionFacts,
} from "@landline/redis/wire";
import { reviveError } from "../error-data.ts";
import { redisErrors } from "./errors.ts";
import type { Reply } from "./rpc.ts";

interface Slot {
  readonly request: Request;
  sink: ExchangeSink | undefined;
  /** Replies still to come. */
  left: number;
}

/** Carries commands to the object. @throws a LandlineError when there is no reply. */
export type Carry = (commands: Uint8Array, count: number) => Promise<Reply>;

const SETTLED = Promise.resolve();
/** A call carries no more: RPC takes 32 MiB. */
const MAX_CALL_BYTES = 16 * 1024 * 1024;

/** Commands to the shared connection of an object. */
export class RemotePipe implements OwnSession {
  /** Without pushes: subscriptions open a session of their own. */
  readonly facts: SessionFacts = { protocol: 2, server: undefined, version: undefined, id: undefined };
  readonly #carry: Carry;
  readonly #writer = new ByteWriter(512);
  readonly #out: FrameWriter;
  #slots: Slot[] = [];
  #count = 0;
  #ended: unknown;
  #open = true;

  constructor(carry: Carry) {
    this.#carry = carry;
    const writer = this.#writer;
    this.#out = { writer, write: (bytes) => writer.bytes(bytes) };
  }

  get alive(): boolean {
    return this.#open;
  }

  exchange(request: Request, sink: ExchangeSink): Exchange {
    const slot: Slot = { request, sink, left: request.commands.length };
    if (!this.#open) {
      sink.fail(new ClosedError("the session has ended", { code: "CLOSED", outcome: "unsent", cause: this.#ended }));
    } else if (request.confirms !== undefined) {
      sink.fail(NO_PUSHES);
    } else {
      if (this.#writer.length > MAX_CALL_BYTES) this.#flush();
      if (this.#slots.length === 0) void SETTLED.then(this.#soon);
      this.#slots.push(slot);
      this.#count += request.commands.length;
      for (const command of request.commands) encodeCommand(command, this.#out);
    }
    return { cancel: () => this.#withdraw(slot) };
  }

  release(): Promise<void> {
    this.#flush();
    this.#open = false;
    return Promise.resolve();
  }

  hangUp(reason: unknown): void {
    this.#ended = reason;
    this.#open = false;
  }

  #soon = (): void => void SETTLED.then(this.#flush);

  #flush = (): void => {
    const slots = this.#slots;
    const writer = this.#writer;
    if (slots.length === 0) return;
    const commands = writer.buffer.slice(0, writer.length);
    const count = this.#count;
    writer.rewind(0);
    this.#slots = [];
    this.#count = 0;
    void deliver(slots, this.#carry(commands, count));
  };

  /** Nothing is written back: what is in the writer goes, and its reply is left out. */
  #withdraw(slot: Slot): boolean {
    slot.sink = undefined;
    return false;
  }
}

/** Never rejects: the sinks are told. */
async function deliver(slots: readonly Slot[], sent: Promise<Reply>): Promise<void> {
  let failure: unknown;
  let at = 0;
  try {
    const { bytes, error } = await sent;
    if (error === undefined) {
      const decoder = new ReplyDecoder();
      decoder.push(bytes, {
        get format() {
          return (slots[Math.min(at, slots.length - 1)] as Slot).request.format;
        },
        reply: (value, inexact) => {
          const slot = slots[at];
          if (slot === undefined) return;
          slot.left--;
          if (slot.left === 0) at++;
          slot.sink?.reply(value, inexact);
        },
        push: () => {},
      });
    } else failure = reviveError(error, redisErrors);
  } catch (error) {
    failure = error;
  }
  if (at === slots.length) return;
  failure ??= new ClosedError("the pool object answered less than it was asked", {
    code: "CONNECTION_LOST",
    outcome: "unknown",
  });
  for (const slot of slots.slice(at)) slot.sink?.fail(failure);
}
