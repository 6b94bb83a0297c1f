// The envelope of a transaction (RFC 5321 3.3): MAIL and RCPT, and DATA where the message goes that way; in one flight
// where the server can take it (RFC 2920), else step by step.

import { ProtocolError } from "@landline/core";
import { checkEnvelope, checkKind, judge, recipients } from "./delivery.ts";
import type { Recipients } from "./delivery.ts";
import { ask } from "./exchange.ts";
import { data, mail, rcpt } from "./protocol/encoder.ts";
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

/**
 * Opens a transaction. With `asks`, it ends with `DATA`, answered by 354; else with the last `RCPT`.
 * @throws SmtpError when the sender, every recipient, or `DATA` is refused.
 */
export function openTransaction(
  session: Session,
  commands: EnvelopeCommands,
  limits: Limits,
  asks: boolean,
): Promise<Recipients> {
  session.transaction = true;
  session.fresh = false;
  return session.facts.capabilities.pipelining
    ? pipelined(session, commands, limits, asks)
    : lockStep(session, commands, limits, asks);
}

async function pipelined(
  session: Session,
  commands: EnvelopeCommands,
  limits: Limits,
  asks: boolean,
): Promise<Recipients> {
  const replies: Reply[] = [];
  const { from, to, parameters } = commands;
  const last = to.length + 1;
  await session.exchange(
    {
      ...limits,
      phase: "mail",
      replies: to.length + (asks ? 2 : 1),
      write: (writer) => {
        mail(writer, from, parameters);
        for (const [index, address] of to.entries()) rcpt(writer, address, commands.recipients[index]);
        if (asks) data(writer);
      },
    },
    {
      reply: (reply) => {
        checkKind(reply, replies.length === last ? "DATA" : "MAIL or RCPT");
        replies.push(reply);
      },
    },
  );
  const [mailReply, ...others] = replies as [Reply, ...Reply[]];
  const dataReply = asks ? others.pop() : undefined;
  const split = recipients(to, others);
  // RFC 2920 3.1: such a server waits for a message that goes to nobody. It gets none.
  if ((!isPositive(mailReply) || split.accepted.length === 0) && dataReply?.code === 354) {
    session.cancel(new ProtocolError("the server asked for the message although it had refused every recipient"));
  }
  checkEnvelope(mailReply, others, split);
  if (dataReply !== undefined && dataReply.code !== 354) judge(dataReply, split, "data");
  return split;
}

async function lockStep(
  session: Session,
  commands: EnvelopeCommands,
  limits: Limits,
  asks: boolean,
): Promise<Recipients> {
  const { from, to, parameters } = commands;
  const step = async (request: Omit<Parameters<typeof ask>[1], keyof Limits>): Promise<Reply> => {
    const reply = await ask(session, { ...limits, ...request });
    try {
      checkKind(reply, request.phase === "data" ? "DATA" : "MAIL or RCPT");
    } catch (error) {
      session.cancel(error);
      throw error;
    }
    return reply;
  };
  const mailReply = await step({ phase: "mail", write: (writer) => mail(writer, from, parameters) });
  const replies: Reply[] = [];
  if (isPositive(mailReply)) {
    for (const [index, address] of to.entries()) {
      const write = {
        write: (writer: Parameters<typeof rcpt>[0]) => rcpt(writer, address, commands.recipients[index]),
      };
      replies.push(await step({ phase: "rcpt", ...write }));
    }
  }
  const split = recipients(to, replies);
  checkEnvelope(mailReply, replies, split);
  if (asks) {
    const dataReply = await step({ phase: "data", write: data });
    if (dataReply.code !== 354) judge(dataReply, split, "data");
  }
  return split;
}
