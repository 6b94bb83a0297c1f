// Runtimes' errors, mapped to stable codes; the original is kept as `cause`. What an error means the runtime's half knows
// (runtime/reasons.ts). Where an error means nothing by itself, the message lists the causes that fit.

import { reasonOf } from "#reasons";
import { formatAddress } from "./address.ts";
import { ClosedError, ConnectError, isLandlineError, TlsError } from "./errors.ts";
import type { LandlineError, Outcome } from "./errors.ts";
import type { SocketAddress } from "./socket.ts";

const UNTRUSTED = "its certificate is not trusted or not for this name";

/** Why no connection came about. `tls`: a handshake was part of it. */
export function connectFailure(cause: unknown, address: SocketAddress, tls: boolean): LandlineError {
  if (isLandlineError(cause)) return cause;
  let [code = "CONNECT_FAILED", why = ""] = reasonOf(cause, textOf(cause)) ?? [];
  if (code === "FOREIGN_REQUEST") return foreignFailure(cause);
  if (code.startsWith("TLS")) {
    if (tls) return tlsFailure(cause, address);
    code = "CONNECT_FAILED";
  }
  if (code === "CONNECT_FAILED") {
    why = `the name does not resolve, nothing listens there, ${
      tls
        ? `the peer does not speak TLS on this port, or ${UNTRUSTED}`
        : "or the platform does not allow the destination"
    }`;
  }
  return new ConnectError(`connect to ${formatAddress(address)} failed: ${why}`, { code, outcome: "unsent", cause });
}

/** A handshake that did not end well. */
export function tlsFailure(cause: unknown, address: SocketAddress): LandlineError {
  if (isLandlineError(cause)) return cause;
  const [code, name] = reasonOf(cause, textOf(cause)) ?? [];
  const message = `the TLS handshake with ${formatAddress(address)} failed: ${UNTRUSTED}`;
  return code === "TLS_CERTIFICATE"
    ? new TlsError(`${message} (${name})`, { code, outcome: "unsent", cause })
    : new TlsError(`${message}, or the peer does not speak TLS`, { code: "TLS_FAILED", outcome: "unsent", cause });
}

/** Bytes came in the clear where only a handshake may come. */
export function injectionFailure(address: SocketAddress): TlsError {
  return new TlsError(
    `${formatAddress(address)} sent bytes in the clear before the TLS handshake: somebody may be injecting them; the connection is closed`,
    { code: "TLS_INJECTION", outcome: "unsent" },
  );
}

/** An established connection that broke. */
export function lostFailure(cause: unknown, address: SocketAddress, outcome: Outcome): LandlineError {
  if (isLandlineError(cause)) return cause;
  const text = textOf(cause);
  if (reasonOf(cause, text)?.[0] === "FOREIGN_REQUEST") return foreignFailure(cause);
  const what = /ECONNRESET|connection lost/.test(text) ? "was reset" : "broke";
  return new ClosedError(`the connection to ${formatAddress(address)} ${what}`, {
    code: "CONNECTION_LOST",
    outcome,
    cause,
  });
}

/** A connection that the peer ended before we did. `silent`: without a word. */
export function endedFailure(address: SocketAddress, outcome: Outcome, silent: boolean): ClosedError {
  const when = silent ? " before it had sent anything" : "";
  return new ClosedError(`${formatAddress(address)} ended the connection${when}`, { code: "CONNECTION_LOST", outcome });
}

function foreignFailure(cause: unknown): LandlineError {
  return new ClosedError(
    "this connection belongs to another request: on Workers a socket dies with the request that opened it; take a connection in this one",
    { code: "FOREIGN_REQUEST", outcome: "unsent", cause },
  );
}

/** Its code, where it has one, and its message. */
function textOf(cause: unknown): string {
  const { code = "", message = cause } = Object(cause) as { code?: unknown; message?: unknown };
  return `${String(code)} ${String(message)}`.trim();
}
