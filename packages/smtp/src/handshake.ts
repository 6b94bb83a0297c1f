// From an address to a session that is ready to send: greeting, EHLO, STARTTLS (RFC 3207) and EHLO again, AUTH.
// What was said before TLS is forgotten with it, and no login ever crosses a connection that was to be encrypted and is not.

import { ConnectError, dial, ProtocolError, TlsError } from "@landline/core";
import type {
  Connector,
  ErrorInit,
  LandlineError,
  SocketAddress,
  TlsMode,
  TlsOptions,
  Transport,
} from "@landline/core";
import type { ByteWriter } from "@landline/core/bytes";
import { Connection } from "./connection.ts";
import { refusal, withOutcome } from "./errors.ts";
import type { Phase } from "./errors.ts";
import { NOTHING_OFFERED, parseCapabilities } from "./protocol/capabilities.ts";
import type { Capabilities } from "./protocol/capabilities.ts";
import { ReplyDecoder } from "./protocol/decoder.ts";
import { ehlo, starttls } from "./protocol/encoder.ts";
import { isPositive } from "./protocol/messages.ts";
import type { Reply } from "./protocol/messages.ts";
import { ask } from "./exchange.ts";
import type { Limits } from "./session.ts";

/** Brings a session from EHLO to where it may send. `limits` tells what time is left. */
export type Login = (connection: Connection, limits: () => Limits) => Promise<void>;

/** Where and how to connect. */
export interface HandshakeOptions {
  readonly address: SocketAddress;
  readonly tls: TlsMode;
  readonly tlsOptions: TlsOptions;
  /** Logs in once the session is as secure as it gets: `loginWith(credentials)` of `./auth`. */
  readonly login?: Login | undefined;
  /** What EHLO says. */
  readonly name: string;
  /** LMTP (RFC 2033) instead of SMTP. */
  readonly lmtp?: boolean | undefined;
  /** Milliseconds for all of it. */
  readonly connectTimeout: number;
  readonly connect?: Connector | undefined;
}

/**
 * Connects, secures and logs in.
 * @throws ConnectError, TlsError, TimeoutError, ProtocolError; SmtpError when the server refuses; the signal's own reason.
 */
export async function handshake(options: HandshakeOptions, signal?: AbortSignal): Promise<Connection> {
  const { address, tls, tlsOptions, login, connectTimeout, connect, lmtp = false } = options;
  const hello = (writer: ByteWriter): void => ehlo(writer, options.name, lmtp);
  const until = Date.now() + connectTimeout;
  const limits = () => ({ timeout: Math.max(1, until - Date.now()), signal });
  const before: { capabilities?: Capabilities } = {};
  const transport = await dial(address, {
    ...tlsOptions,
    tls,
    connectTimeout,
    signal,
    connect,
    negotiate: (fresh) => negotiate(fresh, hello, before),
  }).catch((error: unknown) => {
    throw tls === "on" ? explained(error, address) : withOutcome(error, "unsent");
  });

  // Declined in protocol (mode "prefer"): what the server said in the clear is what it still offers in the clear.
  const inTheClear = transport.info.secure ? undefined : before.capabilities;
  const connection = new Connection(transport, inTheClear ?? NOTHING_OFFERED, lmtp);
  try {
    if (before.capabilities === undefined) {
      const greeting = await ask(connection, { phase: "greeting", ...limits() });
      if (greeting.code !== 220) throw notWelcome("greeting", greeting);
    }
    if (inTheClear === undefined) {
      const answer = await ask(connection, { phase: "ehlo", ...limits(), write: hello });
      if (!isPositive(answer)) throw notWelcome("ehlo", answer);
      connection.offers(parseCapabilities(answer));
    }
    await login?.(connection, limits);
    return connection;
  } catch (error) {
    void connection.release();
    throw withOutcome(error, "unsent");
  }
}

/** Greeting, EHLO, STARTTLS: pulled, so that nothing is read which belongs to the TLS handshake. */
async function negotiate(
  transport: Transport,
  hello: (writer: ByteWriter) => void,
  before: { capabilities?: Capabilities },
): Promise<boolean> {
  const decoder = new ReplyDecoder();
  const next = async (phase: Phase): Promise<Reply> => {
    const replies: Reply[] = [];
    while (replies.length === 0) {
      const chunk = await transport.pull();
      if (chunk === undefined)
        throw new ProtocolError(`the server closed the connection (phase: ${phase})`, {
          code: "PROTOCOL_TRUNCATED",
          outcome: "unsent",
        });
      try {
        decoder.push(chunk, { reply: (reply) => replies.push(reply) });
      } catch (error) {
        throw replies.length > 0 ? tooMuch(transport, phase) : error;
      }
    }
    if (replies.length > 1 || decoder.pending > 0) throw tooMuch(transport, phase);
    return replies[0] as Reply;
  };
  const send = (write: (writer: ByteWriter) => void): void => write(transport.writer);

  const greeting = await next("greeting");
  if (greeting.code !== 220) throw notWelcome("greeting", greeting);
  send(hello);
  const answer = await next("ehlo");
  if (!isPositive(answer)) throw notWelcome("ehlo", answer);
  before.capabilities = parseCapabilities(answer);
  if (!before.capabilities.starttls) return false;
  send(starttls);
  const go = await next("starttls");
  if (go.code === 220) return true;
  if (go.code >= 400) return false;
  throw new ProtocolError(`the server answered STARTTLS with ${go.code}, which is neither yes nor no`, {
    outcome: "unsent",
  });
}

/** A right server sends nothing after the reply; somebody in between may (CVE-2011-0411 and its kin). */
function tooMuch(transport: Transport, phase: Phase): Error {
  if (phase !== "starttls")
    return new ProtocolError(`the server sent more than was asked for (phase: ${phase})`, { outcome: "unsent" });
  const { hostname, port } = transport.info.address;
  return new TlsError(
    `${hostname}:${port} sent bytes in the clear behind its answer to STARTTLS: somebody may be injecting them; the connection is closed`,
    { code: "TLS_INJECTION", outcome: "unsent" },
  );
}

function notWelcome(phase: Phase, reply: Reply): Error {
  if (reply.code < 400)
    return new ProtocolError(`the server answered with ${reply.code} (phase: ${phase})`, { outcome: "unsent" });
  return refusal(
    phase === "greeting" ? "the server does not take this connection" : "the server refused EHLO",
    phase,
    reply,
  );
}

/**
 * A TLS handshake against a port that speaks in the clear fails with words that nobody understands; workerd even calls it
 * a connection that could not be made.
 */
function explained(error: unknown, { hostname, port }: SocketAddress): unknown {
  const hint = `; if ${hostname}:${port} starts in the clear and upgrades by STARTTLS, as ports 587 and 25 do, use smtp:// or tls: "starttls"`;
  if (error instanceof TlsError && error.code === "TLS_FAILED") return new TlsError(error.message + hint, init(error));
  if (error instanceof ConnectError && error.code === "CONNECT_FAILED")
    return new ConnectError(error.message + hint, init(error));
  return withOutcome(error, "unsent");
}

function init(cause: LandlineError): ErrorInit {
  return { code: cause.code, outcome: "unsent", cause };
}
