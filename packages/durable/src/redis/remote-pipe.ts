// The shared session of Redis over RPC: commands of a tick leave as one call, and the bytes that come back are decoded here.

import { ClosedError } from "@landline/core";
import { ByteWriter } from "@landline/core/bytes";
import {
  encodeCommand,
  NO_PUSHES,
  ReplyDecoder,
  type Flight,
  type FrameWriter,
  type OwnSession,
  type SessionFacts,
} from "@landline/redis/wire";
import { reviveError } from "../error-data.ts";
import { redisErrors } from "./errors.ts";
import type { Reply } from "./rpc.ts";

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
  #flights: Flight[] = [];
  #count = 0;
  #ended: unknown;
  #open = true;

  constructor(carry: Carry) {
    this.#carry = carry;
    const writer = this.#writer;
    this.#out = { writer, write: (bytes) => writer.bytes(bytes) };
  }

  readonly busy = false;
  /** Nothing is written back: what is in the writer goes. */
  readonly congested = false;

  get alive(): boolean {
    return this.#open;
  }

  exchange(flight: Flight): void {
    const { commands, confirms } = flight;
    flight.left = commands.length;
    if (!this.#open) {
      flight.fail(new ClosedError("the session has ended", { code: "CLOSED", outcome: "unsent", cause: this.#ended }));
    } else if (confirms !== undefined) {
      flight.fail(NO_PUSHES);
    } else {
      if (this.#writer.length > MAX_CALL_BYTES) this.#flush();
      if (this.#flights.length === 0) void SETTLED.then(this.#soon);
      this.#flights.push(flight);
      this.#count += commands.length;
      for (const command of commands) encodeCommand(command, this.#out);
    }
  }

  /** The object does its own waiting. */
  abandon(): void {}

  whenRoom(): void {}

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
    const flights = this.#flights;
    const writer = this.#writer;
    if (flights.length === 0) return;
    const commands = writer.buffer.slice(0, writer.length);
    const count = this.#count;
    writer.rewind(0);
    this.#flights = [];
    this.#count = 0;
    void deliver(flights, this.#carry(commands, count));
  };
}

/** Never rejects: the flights are told. */
async function deliver(flights: readonly Flight[], sent: Promise<Reply>): Promise<void> {
  let failure: unknown;
  let at = 0;
  try {
    const { bytes, error } = await sent;
    if (error === undefined) {
      const decoder = new ReplyDecoder();
      decoder.push(bytes, {
        get format() {
          return (flights[Math.min(at, flights.length - 1)] as Flight).format;
        },
        reply: (value, inexact) => {
          const flight = flights[at];
          if (flight === undefined) return;
          if (--flight.left === 0) at++;
          flight.reply(value, inexact);
        },
        push: () => {},
      });
    } else failure = reviveError(error, redisErrors);
  } catch (error) {
    failure = error;
  }
  if (at === flights.length) return;
  failure ??= new ClosedError("the pool object answered less than it was asked", {
    code: "CONNECTION_LOST",
    outcome: "unknown",
  });
  for (const flight of flights.slice(at)) flight.fail(failure);
}
