// The conversation over a ready transport: who waits for which reply, and until when. Replies are paired with commands by
// order alone, so everything that could upset the order (a deadline, an abort, an unsolicited reply) ends the connection.

import { ClosedError, Deadlines, ProtocolError, TimeoutError } from "@landline/core";
import type { SocketAddress, Transport } from "@landline/core";
import type { Phase } from "./errors.ts";
import { parseCapabilities } from "./protocol/capabilities.ts";
import type { Capabilities } from "./protocol/capabilities.ts";
import { ReplyDecoder } from "./protocol/decoder.ts";
import { command } from "./protocol/encoder.ts";
import { replyText } from "./protocol/messages.ts";
import type { Reply, ReplySink } from "./protocol/messages.ts";
import type { Limits, Request, Session, StreamRequest } from "./session.ts";

/** A body is written in pieces of this size at most, so that the buffer stays small. */
const PIECE_BYTES = 64 * 1024;
/** Write back-pressure starts here. */
const BACKLOG_BYTES = 64 * 1024;
/** "Service not available, closing transmission channel": may come at any time. */
const CLOSING = 421;
/** PRDR: replies for single recipients follow. */
const ANNOUNCING = 353;

interface Guarded extends Limits {
  readonly phase: Phase;
  /** An abort is nothing to the session. */
  readonly detachable?: boolean;
}

interface Pending {
  remaining: number;
  announced: number;
  readonly sink: ReplySink;
  resolve?: () => void;
  /** Whoever asked has aborted: the session ends once it is the turn of this. */
  given?: { readonly up: unknown };
}

/** One server at the other end of one transport. */
export class Connection implements Session {
  transaction = false;
  fresh = false;
  chunkTaken = false;
  inFlight = 0;
  refusals = 0;
  freed: (() => void) | undefined;
  /** Replaced after each EHLO. */
  capabilities: Capabilities = parseCapabilities([]);
  readonly lmtp: boolean;
  #settled: (() => void)[] = [];
  readonly #transport: Transport;
  readonly #deadlines = new Deadlines();
  readonly #queue: Pending[] = [];
  /** How many replies the chunk that is being read may still bring. */
  #due = 0;
  readonly #rejects = new Set<(reason: unknown) => void>();
  #failure: { readonly cause: unknown } | undefined;
  #farewell: Reply | undefined;
  #retired = false;
  #died: (() => void) | undefined;

  /** Takes over `transport`, from which nothing may be outstanding. */
  constructor(transport: Transport, lmtp = false) {
    this.#transport = transport;
    this.lmtp = lmtp;
    const decoder = new ReplyDecoder();
    const replies: ReplySink = { reply: (reply) => this.#reply(reply) };
    transport.receive({
      data: (chunk) => {
        // What is written while a chunk is read cannot be answered in it.
        this.#due = 0;
        for (const { remaining } of this.#queue) this.#due += remaining;
        decoder.push(chunk, replies);
      },
      end: () => this.cancel(this.#closedError()),
      error: (cause) => this.cancel(cause),
    });
  }

  get secure(): boolean {
    return this.#transport.info.secure;
  }

  get alive(): boolean {
    return this.#failure === undefined && this.#farewell === undefined && !this.#retired;
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

  /** Calls `died` once the connection is gone. */
  watch(died: () => void): void {
    this.#died = died;
    if (this.#failure !== undefined) died();
  }

  exchange(request: Request, sink: ReplySink): Promise<void> {
    const pending: Pending = { remaining: request.replies, announced: request.announced ?? 0, sink };
    const work = (resolve: () => void, reject: (reason: unknown) => void): void => {
      const { writer } = this.#transport;
      const mark = writer.length;
      try {
        request.write(writer);
      } catch (error) {
        writer.rewind(mark);
        return reject(error);
      }
      pending.resolve = resolve;
      this.#queue.push(pending);
    };
    return this.#guarded(request, work, pending);
  }

  async stream(request: StreamRequest, sink: ReplySink): Promise<void> {
    const { source, signal, push, end: write, enough, written } = request;
    const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    let ended = false;
    try {
      for (;;) {
        this.#check(signal);
        // What is in memory is not waited for.
        const next = iterator.next();
        const { done, value } = "then" in next ? await this.during(request, () => next) : next;
        if (done === true) break;
        for (let start = 0; start < value.length; start += PIECE_BYTES) {
          const remaining = push(value.subarray(start, start + PIECE_BYTES), this.#transport.writer) ?? 0;
          if (remaining > 0) this.#queue.push({ remaining, announced: 0, sink });
          if (this.#transport.backlog > BACKLOG_BYTES) await this.during(request, () => this.#transport.drained());
        }
        if (enough?.() === true) return;
      }
      // Behind this nothing keeps the end from being written; before it the session is in the middle of a message.
      this.#check(signal);
      ended = true;
    } catch (error) {
      // Half a message must never be ended as if it were whole.
      this.cancel(error);
      throw error;
    } finally {
      // A source may clean up. What it says to that changes nothing.
      if (!ended) (async () => iterator.return?.())().catch(() => {});
    }
    const answered = this.exchange({ ...request, timeout: request.replyTimeout, write, detachable: true }, sink);
    if (this.alive) written?.();
    await answered;
  }

  /** Resolves once nothing is waited for any more, or the connection is gone. Never rejects. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#queue.length === 0) return resolve();
      this.#settled.push(resolve);
    });
  }

  cancel(reason: unknown): void {
    if (this.#failure !== undefined) return;
    this.#transport.abort(reason);
    this.#end(reason);
    this.freed?.();
    this.#died?.();
  }

  async release(): Promise<void> {
    if (this.#failure === undefined) {
      if (this.#queue.length === 0 && this.alive) command(this.#transport.writer, "QUIT");
      const closing = this.#transport.close();
      this.#end(new ClosedError(`the connection to ${this.#where} is closed`, { code: "CLOSED", outcome: "unsent" }));
      await closing;
    }
    await this.#transport.closed;
  }

  #end(cause: unknown): void {
    this.#failure = { cause };
    this.#deadlines.clear();
    this.#queue.length = 0;
    for (const reject of this.#rejects) reject(cause);
    this.#rejects.clear();
    this.#settle();
  }

  /** A promise that settles whatever happens: by `work`, by the deadline, by the signal, or with the connection. */
  #guarded<T>(
    { timeout, signal, phase, detachable = false }: Guarded,
    work: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void,
    pending?: Pending,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#check(signal);
      const deadline = this.#deadlines.guard(timeout, signal, (why) => {
        if (why === "timeout") return this.cancel(this.#timeoutError(phase, timeout));
        const reason: unknown = signal?.reason;
        if (detachable) return fail(reason);
        if (pending === undefined || this.#queue[0] === pending) return this.cancel(reason);
        // What others asked before it is answered first.
        this.#retired = true;
        pending.given = { up: reason };
        fail(reason);
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
    if (this.#failure !== undefined) return;
    if (reply.code === CLOSING) this.#farewell = reply;
    const pending = this.#due-- > 0 ? this.#queue[0] : undefined;
    if (pending === undefined) {
      if (reply.code === CLOSING) return this.cancel(this.#closedError());
      throw new ProtocolError(`the server sent a reply that nobody asked for: ${reply.code} ${replyText(reply)}`);
    }
    pending.sink.reply(reply);
    if (reply.code === ANNOUNCING) {
      this.#due += pending.announced;
      pending.remaining += pending.announced;
      pending.announced = 0;
    }
    if (--pending.remaining > 0) return;
    this.#queue.shift();
    pending.resolve?.();
    const given = this.#queue[0]?.given;
    if (given !== undefined) this.cancel(given.up);
    if (this.#queue.length === 0) this.#settle();
  }

  #settle(): void {
    for (const resolve of this.#settled.splice(0)) resolve();
  }

  get #where(): string {
    const { hostname, port } = this.peer;
    return `${hostname}:${port}`;
  }

  #timeoutError(phase: Phase, timeout: number): TimeoutError {
    const hint =
      phase === "greeting" ? "; a server that wants TLS from the first byte says nothing before it (smtps://)" : "";
    return new TimeoutError(`${this.#where} did not go on within ${timeout} ms (phase: ${phase})${hint}`, {
      code: "TIMEOUT",
      outcome: "unknown",
    });
  }

  #closedError(): ClosedError {
    const words = this.#farewell === undefined ? "" : `, saying: ${this.#farewell.code} ${replyText(this.#farewell)}`;
    return new ClosedError(`${this.#where} closed the connection${words}`, {
      code: "CONNECTION_LOST",
      outcome: "unknown",
    });
  }
}
