// How a session does not come to be. Unless it is said otherwise, nothing has been carried out.

import { LandlineError, type Outcome, ProtocolError } from "@landline/core";

/** A login that we will not give, or cannot. */
export function refused(message: string, cause?: unknown): LandlineError {
  return new LandlineError(message, { code: "AUTH_REFUSED", outcome: "unsent", cause });
}

/** The server breaks the rules, or cannot prove itself, before there is a session. */
export function broken(message: string, code = "PROTOCOL_VIOLATION", outcome: Outcome = "unsent"): ProtocolError {
  return new ProtocolError(message, { code, outcome });
}

/** What the server may not send now. */
export function outOfTurn({ type }: { readonly type: string }, outcome?: Outcome): ProtocolError {
  return broken(`the server sent ${type} out of turn while the session was being started`, undefined, outcome);
}
