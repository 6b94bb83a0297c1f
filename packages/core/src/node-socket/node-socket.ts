// A net.Socket over a Transport, for drivers that know no other: pg, postgres, ioredis, mysql2, nodemailer. It has all that a
// net.Socket has, and takes nothing of that class but the stream (docs/design/node-socket.md). It never reports a
// connection, or TLS, before there is one.

import { Buffer } from "node:buffer";
import { Socket as NetSocket } from "node:net";
import { nextTick } from "node:process";
import { Duplex } from "node:stream";
import { connect } from "../connect.ts";
import { dial } from "../dial.ts";
import type { DialOptions } from "../dial.ts";
import { injectionFailure, silentFailure } from "../failure.ts";
import type { Connector, SocketAddress, TlsMode } from "../socket.ts";
import type { Transport, TransportSink } from "../transport.ts";
import { WIRE } from "../wire.ts";
import type { Wire, WiredSocket } from "../wire.ts";
import { connectArguments } from "./arguments.ts";
import { IdleTimer } from "./idle-timer.ts";
import { nodeError } from "./node-error.ts";
import { checkUpgrade, upgradeHandle } from "./upgrade.ts";
import type { UpgradeOptions } from "./upgrade.ts";

/** How many bytes may come before an upgrade: no protocol has more than a greeting and an answer there. */
const UPGRADE_WINDOW = 16 * 1024;
/**
 * Milliseconds without a read after each chunk in that window, unless the driver writes: an upgrade is not possible with a
 * read outstanding, and drivers upgrade some ticks after the answer that allows it.
 */
const UPGRADE_PAUSE = 2;
/** Larger chunks are not copied by `Transport.write()`, and a driver may reuse its own as soon as it is called back. */
const COPIED_BYTES = 8 * 1024;
const CANCEL_REQUEST = 80_877_102;
const LOW_WATER_BYTES = 64 * 1024;
const HIGH_WATER_BYTES = 64 * 1024;
/** There, node:tls takes a socket by its handle; of a stream it makes one that is secure in name only. */
const TLS_BY_HANDLE =
  (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent === "Cloudflare-Workers";
/**
 * Elsewhere node:tls speaks TLS over any stream, and waits for ever for the handle of what calls itself a net.Socket. So the
 * class is what the runtime's node:tls can use, and has the same members on each.
 */
const Base: typeof NetSocket = TLS_BY_HANDLE ? NetSocket : (Duplex as unknown as typeof NetSocket);

/** What Workers do not tell of a connection. */
const UNTOLD = ["remoteFamily", "localAddress", "localPort", "localFamily"] as const;

/** Options of {@link nodeSocket}: those of `dial()`, except that TLS is up to the driver. */
export interface NodeSocketOptions extends Omit<DialOptions, "tls"> {
  /**
   * Default: what the driver does. The connection is made in the clear, and the driver may upgrade it as it is used to,
   * within the first 16 KiB that it receives. `"off"`: an upgrade is refused. `"on"`: TLS from the first byte, whatever the
   * driver knows of it. `"starttls"` and `"prefer"`: `negotiate` asks for TLS before the driver is told of the connection.
   */
  readonly tls?: TlsMode;
}

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
  readonly #options: NodeSocketOptions;
  readonly #dialling: AbortController = new AbortController();
  readonly #idle: IdleTimer = new IdleTimer(() => this.emit("timeout"));
  #address: SocketAddress | undefined;
  #transport: Transport | undefined;
  #wire: Wire | undefined;
  #referenced = true;
  /** An upgrade may still come, so that each read is asked for by itself. */
  #upgradable: boolean;
  /** `driver`: in place. `handed over`: node:tls has the transport. */
  #upgrading: "driver" | "handed over" | undefined;
  /** The stream has room for what comes. */
  #wanted = false;
  #receiving = false;
  #pulling = false;
  #endPause: (() => void) | undefined;
  /** What waits for the connection, or for TLS: one write, or the end. */
  #held: (() => void) | undefined;
  #received = 0;
  #sent = 0;
  /** Whether what was sent first is answered by more than the peer's end. */
  #answered = true;

  static {
    // The base class declares them as properties, and has them on its prototype.
    Object.defineProperties(NodeSocket.prototype, {
      readyState: accessor(readyState),
      pending: accessor((socket) => socket.#transport === undefined),
      bytesRead: accessor((socket) => socket.#received),
      bytesWritten: accessor((socket) => socket.#sent + socket.writableLength),
      // What was connected to: Workers do not tell the address behind a name.
      remoteAddress: accessor((socket) => socket.#transport?.info.address.hostname),
      remotePort: accessor((socket) => socket.#transport?.info.address.port),
      ...Object.fromEntries(UNTOLD.map((name) => [name, accessor(() => undefined)])),
    });
  }

  constructor(options: NodeSocketOptions = {}) {
    super({ highWaterMark: HIGH_WATER_BYTES, allowHalfOpen: false, emitClose: false } as object);
    setConnecting(this, false);
    this.#options = options;
    this.#upgradable = options.tls === undefined;
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
    transport.startTls().then(
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
    this.#wanted = true;
    this.#flow();
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
    this.#endPause?.();
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
    const { tls, negotiate, connect: connector = connect, signal: _, ...options } = this.#options;
    const remembering: Connector = (where, socketOptions) => {
      const socket = connector(where, socketOptions);
      if (WIRE in socket) this.#wire = (socket as WiredSocket)[WIRE]();
      return socket;
    };
    try {
      const transport = await dial(address, {
        ...options,
        // A socket that can be upgraded, and is not yet: that is for the driver to say.
        tls: tls ?? "prefer",
        negotiate: tls === undefined ? () => Promise.resolve(false) : negotiate,
        signal: this.#dialling.signal,
        connect: remembering,
      } as DialOptions);
      this.#connected(transport);
    } catch (error) {
      this.destroy(nodeError(error));
    }
  }

  #connected(transport: Transport): void {
    if (this.destroyed) return transport.abort();
    this.#transport = transport;
    if (!this.#referenced) this.#wire?.ref?.(false);
    void transport.closed.then(({ reason, cause }) => {
      if (reason === "failed") this.destroy(nodeError(cause));
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
    const begin = (options: UpgradeOptions): Transport => this.#beginUpgrade("handed over", options);
    const handle = upgradeHandle(this.#address as SocketAddress, begin, () => this.destroy());
    Object.assign(this, { _handle: handle });
  }

  #beginUpgrade(how: "driver" | "handed over", options: UpgradeOptions): Transport {
    const transport = this.#transport;
    const address = this.#address;
    if (transport === undefined || address === undefined || this.destroyed) {
      throw new TypeError("an upgrade to TLS needs a socket that is connected");
    }
    if (this.encrypted) throw new TypeError("this socket speaks TLS already");
    if (!this.#upgradable || this.#upgrading !== undefined) {
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
    this.#upgradable = false;
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
    this.#flow();
  }

  #send(chunks: readonly { chunk: Uint8Array | string; encoding: BufferEncoding }[], callback: Callback): void {
    this.#whenReady((transport) => {
      for (const { chunk, encoding } of chunks) {
        const bytes = typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk;
        if (this.#sent === 0) this.#answered = !isCancelRequest(bytes);
        this.#sent += bytes.length;
        transport.write(bytes.length > COPIED_BYTES ? new Uint8Array(bytes) : bytes);
      }
      this.#idle.touch();
      this.#endPause?.();
      if (transport.backlog <= LOW_WATER_BYTES) return callback();
      void transport.drained().then(() => callback(this.errored));
    });
  }

  #flow(): void {
    const transport = this.#ready;
    if (transport === undefined || !this.#wanted) return;
    if (this.#upgradable) {
      if (!this.#pulling) void this.#pull(transport);
    } else if (this.#receiving) {
      transport.resume();
    } else {
      this.#receiving = true;
      transport.receive(this.#sink(transport));
    }
  }

  /** One chunk, while an upgrade may come. */
  async #pull(transport: Transport): Promise<void> {
    this.#pulling = true;
    try {
      if (this.#received > 0) await this.#pause();
      // The upgrade may have begun meanwhile, and be over.
      if (this.#ready === undefined || !this.#upgradable) return;
      const chunk = await transport.pull();
      if (chunk === undefined) this.#ended();
      else this.#take(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
      if (this.#received > UPGRADE_WINDOW) this.#upgradable = false;
    } catch (error) {
      this.destroy(nodeError(error));
    } finally {
      this.#pulling = false;
    }
    if (!this.readableEnded) this.#flow();
  }

  /** Ends with a write, or after a moment. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#endPause = undefined;
        resolve();
      };
      const timer = setTimeout(done, UPGRADE_PAUSE);
      this.#endPause = done;
    });
  }

  #sink(transport: Transport): TransportSink {
    return {
      data: (chunk) => {
        this.#take(Buffer.from(chunk));
        if (!this.#wanted) transport.pause();
      },
      end: () => this.#ended(),
      error: (cause) => void this.destroy(nodeError(cause)),
    };
  }

  /**
   * The peer's end. Before its first byte it is an error, as a refusal is: no driver's connection goes so, but one that cancels
   * a query of Postgres, and postgres, which is told of nothing but a close there, connects again at once, for ever.
   */
  #ended(): void {
    this.#wanted = false;
    if (this.#received > 0 || this.writableEnded || !this.#answered) return void this.push(null);
    this.destroy(nodeError(silentFailure(this.#address as SocketAddress, this.#sent > 0 ? "unknown" : "unsent")));
  }

  #take(chunk: Buffer): void {
    this.#received += chunk.length;
    this.#idle.touch();
    this.#wanted = false;
    if (this.push(chunk)) this.#wanted = true;
  }
}

function accessor(read: (socket: NodeSocket) => unknown): PropertyDescriptor {
  return {
    get(this: NodeSocket) {
      return read(this);
    },
    configurable: true,
  };
}

/** What Postgres answers by closing: length, and the code of CancelRequest. */
function isCancelRequest(bytes: Uint8Array): boolean {
  return bytes.length >= 16 && new DataView(bytes.buffer, bytes.byteOffset).getInt32(4) === CANCEL_REQUEST;
}

function readyState({ connecting, readable, writable }: NodeSocket): string {
  if (connecting) return "opening";
  if (readable && writable) return "open";
  if (readable) return "readOnly";
  return writable ? "writeOnly" : "closed";
}

/** What the base class has as a plain property. */
function setConnecting(socket: NetSocket, connecting: boolean): void {
  (socket as { connecting: boolean }).connecting = connecting;
}
