// A net.Socket over a Transport, for drivers that know no other: pg, postgres, ioredis, mysql2, nodemailer. It has all that a
// net.Socket has, and takes nothing of that class but the stream (docs/design/node-socket.md). It never reports a
// connection, or TLS, before there is one.

import { Buffer } from "node:buffer";
import { nextTick } from "node:process";
import { endedFailure, injectionFailure } from "../failure.ts";
import type { SocketAddress } from "../socket.ts";
import type { Transport } from "../transport.ts";
import type { Wire } from "../wire.ts";
import { connectArguments } from "./arguments.ts";
import { dialFor } from "./dialling.ts";
import type { NodeSocketOptions } from "./dialling.ts";
import { IdleTimer } from "./idle-timer.ts";
import { Intake } from "./intake.ts";
import { nodeError } from "./node-error.ts";
import { Base, defineMembers, setConnecting, TLS_BY_HANDLE } from "./shape.ts";
import { checkUpgrade, shakeHands, upgradedInPlace, upgradeHandle } from "./upgrade.ts";
import type { UpgradeOptions } from "./upgrade.ts";

/** Larger chunks are not copied by `Transport.write()`, and a driver may reuse its own as soon as it is called back. */
const COPIED_BYTES = 8 * 1024;
const CANCEL_REQUEST = 80_877_102;
/** The type of a record. */
const TLS_HANDSHAKE = 0x16;
/** A request for TLS may go ahead of either. */
const SSL_REQUEST_BYTES = 8;
const LOW_WATER_BYTES = 64 * 1024;
const HIGH_WATER_BYTES = 64 * 1024;
/**
 * A `net.Socket` that is not connected yet. Most drivers call its `connect(port, host)` themselves; for the others, call it.
 * What it reports as `'error'` has the codes of Node (`ECONNRESET`, …), and Landline's error as its `cause`.
 *
 * @example
 * const socket = nodeSocket({ tls: "on" }).connect(6380, "cache.example");
 */
export function nodeSocket(options: NodeSocketOptions = {}): NodeSocket {
  return new NodeSocket(options);
}

type Callback = (error?: Error | null) => void;

/** See {@link nodeSocket}. */
export class NodeSocket extends Base {
  /** Whether TLS is on. */
  encrypted = false;
  /** Whether the peer's certificate has been verified. */
  authorized = false;
  /** What was connected to: drivers take the name that a certificate is for from here. */
  host: string | undefined;
  readonly #options: NodeSocketOptions;
  readonly #dialling: AbortController = new AbortController();
  readonly #idle: IdleTimer = new IdleTimer(() => this.emit("timeout"));
  readonly #intake: Intake;
  #address: SocketAddress | undefined;
  #transport: Transport | undefined;
  #wire: Wire | undefined;
  #referenced = true;
  /** `driver`: in place. `handed over`: node:tls has the transport. */
  #upgrading: "driver" | "handed over" | undefined;
  /** What waits for the connection, or for TLS: one write, or the end. */
  #held: (() => void) | undefined;
  #sent = 0;
  /** What was sent first, where the peer may answer it by an end. */
  #first: "a cancellation" | "a handshake" | undefined;

  static {
    defineMembers(NodeSocket.prototype, {
      pending: (socket) => socket.#transport === undefined,
      bytesRead: (socket) => socket.#intake.received,
      bytesWritten: (socket) => socket.#sent + socket.writableLength,
      // What was connected to: Workers do not tell the address behind a name.
      remoteAddress: (socket) => socket.#transport?.info.address.hostname,
      remotePort: (socket) => socket.#transport?.info.address.port,
    });
    if (TLS_BY_HANDLE) defineMembers(NodeSocket.prototype, upgradedInPlace());
  }

  constructor(options: NodeSocketOptions = {}) {
    super({ highWaterMark: HIGH_WATER_BYTES, allowHalfOpen: false, emitClose: false } as object);
    setConnecting(this, false);
    this.#options = options;
    this.#intake = new Intake(
      {
        ready: () => this.#ready,
        push: (chunk) => {
          this.#idle.touch();
          return this.push(chunk);
        },
        ended: () => this.#ended(),
        failed: (cause) => this.#failed(cause),
      },
      options.tls === undefined,
    );
    const { signal } = options;
    if (signal === undefined) return;
    const onAbort = (): void => void this.destroy(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    this.once("close", () => signal.removeEventListener("abort", onAbort));
  }

  /** @throws TypeError for an address that cannot be one, and for a second connection. */
  override connect(...args: unknown[]): this {
    const { address, callback } = connectArguments(args);
    if (this.#address !== undefined) throw new TypeError("this socket has been connected before: make a new one");
    this.#address = address;
    this.host = address.hostname;
    // Node's own tls.connect() looks there.
    Object.assign(this, { _host: address.hostname });
    if (callback !== undefined) this.once("connect", callback);
    setConnecting(this, true);
    void this.#dial(address);
    return this;
  }

  /**
   * Upgrades to TLS in place, as drivers for Workers do it. What is written from now on waits for the handshake;
   * `'secureConnect'` says that it is done, and a failure is an `'error'`.
   *
   * @throws TypeError when the socket cannot be upgraded any more, or is not connected.
   * @throws TlsError `TLS_UNSUPPORTED_OPTION` for what cannot be done; `TLS_INJECTION` when bytes came in the clear.
   */
  startTls(options: UpgradeOptions = {}): this {
    const transport = this.#beginUpgrade("driver", options);
    shakeHands(transport, this.#options.connectTimeout).then(
      () => {
        this.#upgrading = undefined;
        this.#secured();
        this.emit("secureConnect");
        this.#proceed();
      },
      (error: unknown) => this.destroy(nodeError(error)),
    );
    return this;
  }

  override setTimeout(timeout: number, callback?: () => void): this {
    this.#idle.set(timeout);
    if (callback === undefined) return this;
    return timeout === 0 ? this.removeListener("timeout", callback) : this.once("timeout", callback);
  }

  /** Does nothing: Landline's sockets never hold a packet back. */
  override setNoDelay(_noDelay?: boolean): this {
    return this;
  }

  /** Does nothing: the Sockets API has no such setting. */
  override setKeepAlive(..._setting: unknown[]): this {
    return this;
  }

  /** Keeps the process running while this socket is open, as it does by default. Only Node, Deno and Bun have a choice. */
  override ref(): this {
    this.#referenced = true;
    this.#wire?.ref?.(true);
    return this;
  }

  /** Lets the process end although this socket is open. */
  override unref(): this {
    this.#referenced = false;
    this.#wire?.ref?.(false);
    return this;
  }

  override address(): { address: string; port: number; family: string } | Record<string, never> {
    return {};
  }

  override destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  override resetAndDestroy(): this {
    return this.destroy();
  }

  override _read(): void {
    this.#intake.read();
  }

  override _write(chunk: Uint8Array | string, encoding: BufferEncoding, callback: Callback): void {
    this.#send([{ chunk, encoding }], callback);
  }

  override _writev(chunks: { chunk: Uint8Array | string; encoding: BufferEncoding }[], callback: Callback): void {
    this.#send(chunks, callback);
  }

  override _final(callback: Callback): void {
    if (this.#address === undefined) {
      callback();
      this.destroy();
      return;
    }
    this.#whenReady((transport) => {
      transport.end();
      callback();
    });
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    setConnecting(this, false);
    this.#idle.set(0);
    this.#intake.endPause();
    this.#held = undefined;
    this.#dialling.abort(error ?? new Error("the socket was destroyed"));
    const gone = (): void => {
      callback(error);
      // With the argument that sockets give it. Behind 'error', which the stream tells in a tick of its own.
      nextTick(() => this.emit("close", error !== null && error !== undefined));
    };
    const transport = this.#transport;
    if (transport === undefined) return gone();
    // Both sides have ended: nothing is left to drop.
    if (error === null && this.writableFinished && this.readableEnded) void transport.close();
    else transport.abort(error ?? undefined);
    void transport.closed.then(gone);
  }

  async #dial(address: SocketAddress): Promise<void> {
    try {
      const onWire = (wire: Wire): void => void (this.#wire = wire);
      this.#connected(await dialFor(address, this.#options, this.#dialling.signal, onWire));
    } catch (error) {
      this.destroy(nodeError(error));
    }
  }

  #connected(transport: Transport): void {
    if (this.destroyed) return transport.abort();
    this.#transport = transport;
    if (!this.#referenced) this.#wire?.ref?.(false);
    void transport.closed.then(({ reason, cause }) => {
      if (reason === "failed") this.#failed(cause);
      else if (this.#upgrading === "handed over") this.destroy();
    });
    setConnecting(this, false);
    if (TLS_BY_HANDLE) this.#offerHandle();
    this.#idle.touch();
    if (transport.info.secure) this.#secured();
    this.emit("connect");
    this.emit("ready");
    if (transport.info.secure) this.emit("secureConnect");
    this.#proceed();
  }

  #offerHandle(): void {
    const handle = upgradeHandle(this.#address as SocketAddress, {
      begin: (options) => this.#beginUpgrade("handed over", options),
      timeout: this.#options.connectTimeout,
      close: () => void this.destroy(),
    });
    Object.assign(this, { _handle: handle });
  }

  #beginUpgrade(how: "driver" | "handed over", options: UpgradeOptions): Transport {
    const transport = this.#transport;
    const address = this.#address;
    if (transport === undefined || address === undefined || this.destroyed) {
      throw new TypeError("an upgrade to TLS needs a socket that is connected");
    }
    if (this.encrypted) throw new TypeError("this socket speaks TLS already");
    if (!this.#intake.upgradable || this.#upgrading !== undefined) {
      throw new TypeError('this socket cannot be upgraded to TLS (any more): see the option "tls"');
    }
    checkUpgrade(options, this.#options.servername ?? address.hostname);
    if (this.readableLength > 0) {
      const injected = injectionFailure(address);
      transport.abort(injected);
      throw injected;
    }
    this.#upgrading = how;
    return transport;
  }

  #secured(): void {
    this.#intake.upgradable = false;
    this.encrypted = true;
    this.authorized = this.#options.rejectUnauthorized !== false;
  }

  /** The transport, once it can be used. */
  get #ready(): Transport | undefined {
    return this.#upgrading === undefined && !this.destroyed ? this.#transport : undefined;
  }

  #whenReady(work: (transport: Transport) => void): void {
    const transport = this.#ready;
    if (transport === undefined) this.#held = () => this.#whenReady(work);
    else work(transport);
  }

  #proceed(): void {
    const held = this.#held;
    this.#held = undefined;
    held?.();
    this.#intake.flow();
  }

  #send(chunks: readonly { chunk: Uint8Array | string; encoding: BufferEncoding }[], callback: Callback): void {
    this.#whenReady((transport) => {
      for (const { chunk, encoding } of chunks) {
        const bytes = typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk;
        if (this.#sent <= SSL_REQUEST_BYTES) this.#first = firstOf(bytes);
        this.#sent += bytes.length;
        transport.write(bytes.length > COPIED_BYTES ? new Uint8Array(bytes) : bytes);
      }
      this.#idle.touch();
      this.#intake.endPause();
      if (transport.backlog <= LOW_WATER_BYTES) return callback();
      void transport.drained().then(() => callback(this.errored));
    });
  }

  #failed(cause: unknown): void {
    // On Workers an end without a word is taken for a failed handshake, of which nothing else tells there.
    if (this.#first === "a cancellation") this.#ended();
    else this.destroy(nodeError(cause));
  }

  /**
   * The peer's end. Before its first byte it is an error, as a refusal is: no driver's connection goes so, but one that cancels
   * a query of Postgres, and postgres, which is told of nothing but a close there, connects again at once, for ever.
   */
  #ended(): void {
    const silent = this.#intake.received === 0;
    const expected = !silent && this.#options.peerMayEnd !== false;
    if (this.writableEnded || expected || this.#first !== undefined) {
      this.push(null);
      // A reader that has paused and has nothing left hears of it as well: postgres waits for that at its end.
      this.read(0);
      return;
    }
    const outcome = this.#sent > 0 ? "unknown" : "unsent";
    const address = this.#address as SocketAddress;
    this.destroy(nodeError(endedFailure(address, outcome, silent)));
  }
}

/**
 * A CancelRequest of Postgres (length, and its code), which is answered by closing. Or a handshake of TLS, which node:tls speaks
 * over this socket and keeps to itself: whether an end is too early is told there.
 */
function firstOf(bytes: Uint8Array): "a cancellation" | "a handshake" | undefined {
  if (bytes[0] === TLS_HANDSHAKE) return "a handshake";
  if (bytes.length < 16) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getInt32(4) === CANCEL_REQUEST ? "a cancellation" : undefined;
}
