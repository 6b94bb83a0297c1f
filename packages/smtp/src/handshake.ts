// From an address to a session that is ready to send: greeting, EHLO, STARTTLS (RFC 3207) and EHLO again, AUTH.
// What was said before TLS is forgotten with it, and no login ever crosses a connection that was to be encrypted and is not.

import { dial, isLandlineError, ProtocolError, TlsError } from "@landline/core";
import type { Connector, SocketAddress, TlsMode, TlsOptions, Transport } from "@landline/core";
import { Connection } from "./connection.ts";
import { refusal, unsent } from "./errors.ts";
import type { Phase } from "./errors.ts";
import { parseCapabilities } from "./protocol/capabilities.ts";
import type { Capabilities } from "./protocol/capabilities.ts";
import { ReplyDecoder } from "./protocol/decoder.ts";
import { argument, command } from "./protocol/encoder.ts";
import type { Reply } from "./protocol/messages.ts";
import { ask, outOfOrder } from "./exchange.ts";
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

/** Says a command, where there is one, and hears the reply. */
type Say = (phase: Phase, line?: string) => Promise<Reply>;

/**
 * Connects, secures and logs in.
 * @throws ConnectError, TlsError, TimeoutError, ProtocolError; SmtpError when the server refuses; the signal's own reason.
 */
export async function handshake(options: HandshakeOptions, signal?: AbortSignal): Promise<Connection> {
  const { address, tls, tlsOptions, login, name, connectTimeout, connect, lmtp = false } = options;
  const hello = `${lmtp ? "L" : "E"}HLO ${argument(name)}`;
  const until = Date.now() + connectTimeout;
  const limits = (): Limits => ({ timeout: Math.max(1, until - Date.now()), signal });
  let offered: Capabilities | undefined;
  const negotiate = async (fresh: Transport): Promise<boolean> => {
    const say = inTheClear(fresh);
    offered = await introduce(say, hello, true);
    if (!offered.keywords.has("STARTTLS")) return false;
    const { code } = await say("starttls", "STARTTLS");
    if (code !== 220 && code < 400) throw outOfOrder("STARTTLS", code);
    return code === 220;
  };
  let connection: Connection | undefined;
  try {
    const transport = await dial(address, { ...tlsOptions, tls, connectTimeout, signal, connect, negotiate });
    const fresh = (connection = new Connection(transport, lmtp));
    const say: Say = (phase, line) => ask(fresh, phase, line, limits());
    // Declined in protocol (mode "prefer"): what the server said in the clear is what it still offers in the clear.
    fresh.capabilities =
      offered !== undefined && !transport.info.secure ? offered : await introduce(say, hello, offered === undefined);
    await login?.(fresh, limits);
    return fresh;
  } catch (error) {
    void connection?.release();
    throw unsent(error, connection === undefined && tls === "on" ? hintOf(error, address) : "");
  }
}

/** The greeting, where it is still to come, and EHLO. */
async function introduce(say: Say, hello: string, greeted: boolean): Promise<Capabilities> {
  if (greeted) welcome("greeting", await say("greeting"), 220);
  return parseCapabilities(welcome("ehlo", await say("ehlo", hello), 250).lines);
}

function welcome(phase: Phase, reply: Reply, expected: number): Reply {
  if (reply.code >= 400) throw refusal("the server refused this client", phase, reply);
  if (reply.code !== expected) throw outOfOrder(phase, reply.code);
  return reply;
}

/** Conversation before TLS: pulled, so that nothing is read which belongs to the TLS handshake. */
function inTheClear(transport: Transport): Say {
  const decoder = new ReplyDecoder();
  return async (phase, line) => {
    if (line !== undefined) command(transport.writer, line);
    const replies: Reply[] = [];
    let isMore = false;
    while (replies.length === 0) {
      const chunk = await transport.pull();
      if (chunk === undefined)
        throw new ProtocolError(`the server closed the connection (phase: ${phase})`, { code: "PROTOCOL_TRUNCATED" });
      try {
        decoder.push(chunk, { reply: (reply) => replies.push(reply) });
      } catch (error) {
        if (replies.length === 0) throw error;
        isMore = true;
      }
    }
    // A right server sends nothing behind the reply; somebody in between may (CVE-2011-0411 and its kin).
    if (isMore || replies.length > 1 || decoder.pending) {
      const { hostname, port } = transport.info.address;
      const what = `${hostname}:${port} sent more than was asked for before TLS (phase: ${phase}); somebody may be injecting it`;
      throw phase === "starttls"
        ? new TlsError(what, { code: "TLS_INJECTION", outcome: "unsent" })
        : new ProtocolError(what);
    }
    return replies[0] as Reply;
  };
}

/**
 * A TLS handshake against a port that speaks in the clear fails with words that nobody understands; workerd even calls it
 * a connection that could not be made.
 */
function hintOf(error: unknown, { hostname, port }: SocketAddress): string {
  return isLandlineError(error) && /^(?:TLS|CONNECT)_FAILED$/.test(error.code)
    ? `; if ${hostname}:${port} starts in the clear, as ports 587 and 25 do, use smtp:// or tls: "starttls"`
    : "";
}
