// What an exchange is told when it does not end by what the server answers.

import { ClosedError, isLandlineError, LandlineError, TimeoutError, type Outcome } from "@landline/core";
import { broken } from "./protocol/bytes.ts";

/** There is nothing to hold a fast side back with. */
export function noStreams(): LandlineError {
  return new LandlineError("COPY is not possible over this kind of connection; connect to the server itself for that", {
    code: "STREAM_UNSUPPORTED",
    outcome: "unsent",
  });
}

/** The server spoke out of turn. */
export function unasked(what: string): Error {
  return broken(`${what} without having been asked anything`);
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

/** An exchange was given up for its time: that of all of it, or that for which the server may keep a stream waiting. */
export function timedOut(sent: boolean, milliseconds: number | undefined, silent: boolean): TimeoutError {
  const what = silent ? "the server kept a COPY waiting for" : "the query took";
  return new TimeoutError(`${what} over ${milliseconds} ms; .timeout() and the option queryTimeout give it more`, {
    code: "TIMEOUT",
    outcome: sent ? "unknown" : "unsent",
  });
}
