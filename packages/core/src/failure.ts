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
  const { code = "CONNECT_FAILED", why } = reasonOf(cause) ?? {};
  if (code === "FOREIGN_REQUEST") return unsent(ClosedError, code, "this connection is another request's", cause);
  if (stage === "life") return lost(`the connection to ${where} was lost`, "unknown", cause);
  const noTls = "it does not speak TLS there, or its certificate is not trusted or not for this name";
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
  const message = `${formatAddress(address)} sent bytes in the clear before TLS, as an attacker would`;
  return unsent(TlsError, "TLS_INJECTION", message);
}

/** A connection that the peer ended before we did. `silent`: without a word. */
export function endedFailure(address: SocketAddress, outcome: Outcome, silent: boolean): ClosedError {
  return lost(`${formatAddress(address)} ended the connection${silent ? " before it had sent anything" : ""}`, outcome);
}

function lost(message: string, outcome: Outcome, cause?: unknown): ClosedError {
  return new ClosedError(message, { code: "CONNECTION_LOST", outcome, cause });
}
