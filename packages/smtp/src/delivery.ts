// From a server's replies to the fate of each recipient, and to the errors that tell it. Pure.

import { isLandlineError } from "@landline/core";
import { refusal, SmtpError } from "./errors.ts";
import type { Delivery, RecipientReply } from "./errors.ts";
import { outOfOrder } from "./exchange.ts";
import { isPositive, replyText } from "./protocol/messages.ts";
import type { Reply } from "./protocol/messages.ts";

/** The recipients, by what the server said to `RCPT`. */
export interface Recipients {
  readonly accepted: readonly RecipientReply[];
  readonly rejected: readonly RecipientReply[];
}

/** Pairs recipients with the answers to their `RCPT`. */
export function recipients(to: readonly string[], replies: readonly Reply[]): Recipients {
  const outcomes = replies.map((reply, index) => outcomeOf(to[index] as string, reply));
  return {
    accepted: outcomes.filter(({ code }) => code < 300),
    rejected: outcomes.filter(({ code }) => code >= 300),
  };
}

/** @throws SmtpError when the sender, or every recipient, was refused. */
export function checkEnvelope(mailReply: Reply, replies: readonly Reply[], { accepted, rejected }: Recipients): void {
  if (!isPositive(mailReply)) throw refusal("the server refused the sender", "mail", mailReply);
  if (accepted.length > 0) return;
  // What can be tried again later says so, even when other recipients are refused for good.
  const word = replies.find(({ code }) => code < 500) ?? (replies[0] as Reply);
  throw refusal("the server refused every recipient", "rcpt", word, { accepted: [], rejected, unknown: [] });
}

/** The server's word on the message, which goes for everybody whom it had accepted. @throws SmtpError for a no. */
export function judge(
  word: Reply,
  { accepted, rejected }: Recipients,
  phase: "data" | "message" = "message",
): Delivery {
  const delivered = accepted.map(({ address }) => outcomeOf(address, word));
  if (isPositive(word)) return { accepted: delivered, rejected, unknown: [] };
  const what = phase === "data" ? "the server refused to take the message" : "the server refused the message";
  throw refusal(what, phase, word, { accepted: [], rejected: [...rejected, ...delivered], unknown: [] });
}

/** The words on the message, one for each accepted recipient (LMTP). @throws SmtpError when all say no. */
export function judgeEach(words: readonly Reply[], { accepted, rejected }: Recipients): Delivery {
  const outcomes = recipients(
    accepted.map(({ address }) => address),
    words,
  );
  const refused = [...rejected, ...outcomes.rejected];
  const unknown = accepted.slice(words.length).map(({ address }) => address);
  const delivery = { accepted: outcomes.accepted, rejected: refused, unknown };
  if (outcomes.accepted.length > 0 || unknown.length > 0) return delivery;
  const word = words.find(({ code }) => code < 500) ?? (words[0] as Reply);
  throw refusal("the server refused the message for every recipient", "message", word, delivery);
}

/** The error of a connection that was lost when the server may have had the message already. */
export function undecided(error: unknown, delivery: Delivery): unknown {
  if (!isLandlineError(error)) return error;
  return new SmtpError(`${error.message}; the message was complete, so that it may be delivered all the same`, {
    code: error.code,
    outcome: "unknown",
    phase: "message",
    delivery,
    cause: error,
  });
}

/** Which replies a command never gets: such a one belongs to another command. @throws ProtocolError for those. */
export function checkKind({ code }: Reply, command: "MAIL or RCPT" | "DATA" | "the message"): void {
  const isData = command === "DATA";
  const bad = isData ? code < 400 && code !== 354 : code >= 300 && code < 400;
  if (bad) throw outOfOrder(command, code);
}

function outcomeOf(address: string, reply: Reply): RecipientReply {
  return { address, code: reply.code, enhanced: reply.enhanced, message: replyText(reply) };
}
