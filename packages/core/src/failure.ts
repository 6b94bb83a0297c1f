// Runtimes' errors, mapped to stable codes; the original is kept as `cause`. What an error means the runtime's half knows
// (runtime/reasons.ts). Where an error means nothing by itself, the message lists the causes that fit.

import { reasonOf } from "#reasons";
import { formatAddress } from "./address.ts";
import { ClosedError, ConnectError, isLandlineError, TlsError, unsent } from "./errors.ts";
import type { LandlineError, Outcome } from "./errors.ts";
import type { SocketAddress } from "./socket.ts";

/** What was under way: a connection without TLS or with it, the upgrade of one to TLS, or nothing but its life. */
export type Stage = "tcp" | "tls" | "upgrade" | "life";

/** That of a connection attempt. */
export function stageOf(secure: boolean): Stage {
  return secure ? "tls" : "tcp";
}

/** The error for what the runtime says ended a connection at `stage`. */
export function failureOf(cause: unknown, address: SocketAddress, stage: Stage): LandlineError {
  if (isLandlineError(cause)) return cause;
  const where = formatAddress(address);
  const [code = "CONNECT_FAILED", why] = reasonOf(cause) ?? [];
  if (code === "FOREIGN_REQUEST") {
    return unsent(ClosedError, code, "this connection belongs to another request: take one in this request", cause);
  }
  if (stage === "life") return lost(`the connection to ${where} was lost`, "unknown", cause);
  const untrusted = "its certificate is not trusted or not for this name";
  const wordless = "the peer does not speak TLS on this port";
  if (stage === "upgrade" || (stage === "tls" && code.startsWith("TLS"))) {
    const failed = `the TLS handshake with ${where} failed: ${untrusted}`;
    return code === "TLS_CERTIFICATE"
      ? unsent(TlsError, code, `${failed} (${why})`, cause)
      : unsent(TlsError, "TLS_FAILED", `${failed}, or ${wordless}`, cause);
  }
  const causes = `the name does not resolve, nothing listens there, ${
    stage === "tls" ? `${wordless}, or ${untrusted}` : "or the platform does not allow the destination"
  }`;
  return unsent(ConnectError, why ? code : "CONNECT_FAILED", `connect to ${where} failed: ${why || causes}`, cause);
}

/** Bytes came in the clear where only a handshake may come. */
export function injectionFailure(address: SocketAddress): TlsError {
  const message = `${formatAddress(address)} sent bytes in the clear before the TLS handshake: somebody may be injecting them`;
  return unsent(TlsError, "TLS_INJECTION", message);
}

/** A connection that the peer accepted, and ended without a word. */
export function silentFailure(address: SocketAddress, outcome: Outcome): ClosedError {
  return lost(`${formatAddress(address)} ended the connection before it had sent anything`, outcome);
}

function lost(message: string, outcome: Outcome, cause?: unknown): ClosedError {
  return new ClosedError(message, { code: "CONNECTION_LOST", outcome, cause });
}
