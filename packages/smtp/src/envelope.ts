// The commands of a transaction (RFC 5321 3.3): RSET where one is due, MAIL, RCPT, and what asks for the message or carries
// it; in one flight where the server can take it (RFC 2920), else step by step until there is no use in going on.

import { ProtocolError } from "@landline/core";
import type { ByteWriter } from "@landline/core/bytes";
import { checkEnvelope, checkKind, recipients, undecided } from "./delivery.ts";
import type { Recipients } from "./delivery.ts";
import { withOutcome } from "./errors.ts";
import { mail, rcpt, rset } from "./protocol/encoder.ts";
import type { MailParameters, RcptParameters } from "./protocol/encoder.ts";
import { isPositive } from "./protocol/messages.ts";
import type { Reply } from "./protocol/messages.ts";
import type { Limits, Session } from "./session.ts";

/** What the commands of an envelope say. */
export interface EnvelopeCommands {
  readonly from: string;
  readonly to: readonly string[];
  readonly parameters: MailParameters;
  /** In the order of `to`. */
  readonly recipients: readonly RcptParameters[];
}

/** What comes behind the last `RCPT`, in the same flight. */
export interface Last {
  /** `"message"`: the message itself, so that a connection lost from there on leaves its fate open. */
  readonly phase: "data" | "message";
  write(writer: ByteWriter): void;
  /** Called when all is written. */
  written?(): void;
  /** Called with the answer to it, as soon as it comes. */
  answered?(reply: Reply): void;
}

/** Whose message it is now, and the answer to what came last. */
export interface Opened extends Recipients {
  readonly word: Reply | undefined;
}

/**
 * Opens a transaction.
 * @throws SmtpError when the sender or every recipient is refused, or with `outcome: "unknown"` when the message was in the
 * flight and the connection is lost.
 */
export async function openTransaction(
  session: Session,
  { from, to, parameters, recipients: each }: EnvelopeCommands,
  limits: Limits,
  resets: boolean,
  last?: Last,
): Promise<Opened> {
  const replies: Reply[] = [];
  const first = resets ? 1 : 0;
  const end = first + 1 + to.length;
  const steps = [
    ...(resets ? [rset] : []),
    (writer: ByteWriter) => mail(writer, from, parameters),
    ...to.map((address, index) => (writer: ByteWriter) => rcpt(writer, address, each[index])),
    ...(last === undefined ? [] : [last.write]),
  ];
  const isMessage = last?.phase === "message";
  const sink = {
    reply: (reply: Reply): void => {
      const asked = isMessage ? "the message" : "DATA";
      checkKind(reply, replies.length < end ? "MAIL or RCPT" : asked);
      if (replies.push(reply) > end) last?.answered?.(reply);
    },
  };
  const request = { ...limits, phase: last?.phase ?? ("rcpt" as const), detachable: isMessage };
  const { pipelining } = session.facts.capabilities;
  const isPointless = (): boolean =>
    (replies.length > first && !isPositive(replies[first] as Reply)) ||
    (replies.length === end && !replies.slice(first + 1).some(isPositive));
  let written = false;
  let lost: unknown;
  try {
    for (const group of pipelining ? [steps] : steps.map((step) => [step])) {
      const answered = session.exchange(
        {
          ...request,
          replies: group.length,
          write: (writer) => {
            for (const step of group) step(writer);
            session.transaction = written = true;
            session.fresh = false;
          },
        },
        sink,
      );
      if (pipelining && written) last?.written?.();
      await answered;
      if (isPointless()) break;
    }
  } catch (error) {
    if (!isMessage || !written) throw withOutcome(error, "unsent");
    lost = error;
  }

  const [mailReply, ...others] = replies.slice(first);
  const word = others[to.length];
  const answers = others.slice(0, to.length);
  const split = recipients(to, answers);
  // What was refused is known, also when the rest of the conversation is lost.
  if (mailReply !== undefined && (answers.length === to.length || !isPositive(mailReply))) {
    // RFC 2920 3.1: such a server waits for a message that goes to nobody. It gets none.
    const goesToNobody = !isPositive(mailReply) || split.accepted.length === 0;
    if (goesToNobody && word !== undefined && word.code < 400)
      session.cancel(new ProtocolError("the server takes the message although it has refused every recipient"));
    checkEnvelope(mailReply, answers, split);
  }
  if (lost === undefined) return { ...split, word };
  const unknown = to.filter((address) => !split.rejected.some((rejected) => rejected.address === address));
  throw undecided(lost, { accepted: [], rejected: split.rejected, unknown });
}
