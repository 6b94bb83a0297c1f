// The Transport: one state machine over any wire. What is sent in a tick leaves as one write; what goes wrong is
// classified once and told once; everything settles.

import { formatAddress } from "./address.ts";
import { ByteWriter } from "./bytes/writer.ts";
import { ClosedError, unsent } from "./errors.ts";
import { failureOf, injectionFailure } from "./failure.ts";
import type { Stage } from "./failure.ts";
import type { Socket, SocketAddress, SocketInfo } from "./socket.ts";
import type { CloseInfo, Transport, TransportInfo, TransportSink } from "./transport.ts";
import { waiter } from "./wait.ts";
import type { Waiter, WaitOptions } from "./wait.ts";
import { WebWire } from "./web-wire.ts";
import { WIRE } from "./wire.ts";
import type { Wire, WiredSocket } from "./wire.ts";

const LOW_WATER_BYTES = 65_536;

/** Takes the place of a sink that has been told how it ends. */
const TOLD: Partial<TransportSink> = {};

/** The transport to `address`. */
export class SocketTransport implements Transport {
  #wire!: Wire;
  readonly #address: SocketAddress;
  readonly #closed: PromiseWithResolvers<CloseInfo> = Promise.withResolvers();
  readonly closed: Promise<CloseInfo> = this.#closed.promise;
  declare info: TransportInfo;
  /**
   * What fails when something does. It stays "upgrade" until the runtime or a byte has proved that TLS is on: until then it is
   * the handshake that fails, whatever that looks like.
   */
  #stage: Stage = "tcp";
  /** Takes what comes, from `receive()` on. */
  #sink: Partial<TransportSink> | undefined;
  #pulling: Waiter<Uint8Array | undefined> | undefined;
  /** Something is waited for (the connection, an upgrade, a pull), or `receive()` has been called: it takes one at a time. */
  #busy = true;
  /** What came and nobody has taken. */
  #held: Uint8Array[] = [];
  #paused = false;
  #remoteEnded = false;
  #localEnded = false;
  /** Why nothing more can be had of it, from the moment in which it is closed or has failed. */
  #failure: unknown;
  readonly #writer = new ByteWriter();
  /** Buffers of the writer's that the wire has. */
  readonly #lent = new Set<Uint8Array>();
  #scheduled = false;
  /** A job by a promise takes 0.1 µs; by queueMicrotask() it takes 6 µs on workerd, and one on Node. */
  readonly #soon = Promise.resolve();
  #inFlight = 0;
  /** Bytes since the event loop has certainly turned. */
  #unbreathed = 0;
  readonly #drains = new Set<Waiter<void>>();
  #bytesRead = 0;
  #bytesWritten = 0;
  #closeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(address: SocketAddress) {
    this.#address = address;
  }

  /**
   * Takes a socket, unless the transport has been aborted, and waits for the connection. `secure`: it speaks TLS from the
   * first byte. Called once, and before it nothing but `abort()`.
   */
  async open(connect: () => Socket, secure: boolean): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (secure) this.#stage = "tls";
    const socket = connect();
    this.#wire = WIRE in socket ? (socket as WiredSocket)[WIRE]() : new WebWire(socket);
    this.#wire.handler = { data: this.#data, end: this.#remoteEnd, fail: this.#fail, written: this.#written };
    await this.#ready(this.#wire.opened, secure);
    this.#stage = "life";
  }

  receive(sink: TransportSink): void {
    if (this.#failure !== undefined) return sink.error(this.#failure);
    this.#claim("receive");
    this.#sink = sink;
    this.#flow();
  }

  async pull(options?: WaitOptions): Promise<Uint8Array | undefined> {
    options?.signal?.throwIfAborted();
    if (this.#held.length === 0 && this.#failure !== undefined) throw this.#failure;
    this.#claim("pull");
    const pulling = waiter<Uint8Array | undefined>(
      options,
      () => "nothing came",
      () => {
        this.#pulled();
        this.#wire.pause();
      },
    );
    this.#pulling = pulling;
    this.#answer();
    if (this.#pulling) this.#wire.resume();
    return pulling.promise;
  }

  unread(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#held.unshift(bytes);
  }

  ref(keep: boolean): void {
    this.#wire.ref?.(keep);
  }

  pause(): void {
    this.#paused = true;
    this.#wire.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#flow();
  }

  get writer(): ByteWriter {
    if (!this.#scheduled) {
      this.#scheduled = true;
      // A microtask of a microtask: callers that one reply wakes all write before the flush.
      void this.#soon.then().then(this.#flush);
    }
    return this.#writer;
  }

  write(bytes: Uint8Array): void {
    // Small chunks are copied into the writer; larger ones are sent as they are.
    if (bytes.length > 8_192) this.#flush(bytes);
    else this.writer.bytes(bytes);
  }

  get backlog(): number {
    return this.#inFlight + this.#writer.length;
  }

  async drained(options?: WaitOptions): Promise<void> {
    // A runtime on which a write ends at once, because the peer takes it at once, goes on with the writer and looks for nothing
    // else: neither for what arrives nor for timers (workerd: 3,000 writes of 64 KiB that a server had long refused). So after
    // a mebibyte without a turn of its event loop, it gets one.
    if (this.#unbreathed >= 0x10_0000 && this.#writable) {
      const { setImmediate: soon = setTimeout } = globalThis as { setImmediate?: (done: () => void) => unknown };
      this.#unbreathed = 0;
      await new Promise((resolve) => void soon(resolve));
    }
    options?.signal?.throwIfAborted();
    if (this.backlog <= LOW_WATER_BYTES || !this.#writable) return;
    const draining = waiter<void>(
      options,
      () => "a backlog",
      () => this.#drains.delete(draining),
    );
    this.#drains.add(draining);
    return draining.promise;
  }

  async startTls(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#claim("startTls", this.info.secure);
    this.#flush();
    if (this.#held.length > 0 || this.#wire.readAhead) {
      this.abort(injectionFailure(this.#address));
      throw this.#failure;
    }
    this.#stage = "upgrade";
    await this.#ready(this.#wire.startTls(), true);
    // Where the runtime tells; elsewhere the first byte does.
    if (this.#wire.runtime === "node") this.#stage = "life";
  }

  end(): void {
    if (!this.#writable) return;
    this.#flush();
    this.#localEnded = true;
    this.#wire.end();
    if (this.#remoteEnded) void this.close();
  }

  close({ timeout = 2_000 }: { timeout?: number } = {}): Promise<CloseInfo> {
    if (this.#failure !== undefined) return this.closed;
    this.#flush();
    this.#settle();
    const reason = this.#remoteEnded ? "remote" : "local";
    this.#closeTimer = setTimeout(() => this.#finish("aborted"), timeout);
    const done = (): void => this.#finish(reason);
    // A close that the platform complains about is a close all the same.
    this.#wire.close().then(done, done);
    return this.closed;
  }

  abort(reason?: unknown): void {
    this.#finish("aborted", reason);
  }

  #data = (chunk: Uint8Array): void => {
    if (this.#failure !== undefined) return;
    this.#bytesRead += chunk.length;
    this.#unbreathed = 0;
    this.#stage = "life";
    if (this.#sink && !this.#paused) return this.#deliver(chunk);
    // One that was pulled, or the one late chunk. A runtime that had read ahead may bring a second.
    this.#wire.pause();
    this.#held.push(chunk.slice());
    this.#answer();
  };

  /** Gives a pull what is there, if anything is. */
  #answer(): void {
    const pulling = this.#pulling;
    if (!pulling || (this.#held.length === 0 && !this.#remoteEnded)) return;
    this.#pulled();
    pulling.resolve(this.#held.shift());
  }

  #pulled(): void {
    this.#pulling = undefined;
    this.#busy = false;
  }

  #deliver(chunk: Uint8Array): void {
    try {
      this.#sink?.data?.(chunk);
    } catch (error) {
      this.#finish("failed", error);
    }
  }

  /** Gives the sink what was held back, and lets more come. */
  #flow(): void {
    while (this.#sink && !this.#paused && this.#failure === undefined) {
      const held = this.#held.shift();
      if (held) this.#deliver(held);
      else if (this.#remoteEnded) return this.#tellEnd(this.#sink);
      else return this.#wire.resume();
    }
  }

  #remoteEnd = (): void => {
    if (this.#failure !== undefined) return;
    if (this.#stage === "upgrade") return this.#fail(new Error("ended"));
    this.#remoteEnded = true;
    this.#answer();
    this.#flow();
  };

  #tellEnd(sink: Partial<TransportSink>): void {
    this.#sink = TOLD;
    try {
      sink.end?.();
    } catch (error) {
      this.#finish("failed", error);
    }
    if (this.#localEnded) void this.close();
  }

  #fail = (error: unknown): void => {
    if (this.#failure === undefined) this.#finish("failed", failureOf(error, this.#address, this.#stage));
  };

  #finish(reason: CloseInfo["reason"], cause?: unknown): void {
    clearTimeout(this.#closeTimer);
    this.#wire?.abort(cause);
    this.#settle(cause);
    const sink = this.#sink;
    this.#sink = TOLD;
    this.#closed.resolve({ reason, cause, bytesRead: this.#bytesRead, bytesWritten: this.#bytesWritten });
    // What came before it broke may still be pulled.
    if (reason !== "failed") return void (this.#held = []);
    try {
      sink?.error?.(cause);
    } catch {
      // The connection is gone, and its cause is in `closed`: there is nobody left to tell.
    }
  }

  /** From now on there is nothing more to be had. */
  #settle(
    failure: unknown = unsent(ClosedError, "CLOSED", `the connection to ${formatAddress(this.#address)} is closed`),
  ): void {
    this.#failure ??= failure;
    this.#pulling?.reject(failure);
    this.#pulled();
    this.#settleDrains();
  }

  /** @throws TypeError unless this is before `receive()`, and nothing else is waited for. */
  #claim(what: string, done = false): void {
    if (this.#busy || done) throw new TypeError(`${what}() comes before receive(), and one at a time`);
    this.#busy = true;
  }

  /** Waits for the wire to say that it is ready, unless it fails before. */
  async #ready(ready: Promise<SocketInfo>, secure: boolean): Promise<void> {
    const info = await Promise.race([ready.catch(this.#fail), this.closed]);
    if (this.#failure !== undefined) throw this.#failure;
    this.#busy = false;
    const told = info as SocketInfo;
    const { runtime } = this.#wire;
    this.info = { ...told, alpn: told.alpn ?? undefined, address: this.#address, secure, runtime };
  }

  /** Sends what the writer has, and `more`. */
  #flush = (more?: Uint8Array | void): void => {
    this.#scheduled = false;
    if (!this.#writable) return this.#writer.rewind(0);
    const chunks = more ? [more] : [];
    if (this.#writer.length > 0) {
      const taken = this.#writer.take();
      this.#lent.add(taken);
      chunks.unshift(taken);
    }
    for (const chunk of chunks) {
      this.#inFlight += chunk.length;
      this.#unbreathed += chunk.length;
    }
    this.#wire.write(chunks);
  };

  #written = (bytes: Uint8Array): void => {
    this.#inFlight -= bytes.length;
    this.#bytesWritten += bytes.length;
    if (this.#lent.delete(bytes)) this.#writer.recycle(bytes);
    if (this.backlog <= LOW_WATER_BYTES) this.#settleDrains();
  };

  #settleDrains(): void {
    for (const draining of this.#drains) draining.resolve();
    this.#drains.clear();
  }

  get #writable(): boolean {
    return this.#failure === undefined && !this.#localEnded;
  }
}
