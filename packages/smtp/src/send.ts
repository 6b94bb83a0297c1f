// One mail transaction (RFC 5321 3.3) over a session, by the fastest way that is safe there: in a window of transactions,
// in chunks, or by DATA; and what became of each recipient. Nothing is ever sent twice.

import { checkKind, judge, undecided } from "./delivery.ts";
import type { Recipients } from "./delivery.ts";
import { openTransaction } from "./envelope.ts";
import type { EnvelopeCommands } from "./envelope.ts";
import { SmtpError, unsent } from "./errors.ts";
import type { Delivery } from "./errors.ts";
import { outOfOrder, reset } from "./exchange.ts";
import { Chunker } from "./protocol/chunks.ts";
import { pathCommand } from "./protocol/encoder.ts";
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

/** Delivery reports (RFC 3461) as parameters of the commands: `RET=HDRS`, `NOTIFY=NEVER`. */
export interface Dsn {
  readonly mail: readonly string[];
  /** In the order of the envelope's recipients. */
  readonly rcpt: readonly (readonly string[])[];
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
  const { timeout, dataTimeout, signal } = limits;
  const { keywords } = session.capabilities;
  // An answer to the message for each recipient (draft-hall-prdr). By DATA, which it is written for.
  const prdr = !session.lmtp && keywords.has("PRDR") && outgoing.envelope.to.length > 1;
  const commands = commandsOf(session, outgoing, prdr);
  const { body, size = Infinity } = outgoing;
  // LMTP answers a message as often as it has recipients, which BDAT makes hard to count (RFC 2033 4.2).
  const alike = limits.chunking !== false && !session.lmtp && !prdr;
  const chunked = alike && keywords.has("PIPELINING") && keywords.has("CHUNKING");
  if (chunked && session.chunkTaken && size <= MAX_WHOLE_BYTES && Array.isArray(body))
    return sendInWindow(session, commands, body, { timeout: dataTimeout, signal }, onward);
  try {
    // This one goes alone: what is in flight is answered before its own envelope.
    const isBusy = session.inFlight > 0;
    const patience = { timeout: isBusy ? dataTimeout : timeout, signal };
    const resets = isBusy || session.transaction;
    const { word, ...open } = await openTransaction(session, commands, patience, resets, chunked ? undefined : "DATA");
    if (word !== undefined && word.code !== 354) return judge(Array(open.accepted.length).fill(word), open, "data");
    return await transfer(session, open, body, limits, { chunked, prdr }, onward);
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
  { timeout, dataTimeout, signal }: SendLimits,
  { chunked, prdr }: Readonly<Record<"chunked" | "prdr", boolean>>,
  onward: () => void,
): Promise<Delivery> {
  const { lmtp } = session;
  const count = open.accepted.length;
  /** PRDR: the server has said that there will be an answer for each recipient, and one for the message. */
  let listed = false;
  const encoder = chunked ? new Chunker() : new DotStuffer();
  const words: Reply[] = [];
  let refused: Reply | undefined;
  let ended = false;
  const sink = {
    reply: (reply: Reply): void => {
      if (prdr && !listed && reply.code === 353) return void (listed = true);
      checkKind(reply, "the message");
      if (refused !== undefined && isPositive(reply)) throw outOfOrder("a chunk of a refused message", reply.code);
      if (chunked && !isPositive(reply)) refused ??= reply;
      words.push(reply);
    },
  };
  /** What counts for each recipient, as far as it has come. By PRDR a yes does if the message got one, too. */
  const each = (): readonly (Reply | undefined)[] => {
    if (!lmtp && !listed) return [];
    const last = words[count];
    const isTaken = lmtp || (last !== undefined && isPositive(last));
    return words.slice(0, count).map((word) => (isPositive(word) && !isTaken ? last : word));
  };
  try {
    await session.stream(
      {
        timeout,
        signal,
        phase: "message",
        replies: lmtp ? count : 1,
        announced: prdr ? count + 1 : undefined,
        replyTimeout: dataTimeout,
        source,
        push: (piece, writer) => encoder.push(piece, writer),
        end(writer) {
          ended = true;
          // RFC 5321 4.1.1.4: whatever the server says of the message, nothing of it is left there.
          session.transaction = chunked;
          encoder.end(writer);
        },
        written() {
          // RFC 2920 3.1: the next envelope may follow the message in one write. Not by PRDR: where a server counts
          // otherwise than we do, nobody else may get its answers.
          if (!chunked && !prdr && session.capabilities.keywords.has("PIPELINING")) onward();
        },
        enough: () => refused !== undefined,
      },
      sink,
    );
    if (refused !== undefined) {
      if (!session.chunkTaken && UNKNOWN_COMMAND.includes(refused.code))
        session.cancel(outOfOrder("BDAT", refused.code));
      else if (!ended) await reset(session, timeout, signal);
    }
  } catch (error) {
    if (refused === undefined) throw ended ? undecided(error, judge(each(), open)) : unsent(error);
  }
  const word = refused ?? words.at(-1);
  const delivery = judge(lmtp || listed ? each() : Array(count).fill(word), open);
  if (chunked) {
    session.transaction = false;
    session.chunkTaken = true;
  }
  return delivery;
}

/** What must not be asked of this server is refused before a byte is written. */
function commandsOf({ capabilities, secure }: Session, outgoing: Outgoing, prdr: boolean): EnvelopeCommands {
  const { keywords, maxSize } = capabilities;
  const { smtpUtf8, size = 0, dsn, envelope } = outgoing;
  const { from, to } = envelope;
  const asks: [
    keyword: string,
    isNeeded: boolean | undefined,
    why: string,
    parameters?: readonly string[] | undefined,
  ][] = [
    ["SMTPUTF8", smtpUtf8, "an address is not ASCII"],
    ["8BITMIME", outgoing.eightBit, "there are bytes over 127", ["BODY=8BITMIME"]],
    ["REQUIRETLS", outgoing.requireTls, "TLS on its whole way"],
    ["DSN", dsn !== undefined, "delivery reports", dsn?.mail],
    ["PRDR", prdr, ""],
  ];
  const parameters = outgoing.size !== undefined && keywords.has("SIZE") ? [`SIZE=${size}`] : [];
  for (const [keyword, isNeeded, why, words = [keyword]] of asks) {
    if (isNeeded !== true) continue;
    if (!keywords.has(keyword) || (keyword === "REQUIRETLS" && !secure))
      throw unable(
        `${keyword}_REQUIRED`,
        `the message needs ${keyword} (${why}), which the server does not offer on this connection`,
      );
    parameters.push(...words);
  }
  if (size > maxSize)
    throw unable("MESSAGE_TOO_LARGE", `the message has ${size} bytes; the server takes ${maxSize} at most`);
  const lines = to.map((address, index) => pathCommand("RCPT TO", address, smtpUtf8, dsn?.rcpt[index]));
  return { to, lines: [pathCommand("MAIL FROM", from, smtpUtf8, parameters), ...lines] };
}

function unable(code: string, why: string): SmtpError {
  return new SmtpError(why, { code, outcome: "unsent", phase: "mail" });
}
