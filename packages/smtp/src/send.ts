// One mail transaction (RFC 5321 3.3) over a session, by the fastest way that is safe there: in a window of transactions,
// in chunks, or by DATA; and what became of each recipient. Nothing is ever sent twice.

import { isLandlineError } from "@landline/core";
import type { ByteWriter } from "@landline/core/bytes";
import { checkKind, judge, undecided } from "./delivery.ts";
import type { Recipients } from "./delivery.ts";
import { openTransaction } from "./envelope.ts";
import type { EnvelopeCommands } from "./envelope.ts";
import { SmtpError, withOutcome } from "./errors.ts";
import type { Delivery } from "./errors.ts";
import { outOfOrder, reset } from "./exchange.ts";
import { Chunker } from "./protocol/chunks.ts";
import { data } from "./protocol/encoder.ts";
import type { RcptParameters } from "./protocol/encoder.ts";
import { isPositive } from "./protocol/messages.ts";
import type { Reply } from "./protocol/messages.ts";
import { DotStuffer } from "./protocol/transparency.ts";
import type { Limits, Session } from "./session.ts";
import { sendInWindow } from "./window.ts";

/** Larger messages wait for what the server says of their recipients, so that none is sent in vain, and are sent in pieces. */
const MAX_WHOLE_BYTES = 32 * 1024;
/** The server does not know BDAT, and would read the message as commands. */
const UNKNOWN_COMMAND: readonly number[] = [500, 501, 502, 504];

/** Who sends to whom: serialised addr-specs, checked by the parser. */
export interface Envelope {
  /** Empty for the null reverse-path. */
  readonly from: string;
  readonly to: readonly string[];
}

/** What reports are asked of the servers on the way (RFC 3461), in its own words. */
export interface Dsn {
  readonly ret?: "FULL" | "HDRS" | undefined;
  readonly envid?: string | undefined;
  /** In the order of the envelope's recipients. */
  readonly recipients: readonly Pick<RcptParameters, "notify" | "orcpt">[];
}

/** What a transaction carries. */
export interface Outgoing {
  readonly envelope: Envelope;
  /** Whether an address or a header is not ASCII. */
  readonly smtpUtf8: boolean;
  /** Bytes of the message, where known beforehand. */
  readonly size: number | undefined;
  /** The message, header and body. An array is in memory, and may go in a window of messages. */
  readonly body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Whether there may be bytes over 127 in it (RFC 6152). */
  readonly eightBit?: boolean | undefined;
  /** Every server on the way must use TLS (RFC 8689). */
  readonly requireTls?: boolean | undefined;
  readonly dsn?: Dsn | undefined;
}

/** Times of a transaction. */
export interface SendLimits extends Limits {
  /** Milliseconds for the server's word on the whole message. */
  readonly dataTimeout: number;
  /** `false`: by DATA, whatever the server offers. */
  readonly chunking?: boolean | undefined;
}

/**
 * Sends one message. `onward` is called when the session can take the next one, which may be before this one is answered.
 * @throws SmtpError when the message, or every recipient, is refused; `outcome: "unknown"` with a `delivery` when the
 * connection is lost after the message was complete. ClosedError, TimeoutError, ProtocolError with `outcome: "unsent"`
 * before it. The signal's own reason.
 */
export async function send(
  session: Session,
  outgoing: Outgoing,
  limits: SendLimits,
  onward: () => void = () => {},
): Promise<Delivery> {
  const commands = commandsOf(session, outgoing);
  const { timeout, dataTimeout, signal, chunking } = limits;
  const { capabilities, lmtp } = session.facts;
  const { body, size = Infinity } = outgoing;
  const whole = size <= MAX_WHOLE_BYTES && Array.isArray(body) ? (body as readonly Uint8Array[]) : undefined;
  // LMTP answers a message as often as it has recipients, which BDAT makes hard to count (RFC 2033 4.2).
  const chunked = chunking !== false && !lmtp && capabilities.pipelining && capabilities.keywords.has("CHUNKING");
  if (whole !== undefined && chunked && session.chunkTaken)
    return sendInWindow(session, commands, whole, { timeout: dataTimeout, signal }, onward);
  try {
    // This one goes alone: what is in flight is answered before its own envelope.
    const patience = session.inFlight > 0 ? dataTimeout : timeout;
    const resets = session.inFlight > 0 || session.transaction;
    const asks = chunked ? undefined : ({ phase: "data", write: data } as const);
    const { word, ...open } = await openTransaction(session, commands, { timeout: patience, signal }, resets, asks);
    if (word !== undefined && word.code !== 354)
      return judge(
        open.accepted.map(() => word),
        open,
        "data",
      );
    return await transfer(session, open, outgoing.body, whole, limits, chunked, onward);
  } catch (error) {
    if (error instanceof SmtpError && error.outcome === "refused") session.refusals++;
    throw error;
  }
}

/** The message itself, and the word on it. */
async function transfer(
  session: Session,
  open: Recipients,
  source: Outgoing["body"],
  whole: readonly Uint8Array[] | undefined,
  limits: SendLimits,
  chunked: boolean,
  onward: () => void,
): Promise<Delivery> {
  const { lmtp, capabilities } = session.facts;
  const encoder = chunked ? new Chunker() : new DotStuffer();
  const words: Reply[] = [];
  let refused: Reply | undefined;
  let ended = false;
  const sink = {
    reply: (reply: Reply): void => {
      checkKind(reply, "the message");
      if (refused !== undefined && isPositive(reply)) throw outOfOrder("a chunk of a refused message", reply.code);
      if (chunked && !isPositive(reply)) refused ??= reply;
      words.push(reply);
    },
  };
  const end = (writer: ByteWriter): void => {
    ended = true;
    // RFC 5321 4.1.1.4: whatever the server says of the message, nothing of it is left there.
    session.transaction = chunked;
    encoder.end(writer);
  };
  const { timeout, dataTimeout, signal } = limits;
  const request = { timeout, signal, phase: "message", replies: lmtp ? open.accepted.length : 1 } as const;
  try {
    if (whole === undefined) {
      const push = (piece: Uint8Array, writer: ByteWriter) => encoder.push(piece, writer);
      const enough = (): boolean => refused !== undefined;
      await session.stream({ ...request, replyTimeout: dataTimeout, source, push, end, enough }, sink);
    } else {
      const write = (writer: ByteWriter): void => {
        for (const piece of whole) encoder.push(piece, writer);
        end(writer);
      };
      const answered = session.exchange({ ...request, timeout: dataTimeout, write, detachable: true }, sink);
      // RFC 2920 3.1: the next envelope may follow the message in one write.
      if (ended && !chunked && capabilities.pipelining) onward();
      await answered;
    }
    if (refused !== undefined) {
      if (!session.chunkTaken && UNKNOWN_COMMAND.includes(refused.code))
        session.cancel(outOfOrder("BDAT", refused.code));
      else if (!ended) await reset(session, timeout, signal);
    }
  } catch (error) {
    if (refused === undefined && !ended) throw withOutcome(error, "unsent");
    if (refused === undefined) throw isLandlineError(error) ? undecided(error, judge(lmtp ? words : [], open)) : error;
  }
  const word = refused ?? (words.at(-1) as Reply);
  const delivery = judge(lmtp ? words : open.accepted.map(() => word), open);
  if (chunked) {
    session.transaction = false;
    session.chunkTaken = true;
  }
  return delivery;
}

/** What must not be asked of this server is refused before a byte is written. */
function commandsOf({ facts }: Session, outgoing: Outgoing): EnvelopeCommands {
  const { capabilities, secure } = facts;
  const { smtpUtf8, size, eightBit = false, requireTls = false, dsn, envelope } = outgoing;
  const needs: [keyword: string, needed: boolean, why: string][] = [
    ["SMTPUTF8", smtpUtf8, "an address has non-ASCII characters before the @"],
    ["8BITMIME", eightBit, "the message has bytes over 127"],
    ["DSN", dsn !== undefined, "the message asks for delivery reports"],
    ["REQUIRETLS", requireTls, "the message demands TLS on its whole way"],
  ];
  for (const [keyword, needed, why] of needs) {
    if (needed && !(capabilities.keywords.has(keyword) && (secure || keyword !== "REQUIRETLS")))
      throw unable(`${keyword}_REQUIRED`, `${why}, and the server does not offer ${keyword} on this connection`);
  }
  const { maxSize = Infinity } = capabilities;
  if (size !== undefined && size > maxSize)
    throw unable("MESSAGE_TOO_LARGE", `the message has ${size} bytes; the server takes ${maxSize} at most`);
  const { ret, envid } = dsn ?? {};
  return {
    ...envelope,
    parameters: { smtpUtf8, size: capabilities.size ? size : undefined, eightBit, requireTls, ret, envid },
    recipients: envelope.to.map((_address, index) => ({ smtpUtf8, ...dsn?.recipients[index] })),
  };
}

function unable(code: string, why: string): SmtpError {
  return new SmtpError(why, { code, outcome: "unsent", phase: "mail" });
}
