// The commands of a transaction (RFC 5321 3.3): RSET where one is due, MAIL, RCPT, and what asks for the message or carries
// it; in one flight where the server can take it (RFC 2920), else step by step until there is no use in going on.

import { ProtocolError } from "@landline/core";
import type { ByteWriter } from "@landline/core/bytes";
import { checkKind, recipients, refusedBy, undecided } from "./delivery.ts";
import type { Recipients } from "./delivery.ts";
import { unsent } from "./errors.ts";
import { command } from "./protocol/encoder.ts";
import { isPositive } from "./protocol/messages.ts";
import type { Reply } from "./protocol/messages.ts";
import type { Limits, Session } from "./session.ts";

/** The commands of an envelope. */
export interface EnvelopeCommands {
  readonly to: readonly string[];
  /** `MAIL`, and a `RCPT` for each of `to`. */
  readonly lines: readonly string[];
}

/** A message that goes behind its envelope, in the same flight: a connection lost from there on leaves its fate open. */
export interface Whole {
  write(writer: ByteWriter): void;
  /** Called when all is written. */
  written(): void;
  /** Called with the answer to it, as soon as it comes. */
  answered(reply: Reply): void;
}

/** Whose message it is now, and the answer to what came last. */
export interface Opened extends Recipients {
  readonly word: Reply | undefined;
}

/**
 * Opens a transaction; `last` is what comes behind the last `RCPT`.
 * @throws SmtpError when the sender or every recipient is refused, or with `outcome: "unknown"` when the message was in the
 * flight and the connection is lost.
 */
export async function openTransaction(
  session: Session,
  { to, lines }: EnvelopeCommands,
  limits: Limits,
  resets: boolean,
  last?: "DATA" | Whole,
): Promise<Opened> {
  const replies: Reply[] = [];
  const first = resets ? 1 : 0;
  const end = first + lines.length;
  const steps = [...(resets ? ["RSET"] : []), ...lines, ...(last === undefined ? [] : [last])];
  const whole = typeof last === "object" ? last : undefined;
  const isMessage = whole !== undefined;
  const asked = last === undefined ? "rcpt" : "data";
  const sink = {
    reply: (reply: Reply): void => {
      const about = isMessage ? "the message" : "DATA";
      checkKind(reply, replies.length < end ? "MAIL or RCPT" : about);
      if (replies.push(reply) > end) whole?.answered(reply);
    },
  };
  const phase = isMessage ? "message" : asked;
  /** Whether there is nobody to send to. */
  const isRefused = (): boolean => {
    const [mail, ...answers] = replies.slice(first, end);
    return mail !== undefined && !(isPositive(mail) && (answers.length < to.length || answers.some(isPositive)));
  };
  const pipelining = session.capabilities.keywords.has("PIPELINING");
  let written = false;
  let lost: unknown;
  try {
    for (const group of pipelining ? [steps] : steps.map((step) => [step])) {
      const write = (writer: ByteWriter): void => {
        for (const step of group) {
          if (typeof step === "string") command(writer, step);
          else step.write(writer);
        }
        session.transaction = written = true;
        session.fresh = false;
      };
      const answered = session.exchange(
        { ...limits, phase, detachable: isMessage, replies: group.length, write },
        sink,
      );
      if (written) whole?.written();
      await answered;
      if (isRefused()) break;
    }
  } catch (error) {
    if (!isMessage || !written) throw unsent(error);
    lost = error;
  }

  const answers = replies.slice(first + 1, end);
  const word = replies[end];
  const split = recipients(to, answers);
  // What was refused is known, also when the rest of the conversation is lost.
  if (isRefused()) {
    // RFC 2920 3.1: such a server waits for a message that goes to nobody. It gets none.
    if (word !== undefined && word.code < 400)
      session.cancel(new ProtocolError("the server takes the message although it has refused every recipient"));
    const mail = replies[first] as Reply;
    throw isPositive(mail)
      ? refusedBy("every recipient", "rcpt", answers, { ...split, unknown: [] })
      : refusedBy("the sender", "mail", [mail]);
  }
  if (lost === undefined) return { ...split, word };
  const unknown = to.filter((address) => !split.rejected.some((rejected) => rejected.address === address));
  throw undecided(lost, { accepted: [], rejected: split.rejected, unknown });
}
