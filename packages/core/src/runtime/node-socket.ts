// The spec-shaped Socket over a Node wire: the specification's rules for opened, closed, close() and startTls().

import { formatAddress } from "../address.ts";
import { ClosedError } from "../errors.ts";
import { failureOf, injectionFailure } from "../failure.ts";
import type { SecureTransport, Socket, SocketAddress, SocketInfo, SocketOptions } from "../socket.ts";
import { WebWire } from "../web-wire.ts";
import { WIRE } from "../wire.ts";
import type { Wire, WiredSocket, WireHandler } from "../wire.ts";
import { WireStreams } from "./node-streams.ts";
import type { NodeWire } from "./node-wire.ts";

const CLOSE_TIMEOUT = 2_000;

/** How the socket comes about that `startTls()` returns. */
interface Upgrading {
  /** Until then the wire sends what was written in the clear, and belongs to the old socket. */
  readonly flushed: Promise<unknown>;
  readonly opened: Promise<SocketInfo>;
}

/** A socket on Node, Deno or Bun. */
export function nodeSocket(
  wire: NodeWire,
  secureTransport: SecureTransport,
  address: SocketAddress,
  options: SocketOptions,
): Socket {
  return new NodeSocket(wire, secureTransport, address, options);
}

class NodeSocket implements WiredSocket {
  readonly opened: Promise<SocketInfo>;
  readonly closed: Promise<void>;
  readonly secureTransport: SecureTransport;
  upgraded = false;
  #wire: NodeWire;
  #address: SocketAddress;
  #options: SocketOptions;
  #streams: WireStreams;
  #state: "opening" | "open" | "closing" = "opening";
  #upgrading: boolean;
  #refuse!: (reason: unknown) => void;
  #settleClosed!: () => void;

  constructor(
    wire: NodeWire,
    secureTransport: SecureTransport,
    address: SocketAddress,
    options: SocketOptions,
    upgrading?: Upgrading,
  ) {
    this.#wire = wire;
    this.secureTransport = secureTransport;
    this.#address = address;
    this.#options = options;
    this.#upgrading = upgrading !== undefined;
    const attempt = secureTransport === "on" ? "tls" : "tcp";
    const stage = this.#upgrading ? "upgrade" : attempt;
    this.opened = new Promise((resolve, reject) => {
      this.#refuse = reject;
      (upgrading?.opened ?? wire.opened).then(
        (info) => {
          if (this.#state === "opening") this.#state = "open";
          this.#upgrading = false;
          resolve(info);
        },
        (error: unknown) => reject(failureOf(error, address, stage)),
      );
    });
    this.closed = new Promise((resolve, reject) => {
      this.#settleClosed = resolve;
      // A connection that could not be made rejects both; one that broke was there, and has closed.
      void wire.gone.then(() => (this.#state === "opening" ? this.opened.then(() => resolve(), reject) : resolve()));
    });
    this.opened.catch(() => {});
    this.closed.catch(() => {});
    this.#streams = new WireStreams(wire, this.opened, options);
    const attach = (): void => void (wire.handler = this.#explaining(this.#streams));
    if (upgrading === undefined) attach();
    else upgrading.flushed.then(attach, attach);
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#streams.readable;
  }

  get writable(): WritableStream<Uint8Array> {
    return this.#streams.writable;
  }

  startTls(): Socket {
    if (this.secureTransport !== "starttls") {
      throw new TypeError('startTls() needs a socket that was opened with secureTransport: "starttls"');
    }
    if (this.upgraded) throw new TypeError("startTls() has already been called on this socket");
    if (this.#state === "closing") throw new TypeError("startTls() is not possible on a closed socket");
    if (this.#streams.locked) throw new TypeError("startTls() needs both streams of the socket to be unlocked");
    this.upgraded = true;
    const flushed = Promise.all([this.opened, this.#streams.flushed()]);
    return new NodeSocket(this.#wire, "on", this.#address, this.#options, { flushed, opened: this.#upgrade(flushed) });
  }

  close(reason?: unknown): Promise<void> {
    if (this.#state === "closing" || this.upgraded) return this.closed;
    const opening = this.#state === "opening";
    this.#state = "closing";
    if (opening) {
      const refusal =
        reason ??
        new ClosedError(`the connection to ${formatAddress(this.#address)} was closed before it was open`, {
          code: "CLOSED",
          outcome: "unsent",
        });
      this.#refuse(refusal);
      this.#streams.shut(refusal);
      this.#wire.abort();
    } else {
      void this.#finish(reason);
    }
    return this.closed;
  }

  [WIRE](): Wire {
    if (this.upgraded) throw new TypeError("startTls() has replaced this socket: use the one that it returned");
    if (this.#streams.locked) throw new TypeError("the socket's streams are locked: release them first");
    // Until the upgrade is done the wire is still the plain one.
    return this.#upgrading ? new WebWire(this) : this.#wire;
  }

  async #upgrade(flushed: Promise<unknown>): Promise<SocketInfo> {
    const streams = this.#streams;
    await flushed;
    const injected = streams.unread || this.#wire.readAhead > 0;
    streams.shut(new TypeError("startTls() has replaced this socket"));
    this.#settleClosed();
    if (injected) {
      this.#wire.abort();
      throw injectionFailure(this.#address);
    }
    return this.#wire.startTls();
  }

  async #finish(reason: unknown): Promise<void> {
    const timer = setTimeout(() => this.#wire.abort(), CLOSE_TIMEOUT);
    await this.#streams.flushed();
    this.#streams.shut(reason ?? new TypeError("this socket is closed"));
    await this.#wire.close(false);
    clearTimeout(timer);
  }

  #explaining(streams: WireStreams): WireHandler {
    return {
      data: (chunk) => streams.data(chunk),
      end: () => streams.end(),
      written: () => streams.written(),
      fail: (error) => {
        if (this.#state !== "opening") return streams.fail(failureOf(error, this.#address, "life"));
        this.opened.catch((failure: unknown) => streams.fail(failure));
      },
    };
  }
}
