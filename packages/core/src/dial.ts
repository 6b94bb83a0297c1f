// dial(): connect() plus what the platforms leave out: address validation, one deadline over TCP, TLS and negotiation,
// an AbortSignal, TLS modes, and a Transport that behaves alike on every runtime.

import { formatAddress, parseAddress } from "./address.ts";
import { ByteReader } from "./bytes/reader.ts";
import { connect } from "./connect.ts";
import { dialGate } from "./dial-gate.ts";
import { TimeoutError, TlsError } from "./errors.ts";
import { SocketTransport } from "./socket-transport.ts";
import type { AnySocketAddress, Connector, SocketAddress, SocketOptions, TlsMode, TlsOptions } from "./socket.ts";
import type { Transport } from "./transport.ts";
import { checkTlsOptions } from "./tls-options.ts";
import { wireOf } from "./transport-of.ts";

const DEFAULT_CONNECT_TIMEOUT = 10_000;
const TLS_MODES: readonly TlsMode[] = ["off", "on", "starttls", "prefer"];

/**
 * Asks the peer, in the protocol's own words, to go on with TLS: writes to the transport, reads the answer from `reader`.
 * Resolves to whether the peer is willing; throws when the peer answers neither yes nor no. Bytes behind a willing answer
 * are an injection, and `dial` refuses them; so a negotiation that pulls by hand must look for them itself.
 */
export type Negotiation = (transport: Transport, reader: ByteReader) => Promise<boolean>;

/** Options of {@link dial}. */
export interface DialOptions extends TlsOptions {
  /** Default `"off"`. */
  readonly tls?: TlsMode;
  /** Required by the modes `"starttls"` and `"prefer"`. */
  readonly negotiate?: Negotiation;
  /** Milliseconds for everything until the transport is ready: TCP, TLS, negotiation. Default 10,000. */
  readonly connectTimeout?: number;
  /**
   * Rejects with the signal's own reason, and closes a connection that comes too late. It ends with dialling: a transport
   * is ended by its own `abort()`.
   */
  readonly signal?: AbortSignal | undefined;
  /** Used instead of this package's `connect`. */
  readonly connect?: Connector | undefined;
}

/**
 * Connects and resolves to a ready {@link Transport}.
 *
 * @throws TypeError for a bad address or option, before any I/O.
 * @throws ConnectError when no connection can be made, with the causes that fit.
 * @throws TlsError when TLS fails, is declined, or is injected into.
 * @throws TimeoutError when `connectTimeout` passes.
 *
 * @example
 * const transport = await dial("cache.example:6380", { tls: "on", connectTimeout: 3_000 });
 */
export async function dial(address: AnySocketAddress, options: DialOptions = {}): Promise<Transport> {
  const where = parseAddress(address);
  const { tls = "off", negotiate, connectTimeout = DEFAULT_CONNECT_TIMEOUT, signal } = options;
  if (!TLS_MODES.includes(tls)) throw new TypeError(`tls must be one of ${TLS_MODES.join(", ")}`);
  const tlsOptions = tlsOptionsOf(options);
  if (tls === "off" && Object.keys(tlsOptions).length > 0) {
    throw new TypeError(`tls is "off", and ${Object.keys(tlsOptions).join(", ")} would have no effect`);
  }
  if (!(connectTimeout > 0)) throw new TypeError("connectTimeout must be a positive number of milliseconds");
  const negotiated = tls === "starttls" || tls === "prefer";
  if (negotiated && negotiate === undefined) throw new TypeError(`tls: "${tls}" needs a negotiation`);
  signal?.throwIfAborted();

  let transport: SocketTransport | undefined;
  const givenUp = Promise.withResolvers<never>();
  givenUp.promise.catch(() => {});
  const giveUp = (reason: unknown): void => {
    givenUp.reject(reason);
    transport?.abort(reason);
  };
  const onTimeout = (): void => giveUp(timedOut(where, connectTimeout, transport !== undefined, negotiated));
  const timer = setTimeout(onTimeout, Math.min(connectTimeout, 0x7fff_ffff));
  const onAbort = (): void => giveUp(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  let gate: ReturnType<typeof dialGate>;
  try {
    const mine = dialGate();
    if (mine !== undefined) {
      await mine.enter(givenUp.promise);
      gate = mine;
      // Given up in the moment in which its turn came.
      await Promise.race([givenUp.promise, Promise.resolve()]);
    }
    const socket = (options.connect ?? connect)(where, socketOptions(tls, tlsOptions));
    transport = new SocketTransport(wireOf(socket), where);
    await transport.opened(tls === "on");
    if (negotiated) await negotiateTls(transport, where, tls, negotiate as Negotiation);
    return transport;
  } catch (error) {
    transport?.abort(error);
    throw error;
  } finally {
    gate?.leave();
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

function timedOut(where: SocketAddress, timeout: number, dialled: boolean, negotiated: boolean): TimeoutError {
  let tail = "no answer to the connection attempt";
  if (!dialled) tail = "it was waiting for other connections of this request to be made";
  else if (negotiated) tail = "TCP, negotiation and TLS took too long";
  return new TimeoutError(`connect to ${formatAddress(where)} timed out after ${timeout} ms: ${tail}`, {
    code: "TIMEOUT",
    outcome: "unsent",
  });
}

async function negotiateTls(
  transport: SocketTransport,
  where: SocketAddress,
  tls: TlsMode,
  negotiate: Negotiation,
): Promise<void> {
  const reader = new ByteReader(transport);
  const willing = await negotiate(transport, reader);
  if (willing) {
    if (reader.buffered > 0) throw transport.injected();
    return transport.startTls();
  }
  if (tls === "starttls") {
    throw new TlsError(
      `${formatAddress(where)} does not offer TLS on this port; connect to one that does, or allow a connection in the clear by tls: "off"`,
      { code: "TLS_DECLINED", outcome: "unsent" },
    );
  }
  transport.unread(reader.detach());
}

function socketOptions(tls: TlsMode, tlsOptions: TlsOptions): SocketOptions {
  return {
    secureTransport: tls === "prefer" ? "starttls" : tls,
    allowHalfOpen: true,
    highWaterMark: 64 * 1024,
    ...(tls === "off" ? {} : { tls: tlsOptions }),
  };
}

function tlsOptionsOf({ ca, cert, key, alpn, servername, rejectUnauthorized }: TlsOptions): TlsOptions {
  const given = { ca, cert, key, alpn, servername, rejectUnauthorized };
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as TlsOptions;
  checkTlsOptions(options);
  return options;
}
