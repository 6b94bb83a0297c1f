// One command, one reply: the short way through a session's port.

import { ProtocolError } from "@landline/core";
import type { Phase } from "./errors.ts";
import { command } from "./protocol/encoder.ts";
import { isPositive } from "./protocol/messages.ts";
import type { Reply } from "./protocol/messages.ts";
import type { Limits, Request, Session } from "./session.ts";

/** Sends one command (none: listens) and resolves to its reply, whatever that says. */
export async function ask(
  session: Session,
  phase: Phase,
  line: string | undefined,
  limits: Limits & Pick<Request, "detachable">,
): Promise<Reply> {
  let answer: Reply | undefined;
  await session.exchange(
    {
      ...limits,
      phase,
      replies: 1,
      write(writer) {
        if (line !== undefined) command(writer, line);
      },
    },
    { reply: (reply) => (answer = reply) },
  );
  return answer as unknown as Reply;
}

/** The error for a reply of a kind that this command never gets (RFC 5321 4.3.2). Thrown in a sink it ends the session. */
export function outOfOrder(to: string, code: number): ProtocolError {
  return new ProtocolError(`the server answered ${to} with ${code}, which belongs to something else`);
}

/** Forgets an open transaction. Resolves to whether the server agreed. */
export async function reset(session: Session, timeout: number, signal?: AbortSignal): Promise<boolean> {
  const answer = await ask(session, "rset", "RSET", { timeout, signal, detachable: true });
  session.transaction = false;
  session.fresh = true;
  return isPositive(answer);
}
