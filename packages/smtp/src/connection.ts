// The conversation over a ready transport: who waits for which reply, and until when. Replies are paired with commands by
// order alone, so everything that could upset the order (a deadline, an abort, an unsolicited reply) ends the connection.

import { ClosedError, Deadlines, ProtocolError, TimeoutError } from "@landline/core";
import type { SocketAddress, Transport } from "@landline/core";
import type { Phase } from "./errors.ts";
import type { Capabilities } from "./protocol/capabilities.ts";
import { ReplyDecoder } from "./protocol/decoder.ts";
import { quit } from "./protocol/encoder.ts";
import { replyText } from "./protocol/messages.ts";
import type { Reply, ReplySink } from "./protocol/messages.ts";
import type { Limits, Request, Session, SessionFacts, StreamRequest } from "./session.ts";

/** A body is written in pieces of this size at most, so that the buffer stays small. */
const PIECE_BYTES = 64 * 1024;
/** Write back-pressure starts here. */
const BACKLOG_BYTES = 64 * 1024;
/** "Service not available, closing transmission channel": may come at any time. */
const CLOSING = 421;

interface Guarded extends Limits {
  readonly phase: Phase;
  /** An abort is nothing to the session. */
  readonly detachable?: boolean;
}

interface Pending {
  remaining: number;
  readonly sink: ReplySink;
  readonly resolve: () => void;
}

/** One server at the other end of one transport. */
export class Connection implements Session {
  transaction = false;
  fresh = false;
  chunkTaken = false;
  inFlight = 0;
  refusals = 0;
  freed: (() => void) | undefined;
  readonly #lmtp: boolean;
  #settled: (() => void)[] = [];
  readonly #transport: Transport;
  readonly #deadlines = new Deadlines();
  readonly #queue: Pending[] = [];
  readonly #rejects = new Set<(reason: unknown) => void>();
  #capabilities: Capabilities;
  #failure: { readonly cause: unknown } | undefined;
  #farewell: Reply | undefined;
  #died: (() => void) | undefined;

  /** Takes over `transport`, from which nothing may be outstanding. */
  constructor(transport: Transport, capabilities: Capabilities, lmtp = false) {
    this.#transport = transport;
    this.#lmtp = lmtp;
    this.#capabilities = capabilities;
    const decoder = new ReplyDecoder();
    const replies: ReplySink = { reply: (reply) => this.#reply(reply) };
    transport.receive({
      data: (chunk) => decoder.push(chunk, replies),
      end: () => this.cancel(this.#closedError()),
      error: (cause) => this.cancel(cause),
    });
  }

  get facts(): SessionFacts {
    return { capabilities: this.#capabilities, secure: this.#transport.info.secure, lmtp: this.#lmtp };
  }

  get alive(): boolean {
    return this.#failure === undefined && this.#farewell === undefined;
  }

  /** Whom this is a connection to. */
  get peer(): SocketAddress {
    return this.#transport.info.address;
  }

  /** Awaits work that the session depends on. @throws what it throws, or what ended the session, if that comes first. */
  during<T>(limits: Guarded, work: () => Promise<T>): Promise<T> {
    return this.#guarded<T>(limits, (resolve, reject) => {
      work().then(resolve, reject);
    });
  }

  /** Replaces what the server offers, after another EHLO. */
  offers(capabilities: Capabilities): void {
    this.#capabilities = capabilities;
  }

  /** Calls `died` once the connection is gone. */
  watch(died: () => void): void {
    this.#died = died;
    if (this.#failure !== undefined) died();
  }

  exchange(request: Request, sink: ReplySink): Promise<void> {
    return this.#guarded(request, (resolve, reject) => {
      if (request.write !== undefined) {
        const { writer } = this.#transport;
        const mark = writer.length;
        try {
          request.write(writer);
        } catch (error) {
          writer.rewind(mark);
          return reject(error);
        }
      }
      this.#queue.push({ remaining: request.replies, sink, resolve });
    });
  }

  async stream(request: StreamRequest, sink: ReplySink): Promise<void> {
    const { source, phase, signal, timeout, replyTimeout: limit, replies } = request;
    const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    const step = <T>(work: () => Promise<T>): Promise<T> => this.during<T>({ timeout, signal, phase }, work);
    let ended = false;
    try {
      for (;;) {
        const { done, value } = await step(async () => iterator.next());
        if (done === true) break;
        for (let start = 0; start < value.length; start += PIECE_BYTES) {
          const remaining = request.push(value.subarray(start, start + PIECE_BYTES), this.#transport.writer) ?? 0;
          if (remaining > 0) this.#queue.push({ remaining, sink, resolve: () => {} });
          if (this.#transport.backlog > BACKLOG_BYTES) await step(() => this.#transport.drained());
        }
        if (request.enough?.() === true) return;
      }
      ended = true;
    } catch (error) {
      // Half a message must never be ended as if it were whole.
      this.cancel(error);
      throw error;
    } finally {
      if (!ended) void dispose(iterator);
    }
    await this.exchange({ phase, signal, timeout: limit, replies, write: (writer) => request.end(writer) }, sink);
  }

  /** Resolves once nothing is waited for any more, or the connection is gone. Never rejects. */
  settled(): Promise<void> {
    if (this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#settled.push(resolve));
  }

  cancel(reason: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { cause: reason };
    this.#deadlines.clear();
    this.#queue.length = 0;
    this.#transport.abort(reason);
    for (const reject of this.#rejects) reject(reason);
    this.#rejects.clear();
    this.#settle();
    this.freed?.();
    this.#died?.();
  }

  async release(): Promise<void> {
    if (this.#failure === undefined) {
      const clean = this.#queue.length === 0 && this.#farewell === undefined;
      if (clean) quit(this.#transport.writer);
      const closing = this.#transport.close();
      const { hostname, port } = this.#transport.info.address;
      this.#failure = {
        cause: new ClosedError(`the connection to ${hostname}:${port} is closed`, {
          code: "CLOSED",
          outcome: "unsent",
        }),
      };
      this.#deadlines.clear();
      for (const reject of this.#rejects) reject(this.#failure.cause);
      this.#rejects.clear();
      await closing;
      return;
    }
    await this.#transport.closed;
  }

  /** A promise that settles whatever happens: by `work`, by the deadline, by the signal, or with the connection. */
  #guarded<T>(
    { timeout, signal, phase, detachable = false }: Guarded,
    work: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#check(signal);
      const deadline = this.#deadlines.guard(timeout, signal, (why) => {
        if (why === "abort" && detachable) fail(signal?.reason);
        else this.cancel(why === "abort" ? signal?.reason : this.#timeoutError(phase, timeout));
      });
      const settle = (): void => {
        deadline.clear();
        this.#rejects.delete(fail);
      };
      const fail = (reason: unknown): void => {
        settle();
        reject(reason as Error);
      };
      this.#rejects.add(fail);
      work((value) => {
        settle();
        resolve(value);
      }, fail);
    });
  }

  /** @throws when there is nothing more to be done here: the signal's reason, or what ended the connection. */
  #check(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure.cause;
  }

  #reply(reply: Reply): void {
    if (reply.code === CLOSING) this.#farewell = reply;
    const pending = this.#queue[0];
    if (pending === undefined) {
      if (reply.code === CLOSING) return this.cancel(this.#closedError());
      throw new ProtocolError(`the server sent a reply that nobody asked for: ${reply.code} ${replyText(reply)}`);
    }
    pending.sink.reply(reply);
    pending.remaining--;
    if (pending.remaining > 0) return;
    this.#queue.shift();
    pending.resolve();
    if (this.#queue.length === 0) this.#settle();
  }

  #settle(): void {
    for (const resolve of this.#settled.splice(0)) resolve();
  }

  #timeoutError(phase: Phase, timeout: number): TimeoutError {
    const hint =
      phase === "greeting" ? ": a server that wants TLS from the first byte says nothing before it (smtps://)" : "";
    const { hostname, port } = this.#transport.info.address;
    return new TimeoutError(`${hostname}:${port} did not go on within ${timeout} ms (phase: ${phase})${hint}`, {
      code: "TIMEOUT",
      outcome: "unknown",
    });
  }

  #closedError(): ClosedError {
    const { hostname, port } = this.#transport.info.address;
    const words = this.#farewell === undefined ? "" : `, saying: ${this.#farewell.code} ${replyText(this.#farewell)}`;
    return new ClosedError(`${hostname}:${port} closed the connection${words}`, {
      code: "CONNECTION_LOST",
      outcome: "unknown",
    });
  }
}

/** Lets a source clean up. What it says to that changes nothing. */
async function dispose(iterator: Iterator<Uint8Array> | AsyncIterator<Uint8Array>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // It is being given up already, for a better reason.
  }
}
