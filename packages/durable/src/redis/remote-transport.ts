// A leased connection of an object as a Transport: bytes come by a stream, and go by calls. What a Connection of
// @landline/redis asks of a transport, and no more.

import { ClosedError, type Transport, type TransportSink } from "@landline/core";
import { ByteWriter } from "@landline/core/bytes";
import { reviveError } from "../error-data.ts";
import { Inlet } from "../inlet.ts";
import { redisErrors } from "./errors.ts";
import type { RemoteLease } from "./rpc.ts";

/** What carries a lease's calls. */
export interface LeaseCalls {
  /** Bounds an answer over RPC. */
  bounded<T>(timeout: number, answer: Promise<T>): Promise<T>;
}

const WRITE_TIMEOUT = 30_000;
const RELEASE_TIMEOUT = 10_000;
const LOW_WATER_BYTES = 64 * 1024;
const SETTLED = Promise.resolve();

/** The parts of a transport that a Connection uses. */
export class RemoteTransport implements Pick<Transport, "receive" | "write" | "backlog"> {
  readonly #lease: RemoteLease;
  readonly #calls: LeaseCalls;
  readonly #readable: ReadableStream<Uint8Array>;
  readonly #writer = new ByteWriter(512);
  #inlet: Inlet | undefined;
  #sink: TransportSink | undefined;
  #scheduled = false;
  #unanswered = 0;
  #drains: (() => void)[] = [];
  #over = false;

  constructor(lease: RemoteLease, readable: ReadableStream<Uint8Array>, calls: LeaseCalls) {
    this.#lease = lease;
    this.#readable = readable;
    this.#calls = calls;
  }

  /** As a Transport: for who uses these parts alone. */
  get transport(): Transport {
    return this as unknown as Transport;
  }

  get writer(): ByteWriter {
    if (!this.#scheduled) {
      this.#scheduled = true;
      void SETTLED.then(this.#soon);
    }
    return this.#writer;
  }

  get backlog(): number {
    return this.#unanswered + this.#writer.length;
  }

  receive(sink: TransportSink): void {
    this.#sink = sink;
    this.#inlet = new Inlet(this.#readable, {
      data: (chunk) => sink.data(chunk),
      over: (failure) => {
        if (failure === undefined) this.#end(() => sink.end());
        else this.#end(() => sink.error(lost(failure.error)));
      },
    });
  }

  write(bytes: Uint8Array): void {
    this.writer.bytes(bytes);
  }

  drained(): Promise<void> {
    if (this.#over || this.#unanswered <= LOW_WATER_BYTES) return SETTLED;
    return new Promise((resolve) => this.#drains.push(resolve));
  }

  abort(reason: unknown): void {
    this.#end(() => {});
    this.#inlet?.cancel(reason);
  }

  async close(): Promise<unknown> {
    this.#flush();
    this.abort(new Error("the connection was given back"));
    await this.#calls.bounded(RELEASE_TIMEOUT, this.#lease.release()).catch(() => {});
    this.#lease[Symbol.dispose]?.();
    return undefined;
  }

  #soon = (): void => void SETTLED.then(this.#flush);

  #flush = (): void => {
    this.#scheduled = false;
    const writer = this.#writer;
    if (writer.length === 0 || this.#over) return;
    const commands = writer.buffer.slice(0, writer.length);
    writer.rewind(0);
    this.#unanswered += commands.length;
    void this.#send(commands);
  };

  async #send(commands: Uint8Array): Promise<void> {
    try {
      const error = await this.#calls.bounded(WRITE_TIMEOUT, this.#lease.write(commands));
      if (error !== undefined) this.#fail(reviveError(error, redisErrors));
    } catch (error) {
      this.#fail(error);
    }
    this.#unanswered -= commands.length;
    if (this.#unanswered <= LOW_WATER_BYTES) for (const resolve of this.#drains.splice(0)) resolve();
  }

  #fail(error: unknown): void {
    this.#end(() => this.#sink?.error(error));
    this.#inlet?.cancel(error);
  }

  #end(tell: () => void): void {
    if (this.#over) return;
    this.#over = true;
    for (const resolve of this.#drains.splice(0)) resolve();
    tell();
  }
}

function lost(cause: unknown): ClosedError {
  return new ClosedError("the pool object was reset, or could not be reached any more", {
    code: "CONNECTION_LOST",
    outcome: "unknown",
    cause,
  });
}
