// One command, one reply: the short way through a session's port.

import { ProtocolError } from "@landline/core";
import { rset } from "./protocol/encoder.ts";
import { isPositive } from "./protocol/messages.ts";
import type { Reply } from "./protocol/messages.ts";
import type { Request, Session } from "./session.ts";

/** Sends one command and resolves to its reply, whatever that says. */
export async function ask(session: Session, request: Omit<Request, "replies">): Promise<Reply> {
  let answer: Reply | undefined;
  await session.exchange({ ...request, replies: 1 }, { reply: (reply) => (answer = reply) });
  return answer as unknown as Reply;
}

/** The error for a reply of a kind that this command never gets (RFC 5321 4.3.2). Thrown in a sink it ends the session. */
export function outOfOrder(command: string, code: number): ProtocolError {
  return new ProtocolError(`the server answered ${command} with ${code}, which belongs to something else`);
}

/** Forgets an open transaction. Resolves to whether the server agreed. */
export async function reset(session: Session, timeout: number, signal?: AbortSignal): Promise<boolean> {
  const answer = await ask(session, { phase: "rset", timeout, signal, write: rset, detachable: true });
  session.transaction = false;
  session.fresh = true;
  return isPositive(answer);
}
