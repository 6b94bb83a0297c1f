// The Transport: one state machine over any wire. What is sent in a tick leaves as one write; what goes wrong is
// classified once and told once; everything settles.

import { formatAddress } from "./address.ts";
import { ByteWriter } from "./bytes/writer.ts";
import { ClosedError } from "./errors.ts";
import type { TlsError } from "./errors.ts";
import { connectFailure, injectionFailure, lostFailure, tlsFailure } from "./failure.ts";
import type { SocketAddress } from "./socket.ts";
import type { CloseInfo, Transport, TransportInfo, TransportSink } from "./transport.ts";
import type { Wire } from "./wire.ts";

/** Chunks up to this size are copied into the writer; larger ones are sent as they are. */
const COPIED_BYTES = 8 * 1024;
const LOW_WATER_BYTES = 64 * 1024;
const DEFAULT_CLOSE_TIMEOUT = 2_000;

interface Waiter<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** `receiving`: a sink takes what comes. `closing`: our side is done. `over`: nothing more happens. */
type Phase = "opening" | "open" | "receiving" | "closing" | "over";

/** The transport over `wire`, to `address`. */
export class SocketTransport implements Transport {
  readonly closed: Promise<CloseInfo>;
  #wire: Wire;
  #address: SocketAddress;
  #phase: Phase = "opening";
  #secure = false;
  #alpn: string | undefined;
  /** TLS is on, and neither the runtime nor a byte has proved it: what fails now is the handshake, whatever it looks like. */
  #unproven = false;
  #sink: TransportSink | undefined;
  #opening: Waiter<void> | undefined;
  #pulling: Waiter<Uint8Array | undefined> | undefined;
  #upgrading: Waiter<void> | undefined;
  #held: Uint8Array | undefined;
  #paused = false;
  #remoteEnded = false;
  #localEnded = false;
  #failure: { readonly cause: unknown } | undefined;
  #writer = new ByteWriter();
  #lent = new Set<Uint8Array>();
  #scheduled = false;
  #inFlight = 0;
  #drains: (() => void)[] = [];
  #bytesRead = 0;
  #bytesWritten = 0;
  #settle!: (info: CloseInfo) => void;
  #closeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(wire: Wire, address: SocketAddress) {
    this.#wire = wire;
    this.#address = address;
    this.closed = new Promise((resolve) => (this.#settle = resolve));
    wire.attach({
      data: (chunk) => this.#data(chunk),
      end: () => this.#remoteEnd(),
      fail: (error) => this.#fail(error),
      written: (bytes) => this.#written(bytes),
    });
  }

  get info(): TransportInfo {
    return { address: this.#address, secure: this.#secure, runtime: this.#wire.runtime, alpn: this.#alpn };
  }

  /** Waits for the connection. `secure`: it speaks TLS from the first byte. Called once, before anything else. */
  opened(secure: boolean): Promise<void> {
    this.#secure = secure;
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure.cause);
      this.#opening = { resolve, reject };
      this.#wire.opened.then(
        ({ alpn }) => {
          if (this.#phase !== "opening") return;
          this.#phase = "open";
          this.#opening = undefined;
          this.#alpn = alpn ?? undefined;
          resolve();
        },
        (error: unknown) => this.#fail(error),
      );
    });
  }

  receive(sink: TransportSink): void {
    if (this.#sink !== undefined) throw new TypeError("receive() has already been called on this transport");
    if (this.#pulling !== undefined) throw new TypeError("receive() is not possible while a pull() is pending");
    if (this.#failure !== undefined) return sink.error(this.#failure.cause);
    if (this.#phase !== "open") throw new TypeError("receive() is possible only on an open transport");
    this.#sink = sink;
    this.#phase = "receiving";
    this.#flow(sink);
  }

  pull(): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure.cause);
      if (this.#sink !== undefined) throw new TypeError("pull() is not possible after receive()");
      if (this.#pulling !== undefined) throw new TypeError("one pull() at a time");
      const held = this.#held;
      this.#held = undefined;
      if (held !== undefined || this.#remoteEnded) return resolve(held);
      if (this.#phase !== "open") return reject(this.#closedError());
      this.#pulling = { resolve, reject };
      this.#wire.resume();
    });
  }

  pause(): void {
    this.#paused = true;
    this.#wire.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#sink !== undefined) this.#flow(this.#sink);
  }

  get writer(): ByteWriter {
    if (!this.#scheduled) {
      this.#scheduled = true;
      // A microtask of a microtask: callers that one reply wakes all write before the flush.
      queueMicrotask(this.#later);
    }
    return this.#writer;
  }

  write(bytes: Uint8Array): void {
    if (bytes.length <= COPIED_BYTES) return this.writer.bytes(bytes);
    if (!this.#writable()) return;
    this.#send(this.#writer.length === 0 ? [bytes] : [this.#take(), bytes]);
  }

  get backlog(): number {
    return this.#inFlight + this.#writer.length;
  }

  drained({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    if (this.backlog <= LOW_WATER_BYTES || !this.#writable()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#drains = this.#drains.filter((waiting) => waiting !== done);
        reject(signal?.reason);
      };
      const done = (): void => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#drains.push(done);
    });
  }

  async startTls(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.cause;
    if (this.#phase !== "open")
      throw new TypeError("startTls() is possible only on an open transport, before receive()");
    if (this.#secure) throw new TypeError("this transport speaks TLS already");
    if (this.#pulling !== undefined) throw new TypeError("startTls() is not possible while a pull() is pending");
    this.#flush();
    if (this.#held !== undefined || this.#wire.readAhead > 0) throw this.injected();
    await new Promise<void>((resolve, reject) => {
      this.#upgrading = { resolve, reject };
      this.#secure = true;
      this.#unproven = true;
      this.#wire.startTls().then(
        ({ alpn }) => {
          this.#alpn = alpn ?? undefined;
          if (this.#wire.runtime === "node") this.#unproven = false;
          this.#upgrading = undefined;
          resolve();
        },
        (error: unknown) => this.#fail(error),
      );
    });
  }

  /** Ends the connection because of bytes that came in the clear where only a handshake may come. */
  injected(): TlsError {
    const error = injectionFailure(this.#address);
    this.abort(error);
    return error;
  }

  /** Puts back bytes that a negotiation has pulled and not used. */
  unread(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#held = this.#held === undefined ? bytes : joined(bytes, this.#held);
  }

  end(): void {
    if (!this.#writable()) return;
    this.#flush();
    this.#localEnded = true;
    this.#wire.end();
    if (this.#remoteEnded) void this.close();
  }

  close({ timeout = DEFAULT_CLOSE_TIMEOUT }: { timeout?: number } = {}): Promise<CloseInfo> {
    if (this.#phase === "over" || this.#phase === "closing") return this.closed;
    if (this.#phase === "opening") {
      this.abort();
      return this.closed;
    }
    this.#flush();
    this.#phase = "closing";
    this.#rejectPending(this.#closedError());
    const reason = this.#remoteEnded ? "remote" : "local";
    this.#closeTimer = setTimeout(() => {
      this.#wire.abort(undefined);
      this.#finish("aborted", undefined);
    }, timeout);
    const done = (): void => this.#finish(reason, undefined);
    // A close that the platform complains about is a close all the same.
    this.#wire.close().then(done, done);
    return this.closed;
  }

  abort(reason?: unknown): void {
    if (this.#phase === "over") return;
    const cause = reason ?? this.#closedError();
    this.#sink = undefined;
    this.#wire.abort(cause);
    this.#finish("aborted", cause);
  }

  #data(chunk: Uint8Array): void {
    if (this.#phase === "closing" || this.#phase === "over") return;
    this.#bytesRead += chunk.length;
    this.#unproven = false;
    const pulling = this.#pulling;
    if (pulling !== undefined) {
      this.#pulling = undefined;
      this.#wire.pause();
      return pulling.resolve(chunk.slice());
    }
    if (this.#sink !== undefined && !this.#paused) return this.#deliver(this.#sink, chunk);
    // The one late chunk. A runtime that had read ahead may bring a second; they become one.
    this.#wire.pause();
    this.#held = this.#held === undefined ? chunk.slice() : joined(this.#held, chunk);
  }

  #deliver(sink: TransportSink, chunk: Uint8Array): void {
    try {
      sink.data(chunk);
    } catch (error) {
      if (this.#phase === "over") return;
      this.#wire.abort(error);
      this.#finish("failed", error);
    }
  }

  #flow(sink: TransportSink): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined && !this.#paused) this.#deliver(sink, held);
    else this.#held = held;
    if (this.#paused || this.#phase !== "receiving") return;
    if (this.#remoteEnded) return this.#tellEnd(sink);
    this.#wire.resume();
  }

  #remoteEnd(): void {
    if (this.#phase === "over" || this.#phase === "closing") return;
    if (this.#unproven) return this.#fail(new Error("the connection ended during the handshake"));
    this.#remoteEnded = true;
    const pulling = this.#pulling;
    this.#pulling = undefined;
    pulling?.resolve(undefined);
    if (this.#sink !== undefined && !this.#paused) this.#tellEnd(this.#sink);
  }

  #tellEnd(sink: TransportSink): void {
    this.#sink = ENDED;
    try {
      sink.end();
    } catch (error) {
      this.#wire.abort(error);
      return this.#finish("failed", error);
    }
    if (this.#localEnded) void this.close();
  }

  #fail(error: unknown): void {
    if (this.#phase === "over" || this.#phase === "closing") return;
    const failure = this.#classify(error);
    this.#wire.abort(failure);
    this.#finish("failed", failure);
  }

  #classify(error: unknown): unknown {
    if (this.#phase === "opening") return connectFailure(error, this.#address, this.#secure);
    if (this.#unproven) return tlsFailure(error, this.#address);
    return lostFailure(error, this.#address, "unknown");
  }

  #finish(reason: CloseInfo["reason"], cause: unknown): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    clearTimeout(this.#closeTimer);
    this.#failure = { cause: cause ?? this.#closedError() };
    this.#held = undefined;
    this.#rejectPending(this.#failure.cause);
    this.#settleDrains();
    const sink = this.#sink;
    this.#sink = ENDED;
    this.#settle({
      reason,
      ...(cause === undefined ? {} : { cause }),
      bytesRead: this.#bytesRead,
      bytesWritten: this.#bytesWritten,
    });
    if (reason !== "failed") return;
    try {
      sink?.error(cause);
    } catch {
      // The connection is gone, and its cause is in `closed`: there is nobody left to tell.
    }
  }

  #rejectPending(cause: unknown): void {
    const pending = [this.#opening, this.#pulling, this.#upgrading];
    this.#opening = undefined;
    this.#pulling = undefined;
    this.#upgrading = undefined;
    for (const waiter of pending) waiter?.reject(cause);
  }

  #later = (): void => queueMicrotask(this.#tick);

  #tick = (): void => this.#flush();

  #flush(): void {
    this.#scheduled = false;
    if (this.#writer.length === 0) return;
    if (this.#writable()) this.#send([this.#take()]);
    else this.#writer.rewind(0);
  }

  #take(): Uint8Array {
    const bytes = this.#writer.take();
    this.#lent.add(bytes);
    return bytes;
  }

  #send(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) this.#inFlight += chunk.length;
    this.#wire.write(chunks);
  }

  #written(bytes: Uint8Array): void {
    this.#inFlight -= bytes.length;
    this.#bytesWritten += bytes.length;
    if (this.#lent.delete(bytes)) this.#writer.recycle(bytes);
    if (this.#drains.length > 0 && this.backlog <= LOW_WATER_BYTES) this.#settleDrains();
  }

  #settleDrains(): void {
    const waiting = this.#drains;
    this.#drains = [];
    for (const resolve of waiting) resolve();
  }

  #writable(): boolean {
    return (this.#phase === "open" || this.#phase === "receiving") && !this.#localEnded;
  }

  #closedError(): ClosedError {
    return new ClosedError(`the connection to ${formatAddress(this.#address)} is closed`, {
      code: "CLOSED",
      outcome: "unsent",
    });
  }
}

/** Takes the place of a sink that has been told the end. */
const ENDED: TransportSink = { data: () => {}, end: () => {}, error: () => {} };

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
