// One mail transaction (RFC 5321 3.3) over a session: the envelope, pipelined where the server can (RFC 2920), then the
// message, and what became of each recipient. Nothing is ever sent twice.

import { isLandlineError, ProtocolError } from "@landline/core";
import { refusal, SmtpError, withOutcome } from "./errors.ts";
import type { Delivery, RecipientReply } from "./errors.ts";
import { ask, outOfOrder } from "./exchange.ts";
import { data, mail, rcpt } from "./protocol/encoder.ts";
import type { MailParameters } from "./protocol/encoder.ts";
import { isPositive, replyText } from "./protocol/messages.ts";
import type { Reply } from "./protocol/messages.ts";
import { DotStuffer } from "./protocol/transparency.ts";
import type { Limits, Session } from "./session.ts";

/** Who sends to whom: serialised addr-specs, checked by the parser. */
export interface Envelope {
  /** Empty for the null reverse-path. */
  readonly from: string;
  readonly to: readonly string[];
}

/** What a transaction carries. */
export interface Outgoing {
  readonly envelope: Envelope;
  /** Whether an address or a header is not ASCII. */
  readonly smtpUtf8: boolean;
  /** Bytes of the message, where known beforehand. */
  readonly size: number | undefined;
  /** The message, header and body. */
  readonly body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Times of a transaction. */
export interface SendLimits extends Limits {
  /** Milliseconds for the server's word on the whole message. */
  readonly dataTimeout: number;
}

/**
 * Sends one message.
 * @throws SmtpError when the message, or every recipient, is refused; `outcome: "unknown"` with a `delivery` when the
 * connection is lost after the final dot. ClosedError, TimeoutError, ProtocolError with `outcome: "unsent"` before it.
 * The signal's own reason.
 */
export async function send(session: Session, outgoing: Outgoing, limits: SendLimits): Promise<Delivery> {
  const parameters = mailParameters(session, outgoing);
  const { envelope } = outgoing;
  let opened: Opened;
  try {
    opened = session.facts.capabilities.pipelining
      ? await pipelined(session, envelope, parameters, limits)
      : await lockStep(session, envelope, parameters, limits);
  } catch (error) {
    throw withOutcome(error, "unsent");
  }

  const { accepted, rejected } = opened;
  let ended = false;
  let final: Reply | undefined;
  const stuffer = new DotStuffer();
  try {
    await session.stream(
      {
        ...limits,
        phase: "message",
        replyTimeout: limits.dataTimeout,
        source: outgoing.body,
        push: (piece, writer) => stuffer.push(piece, writer),
        end: (writer) => {
          ended = true;
          stuffer.end(writer);
        },
      },
      {
        reply: (reply) => {
          if (reply.code >= 300 && reply.code < 400) throw outOfOrder("the message", reply);
          final = reply;
        },
      },
    );
  } catch (error) {
    if (!ended) throw withOutcome(error, "unsent");
    throw undecided(error, { accepted: [], rejected, unknown: accepted.map(({ address }) => address) });
  }
  session.transaction = false;
  const word = final as unknown as Reply;
  const delivered = accepted.map(({ address }) => outcomeOf(address, word));
  if (isPositive(word)) return { accepted: delivered, rejected, unknown: [] };
  throw refusal("the server refused the message", "message", word, {
    accepted: [],
    rejected: [...rejected, ...delivered],
    unknown: [],
  });
}

/** What must not be asked of this server is refused before a byte is written. */
function mailParameters({ facts }: Session, { smtpUtf8, size }: Outgoing): MailParameters {
  const { capabilities } = facts;
  if (smtpUtf8 && !capabilities.smtpUtf8) {
    throw new SmtpError("an address has non-ASCII characters before the @, and the server does not offer SMTPUTF8", {
      code: "SMTPUTF8_REQUIRED",
      outcome: "unsent",
      phase: "mail",
    });
  }
  if (size !== undefined && capabilities.maxSize !== undefined && size > capabilities.maxSize) {
    throw new SmtpError(`the message has ${size} bytes; the server takes ${capabilities.maxSize} at most`, {
      code: "MESSAGE_TOO_LARGE",
      outcome: "unsent",
      phase: "mail",
    });
  }
  return { smtpUtf8, size: capabilities.size ? size : undefined };
}

/** The recipients after DATA was answered with 354. At least one is accepted. */
interface Opened {
  readonly accepted: readonly RecipientReply[];
  readonly rejected: readonly RecipientReply[];
}

async function pipelined(
  session: Session,
  { from, to }: Envelope,
  parameters: MailParameters,
  limits: Limits,
): Promise<Opened> {
  const replies: Reply[] = [];
  const last = to.length + 1;
  session.transaction = true;
  await session.exchange(
    {
      ...limits,
      phase: "mail",
      replies: to.length + 2,
      write: (writer) => {
        mail(writer, from, parameters);
        for (const address of to) rcpt(writer, address, parameters);
        data(writer);
      },
    },
    {
      reply: (reply) => {
        checkKind(reply, replies.length === last);
        replies.push(reply);
      },
    },
  );
  const [mailReply, ...others] = replies as [Reply, ...Reply[]];
  const dataReply = others.pop() as Reply;
  const outcomes = others.map((reply, index) => outcomeOf(to[index] as string, reply));
  const accepted = outcomes.filter(isAccepted);
  const rejected = outcomes.filter((outcome) => !isAccepted(outcome));
  const nobody = !isPositive(mailReply) || accepted.length === 0;
  // RFC 2920 3.1: such a server waits for a message that goes to nobody. It gets none.
  if (nobody && dataReply.code === 354) {
    session.cancel(new ProtocolError("the server asked for the message although it had refused every recipient"));
  }
  if (!isPositive(mailReply)) throw refusal("the server refused the sender", "mail", mailReply);
  if (nobody) throw allRefused(others, rejected);
  if (dataReply.code !== 354) throw dataRefused(dataReply, accepted, rejected);
  return { accepted, rejected };
}

async function lockStep(
  session: Session,
  { from, to }: Envelope,
  parameters: MailParameters,
  limits: Limits,
): Promise<Opened> {
  const step = async (request: Omit<Parameters<typeof ask>[1], keyof Limits>): Promise<Reply> => {
    const reply = await ask(session, { ...limits, ...request });
    try {
      checkKind(reply, request.phase === "data");
    } catch (error) {
      session.cancel(error);
      throw error;
    }
    return reply;
  };
  session.transaction = true;
  const mailReply = await step({ phase: "mail", write: (writer) => mail(writer, from, parameters) });
  if (!isPositive(mailReply)) throw refusal("the server refused the sender", "mail", mailReply);
  const accepted: RecipientReply[] = [];
  const rejected: RecipientReply[] = [];
  const replies: Reply[] = [];
  for (const address of to) {
    const reply = await step({ phase: "rcpt", write: (writer) => rcpt(writer, address, parameters) });
    replies.push(reply);
    (isPositive(reply) ? accepted : rejected).push(outcomeOf(address, reply));
  }
  if (accepted.length === 0) throw allRefused(replies, rejected);
  const dataReply = await step({ phase: "data", write: data });
  if (dataReply.code !== 354) throw dataRefused(dataReply, accepted, rejected);
  return { accepted, rejected };
}

/** MAIL and RCPT are never answered with 3xx, nor DATA with 2xx: such a reply belongs to another command. */
function checkKind(reply: Reply, isData: boolean): void {
  const { code } = reply;
  if (isData ? code < 300 || (code < 400 && code !== 354) : code >= 300 && code < 400) {
    throw outOfOrder(isData ? "DATA" : "MAIL or RCPT", reply);
  }
}

function outcomeOf(address: string, reply: Reply): RecipientReply {
  return { address, code: reply.code, enhanced: reply.enhanced, message: replyText(reply) };
}

function isAccepted({ code }: RecipientReply): boolean {
  return code < 300;
}

/** What can be tried again later says so, even when other recipients are refused for good. */
function allRefused(replies: readonly Reply[], rejected: readonly RecipientReply[]): SmtpError {
  const word = replies.find(({ code }) => code < 500) ?? (replies[0] as Reply);
  return refusal("the server refused every recipient", "rcpt", word, { accepted: [], rejected, unknown: [] });
}

function dataRefused(
  reply: Reply,
  accepted: readonly RecipientReply[],
  rejected: readonly RecipientReply[],
): SmtpError {
  const now = accepted.map(({ address }) => outcomeOf(address, reply));
  return refusal("the server refused to take the message", "data", reply, {
    accepted: [],
    rejected: [...rejected, ...now],
    unknown: [],
  });
}

/** The server may have the message, and may not. */
function undecided(error: unknown, delivery: Delivery): unknown {
  if (!isLandlineError(error)) return error;
  return new SmtpError(`${error.message}; the message was complete, so that it may be delivered all the same`, {
    code: error.code,
    outcome: "unknown",
    phase: "message",
    delivery,
    cause: error,
  });
}
