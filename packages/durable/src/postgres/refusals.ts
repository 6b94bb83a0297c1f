// What a backend refuses or has lost, as errors: what became of the flight, and what to write instead.

import { ClosedError } from "@landline/core";
import { durableError, type DurableError } from "../durable-error.ts";

/** The connection ended under a flight. */
export function lostUnder(cause: unknown): ClosedError {
  return new ClosedError(
    "the connection to the database was lost, and this query may or may not have been carried out",
    { code: "CONNECTION_LOST", outcome: "unknown", cause },
  );
}

/** The connection had ended before a flight. */
export function goneBefore(): ClosedError {
  return new ClosedError("the connection to the database is gone and nothing of this query was sent", {
    code: "CONNECTION_LOST",
    outcome: "unsent",
  });
}

/** The server has ended the connection. */
export function closedByServer(): ClosedError {
  return new ClosedError("the server closed the connection", { code: "CONNECTION_LOST", outcome: "unknown" });
}

export function closed(): ClosedError {
  return new ClosedError("the connection was closed", { code: "CLOSED", outcome: "unknown" });
}

export function leftOpen(): DurableError {
  return durableError(
    "TRANSACTION_OUTSIDE_BEGIN",
    "unknown",
    "this query left a transaction open, which was rolled back: through the pool, a transaction must go through sql.begin()",
  );
}

export function noReplication(): DurableError {
  return durableError("POOL_UNSUPPORTED", "unknown", "replication does not go through the pool; connect to the server");
}

export function noCopyWithoutStream(): DurableError {
  return durableError("POOL_UNSUPPORTED", "unknown", "COPY FROM STDIN needs a stream to copy from: use writable()");
}

export function noListen(): DurableError {
  return durableError(
    "POOL_UNSUPPORTED",
    "refused",
    "LISTEN as a query does not go through the pool: its notifications would reach nobody; use sql.listen()",
  );
}

export function replyTooLarge(limit: number): DurableError {
  return durableError(
    "REPLY_TOO_LARGE",
    "unknown",
    `the reply has more than ${limit} bytes; ask for less at a time (limit, keyset pages), or raise maxReplyBytes of the pool`,
  );
}
