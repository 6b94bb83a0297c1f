// Runtimes' errors, mapped to stable codes; the original is kept as `cause`. What an error means the runtime's half knows
// (runtime/reasons.ts). Where an error means nothing by itself, the message lists the causes that fit.

import { reasonOf } from "#reasons";
import { formatAddress } from "./address.ts";
import { ClosedError, ConnectError, isLandlineError, TlsError, unsent } from "./errors.ts";
import type { LandlineError, Outcome } from "./errors.ts";
import type { SocketAddress } from "./socket.ts";

/** What was under way: a connection without TLS or with it, the upgrade of one to TLS, or nothing but its life. */
export type Stage = "tcp" | "tls" | "upgrade" | "life";

/** The error for what the runtime says ended a connection at `stage`. */
export function failureOf(cause: unknown, address: SocketAddress, stage: Stage): LandlineError {
  if (isLandlineError(cause)) return cause;
  const where = formatAddress(address);
  const { code = "CONNECT_FAILED", why } = reasonOf(cause);
  if (code === "FOREIGN_REQUEST") return unsent(ClosedError, code, "this connection is another request's", cause);
  if (stage === "life") {
    return new ClosedError(`the connection to ${where} was lost`, {
      code: "CONNECTION_LOST",
      outcome: "unknown",
      cause,
    });
  }
  const noTls = "it does not speak TLS, or its certificate is not trusted for this name";
  const isTls = code.startsWith("TLS");
  if (stage === "upgrade" || (stage === "tls" && isTls)) {
    return unsent(TlsError, isTls ? code : "TLS_FAILED", `TLS with ${where} failed: ${why ?? noTls}`, cause);
  }
  const last = stage === "tls" ? noTls : "or the platform does not allow it";
  const causes = why ?? `the name does not resolve, nothing listens there, ${last}`;
  return unsent(ConnectError, isTls ? "CONNECT_FAILED" : code, `connect to ${where} failed: ${causes}`, cause);
}

/** Bytes came in the clear where only a handshake may come. */
export function injectionFailure(address: SocketAddress): TlsError {
  return unsent(TlsError, "TLS_INJECTION", `${formatAddress(address)} sent bytes before TLS: an injection`);
}

/** A connection that the peer ended before we did. `silent`: without a word. */
export function endedFailure(address: SocketAddress, outcome: Outcome, silent: boolean): ClosedError {
  const message = `${formatAddress(address)} ended the connection${silent ? " before it had sent anything" : ""}`;
  return new ClosedError(message, { code: "CONNECTION_LOST", outcome });
}
