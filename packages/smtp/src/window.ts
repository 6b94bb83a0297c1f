// Messages in flight, one behind the other, on one connection: each a whole transaction (RSET, MAIL, RCPT, BDAT LAST) in one
// write, before those ahead of it are answered (RFC 2920, RFC 3030). Only on a session that has taken a BDAT already.

import { judge } from "./delivery.ts";
import { openTransaction } from "./envelope.ts";
import type { EnvelopeCommands } from "./envelope.ts";
import type { Delivery } from "./errors.ts";
import { Chunker } from "./protocol/chunks.ts";
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
  // One RSET is enough: some servers count them.
  const resets = !session.fresh || session.inFlight > 0;
  const { word, ...split } = await openTransaction(session, commands, limits, resets, {
    // One chunk: what is sent this way is smaller than the least that a chunker lets go of.
    write(writer) {
      const chunker = new Chunker();
      for (const piece of body) chunker.push(piece, writer);
      chunker.end(writer);
    },
    written: () => {
      session.transaction = false;
      session.inFlight++;
      whenRoom(session, onward);
    },
    answered: (reply) => {
      // Before the next one looks whether there is room.
      if (!isPositive(reply)) session.refusals++;
      session.inFlight--;
      session.freed?.();
    },
  });
  return judge(
    split.accepted.map(() => word as Reply),
    split,
  );
}

/** Calls `onward` once another transaction may be written, or the session is gone. */
function whenRoom(session: Session, onward: () => void): void {
  const full = session.alive && session.inFlight > 0 && session.inFlight + session.refusals >= WINDOW;
  session.freed = full ? () => whenRoom(session, onward) : undefined;
  if (!full) onward();
}
