// From a server's replies to the fate of each recipient, and to the errors that tell it. Pure.

import { isLandlineError } from "@landline/core";
import { refusal, SmtpError } from "./errors.ts";
import type { Delivery, Phase, RecipientReply } from "./errors.ts";
import { outOfOrder } from "./exchange.ts";
import { isPositive, replyText } from "./protocol/messages.ts";
import type { Reply } from "./protocol/messages.ts";

/** The recipients, by what the server said to `RCPT`. */
export interface Recipients {
  readonly accepted: readonly RecipientReply[];
  readonly rejected: readonly RecipientReply[];
}

/** Pairs recipients with the answers to them, as far as there are any. */
export function recipients(to: readonly string[], replies: readonly (Reply | undefined)[]): Delivery {
  const accepted: RecipientReply[] = [];
  const rejected: RecipientReply[] = [];
  const unknown: string[] = [];
  for (const [index, address] of to.entries()) {
    const reply = replies[index];
    if (reply === undefined) {
      unknown.push(address);
      continue;
    }
    const { code, enhanced } = reply;
    (isPositive(reply) ? accepted : rejected).push({ address, code, enhanced, message: replyText(reply) });
  }
  return { accepted, rejected, unknown };
}

/**
 * The server's words on the message, one for each accepted recipient; where there is none, nobody knows.
 * @throws SmtpError when all say no.
 */
export function judge(
  words: readonly (Reply | undefined)[],
  { accepted: open, rejected }: Recipients,
  phase: "data" | "message" = "message",
): Delivery {
  const said = recipients(
    open.map(({ address }) => address),
    words,
  );
  const delivery = { ...said, rejected: [...rejected, ...said.rejected] };
  if (said.accepted.length > 0 || said.unknown.length > 0) return delivery;
  throw refusedBy("the message", phase, words as readonly Reply[], delivery);
}

/** What can be tried again later says so, even when other recipients are refused for good. */
export function refusedBy(what: string, phase: Phase, replies: readonly Reply[], delivery?: Delivery): SmtpError {
  const mildest = replies.find(({ code }) => code < 500) ?? (replies[0] as Reply);
  return refusal(`the server refused ${what}`, phase, mildest, delivery);
}

/** The error of a connection that was lost when the server may have had the message already. */
export function undecided(error: unknown, delivery: Delivery): unknown {
  if (!isLandlineError(error)) return error;
  return new SmtpError(`${error.message}; the message may be delivered all the same`, {
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
  if (isData ? code < 400 && code !== 354 : code >= 300 && code < 400) throw outOfOrder(command, code);
}
