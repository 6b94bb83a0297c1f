// What an exchange is told when it does not end by what the server answers.

import { ClosedError, isLandlineError, LandlineError, ProtocolError, TimeoutError, type Outcome } from "@landline/core";

/** There is nothing to hold a fast side back with. */
export function noStreams(): LandlineError {
  return new LandlineError("COPY is not possible over this kind of connection; connect to the server itself for that", {
    code: "STREAM_UNSUPPORTED",
    outcome: "unsent",
  });
}

/** The server spoke out of turn. */
export function unasked(what: string): ProtocolError {
  return new ProtocolError(`the server sent ${what} without having been asked anything`);
}

/** The line is gone, and this is what that means for one exchange. */
export function closed(outcome: Outcome, cause: unknown): ClosedError {
  const why = isLandlineError(cause) ? `: ${cause.message}` : "";
  const what =
    outcome === "unsent" ? "nothing of this query was sent" : "this query may or may not have been carried out";
  return new ClosedError(`the connection to the database is gone and ${what}${why}`, {
    code: "CONNECTION_LOST",
    outcome,
    cause,
  });
}

/** An exchange was given up for its time. */
export function timedOut(sent: boolean, timeout: number | undefined): TimeoutError {
  const outcome = sent ? "unknown" : "unsent";
  return new TimeoutError(`the query took over ${timeout} ms`, { code: "TIMEOUT", outcome });
}
