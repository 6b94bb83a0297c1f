// Messages in flight, one behind the other, on one connection: each a whole transaction (RSET, MAIL, RCPT, BDAT LAST) in one
// write, before those ahead of it are answered (RFC 2920, RFC 3030). Only on a session that has taken a BDAT already.

import { ProtocolError } from "@landline/core";
import { checkEnvelope, checkKind, judge, recipients, undecided } from "./delivery.ts";
import type { EnvelopeCommands } from "./envelope.ts";
import { withOutcome } from "./errors.ts";
import type { Delivery } from "./errors.ts";
import { Chunker } from "./protocol/chunks.ts";
import { mail, rcpt, rset } from "./protocol/encoder.ts";
import { isPositive } from "./protocol/messages.ts";
import type { Reply } from "./protocol/messages.ts";
import type { Limits, Session } from "./session.ts";

/**
 * How many transactions may be unanswered on one connection, those that it has refused included: Exim hangs up on the
 * eleventh RSET that does not follow a message (smtp_accept_max_nonmail), and each of these may turn out to be refused.
 */
const WINDOW = 10;

/**
 * Sends a message that is in memory. `onward` is called as soon as the session can take the next one.
 * An abort rejects at once and leaves the session as it is: the message is on its way.
 */
export async function sendInWindow(
  session: Session,
  commands: EnvelopeCommands,
  body: readonly Uint8Array[],
  limits: Limits,
  onward: () => void,
): Promise<Delivery> {
  const { from, to, parameters } = commands;
  const replies: Reply[] = [];
  // One RSET is enough: some servers count them.
  const resets = session.fresh && session.inFlight === 0 ? 0 : 1;
  const expected = resets + to.length + 2; // MAIL, each RCPT, BDAT
  let written = false;
  const answered = session.exchange(
    {
      ...limits,
      phase: "message",
      replies: expected,
      detachable: true,
      write: (writer) => {
        if (resets > 0) rset(writer);
        mail(writer, from, parameters);
        for (const [index, address] of to.entries()) rcpt(writer, address, commands.recipients[index]);
        // One chunk: what is sent this way is smaller than the least that a chunker lets go of.
        const chunker = new Chunker();
        for (const piece of body) chunker.push(piece, writer);
        chunker.end(writer);
        written = true;
        session.transaction = false;
        session.fresh = false;
        session.inFlight++;
      },
    },
    {
      reply: (reply) => {
        checkKind(reply, replies.length === expected - 1 ? "the message" : "MAIL or RCPT");
        replies.push(reply);
        if (replies.length < expected) return;
        session.inFlight--;
        session.freed?.();
      },
    },
  );
  if (written) void hasRoom(session).then(onward);
  let lost: { readonly cause: unknown } | undefined;
  try {
    await answered;
  } catch (cause) {
    if (!written) throw withOutcome(cause, "unsent");
    lost = { cause };
  }

  const [mailReply, ...others] = replies.slice(resets);
  const envelope = others.slice(0, to.length);
  const split = recipients(to, envelope);
  try {
    // What was refused is known, also when the rest of the conversation is lost.
    if (mailReply !== undefined && (envelope.length === to.length || !isPositive(mailReply)))
      checkEnvelope(mailReply, envelope, split);
    if (lost !== undefined) {
      const unknown = to.filter((address) => !split.rejected.some((rejected) => rejected.address === address));
      throw undecided(lost.cause, { accepted: [], rejected: split.rejected, unknown });
    }
    return judge(others.at(-1) as Reply, split);
  } catch (error) {
    session.transaction = true;
    const word = others[to.length];
    if (split.accepted.length === 0 && word !== undefined && isPositive(word))
      session.cancel(new ProtocolError("the server took a message although it had refused every recipient"));
    throw error;
  }
}

/** Resolves once another transaction may be written, or the session is gone. */
async function hasRoom(session: Session): Promise<void> {
  const isFull = (): boolean => session.inFlight > 0 && session.inFlight + session.refusals >= WINDOW;
  while (session.alive && isFull()) await new Promise<void>((resolve) => (session.freed = resolve));
}
