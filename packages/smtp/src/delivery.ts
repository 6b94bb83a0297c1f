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
  throw refusal("the server refused every recipient", "rcpt", mildest(replies), {
    accepted: [],
    rejected,
    unknown: [],
  });
}

/**
 * The server's words on the message: one for each accepted recipient (LMTP), or one for all of them.
 * @throws SmtpError when all say no.
 */
export function judge(
  words: readonly Reply[],
  { accepted: open, rejected }: Recipients,
  phase: "data" | "message" = "message",
): Delivery {
  const addresses = open.map(({ address }) => address);
  const said = recipients(addresses, words);
  const delivery = {
    accepted: said.accepted,
    rejected: [...rejected, ...said.rejected],
    unknown: addresses.slice(words.length),
  };
  if (said.accepted.length > 0 || delivery.unknown.length > 0) return delivery;
  throw refusal("the server refused the message", phase, mildest(words), delivery);
}

/** What can be tried again later says so, even when other recipients are refused for good. */
function mildest(replies: readonly Reply[]): Reply {
  return replies.find(({ code }) => code < 500) ?? (replies[0] as Reply);
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
