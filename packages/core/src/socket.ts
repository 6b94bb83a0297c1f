// The platform contract: the Sockets API of WinterTC (https://sockets-api.proposal.wintertc.org/) as Cloudflare has it,
// and the options that this package adds to it. Types only.

/** Where to connect. `hostname` is a name, an IPv4 address, or an IPv6 address without brackets. */
export interface SocketAddress {
  readonly hostname: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** A {@link SocketAddress}, or `"host:port"` (IPv6 in brackets). */
export type AnySocketAddress = SocketAddress | string;

/** The platform's word for the security of a socket: none, TLS from the first byte, or none until `startTls()`. */
export type SecureTransport = "off" | "on" | "starttls";

/**
 * How a client wants its connection secured.
 * - `off`: never.
 * - `on`: TLS from the first byte.
 * - `starttls`: negotiated in the protocol, else the connection fails.
 * - `prefer`: negotiated in the protocol; goes on in the clear only when the server declines *in protocol*, never when
 *   a handshake fails.
 */
export type TlsMode = "off" | "on" | "starttls" | "prefer";

/** What a runtime may let a caller decide about TLS. workerd honours none of these and answers with a `TlsError`. */
export interface TlsOptions {
  /** Certificates (PEM) to trust instead of the runtime's own. */
  readonly ca?: string | readonly string[];
  /** Client certificate (PEM), with `key`. */
  readonly cert?: string;
  /** Private key (PEM) of `cert`. */
  readonly key?: string;
  /** Protocol names to offer by ALPN. */
  readonly alpn?: readonly string[];
  /** The name to ask for and to verify, where it is not the `hostname` of the address. */
  readonly servername?: string;
  /** `false` accepts any certificate: encryption without knowing to whom. Default `true`. */
  readonly rejectUnauthorized?: boolean;
}

/** Options of {@link Connector}. */
export interface SocketOptions {
  /** Default `"off"`. */
  readonly secureTransport?: SecureTransport;
  /** Whether our side stays writable after the peer has ended its own. Default `false`. */
  readonly allowHalfOpen?: boolean;
  /** Bytes that may wait to be written before `writable` reports back-pressure. */
  readonly highWaterMark?: number;
  /** TLS options for `"on"`, and for `startTls()`. */
  readonly tls?: TlsOptions;
}

/** What is known of an open socket. */
export interface SocketInfo {
  readonly remoteAddress?: string;
  readonly localAddress?: string;
  /** The protocol that ALPN chose. */
  readonly alpn?: string | null;
  /** The certificate that the peer has shown (DER), where TLS is on and the runtime tells: not on workerd. */
  readonly peerCertificate?: Uint8Array | undefined;
}

/** A TCP socket, spec-shaped. */
export interface Socket {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  /** Resolves once connected (and, for `"on"`, once the TLS handshake is done). */
  readonly opened: Promise<SocketInfo>;
  /** Settles when the socket has closed; runtimes differ in when they notice (docs/runtimes.md). */
  readonly closed: Promise<void>;
  /** Whether `startTls()` has replaced this socket. */
  readonly upgraded: boolean;
  readonly secureTransport: SecureTransport;
  /** Replaces this socket by one that speaks TLS. Only for `secureTransport: "starttls"`, once, with both streams unlocked. */
  startTls(): Socket;
  /** Sends what was written, and closes. The runtimes differ at the edges; `Transport.close()` does not. */
  close(reason?: unknown): Promise<void>;
}

/**
 * The type of `connect`. Every client takes one, so that a VPC binding, a service binding, a tunnel, a recorder or a
 * fake fits.
 */
export type Connector = (address: SocketAddress, options: SocketOptions) => Socket;
