// dial(): connect() plus what the platforms leave out: address validation, one deadline over TCP, TLS and negotiation,
// an AbortSignal, TLS modes, and a Transport that behaves alike on every runtime.

import { formatAddress, parseAddress } from "./address.ts";
import { connect } from "./connect.ts";
import { gates } from "./dial-gate.ts";
import { TlsError, unsent } from "./errors.ts";
import { SocketTransport } from "./socket-transport.ts";
import type { AnySocketAddress, Connector, TlsMode, TlsOptions } from "./socket.ts";
import { givenTlsOptions } from "./tls-options.ts";
import type { Transport } from "./transport.ts";
import { waiter } from "./wait.ts";

/**
 * Asks the peer, in the protocol's own words, to go on with TLS: writes to the transport and pulls the answer, by hand or by
 * a `ByteReader`. Resolves to whether the peer is willing; throws when the peer answers neither yes nor no. Bytes behind a
 * willing answer are an injection. A `ByteReader` puts them back, and `dial` refuses them; who pulls by hand puts them back
 * too (`unread`), or looks for them.
 */
export type Negotiation = (transport: Transport) => Promise<boolean>;

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
  const { tls = "off", negotiate, connectTimeout: timeout = 10_000, signal, connect: open = connect } = options;
  const secureTransport = tls === "prefer" ? "starttls" : tls;
  const negotiated = secureTransport === "starttls";
  if (negotiated && !negotiate) throw new TypeError(`tls: "${tls}" needs a negotiation`);
  if (!(timeout > 0)) throw new TypeError("connectTimeout is not valid");
  const socketOptions = { secureTransport, allowHalfOpen: true, tls: givenTlsOptions(options, secureTransport) };
  signal?.throwIfAborted();

  const transport = new SocketTransport(where);
  let stage = "waiting for other connections";
  const dialling = waiter<void>(
    { signal, timeout },
    () => `connect to ${formatAddress(where)}: ${stage}`,
    (reason) => transport.abort(reason),
    "unsent",
  );
  const gate = gates.get();
  const turn = gate.enter();
  try {
    await Promise.race([turn, dialling.promise]);
    stage = "no answer";
    await transport.open(() => open(where, socketOptions), tls === "on");
    // A negotiation may wait for more than the transport.
    if (negotiated && (await Promise.race([negotiate?.(transport), dialling.promise]))) await transport.startTls();
    else if (tls === "starttls") {
      const message = `${formatAddress(where)} does not offer TLS: use another port, or tls: "off"`;
      throw unsent(TlsError, "TLS_DECLINED", message);
    }
    return transport;
  } catch (error) {
    transport.abort(error);
    throw error;
  } finally {
    dialling.resolve();
    void turn.then(() => gate.leave());
  }
}
