// Runtimes' errors, mapped to stable codes. Node tells by `code`; workerd tells little, and in words that change, so that
// a message lists the causes that fit. The original is kept as `cause`.

import { formatAddress } from "./address.ts";
import { ClosedError, ConnectError, isLandlineError, TlsError } from "./errors.ts";
import type { LandlineError, Outcome } from "./errors.ts";
import type { SocketAddress } from "./socket.ts";

const CERTIFICATE_CODES =
  /^(?:CERT_|ERR_TLS_CERT|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA|UNKNOWN_ISSUER)/;
const TLS_CODES = /^(?:ERR_SSL|ERR_TLS|EPROTO)/;

/** Why no connection came about. `tls`: a handshake was part of it. */
export function connectFailure(cause: unknown, address: SocketAddress, tls: boolean): LandlineError {
  if (isLandlineError(cause)) return cause;
  const where = formatAddress(address);
  const code = codeOf(cause);
  const text = messageOf(cause);
  const unsent = { outcome: "unsent", cause } as const;
  if (code === "ECONNREFUSED") {
    return new ConnectError(`connect to ${where} failed: nothing listens there`, {
      code: "CONNECT_REFUSED",
      ...unsent,
    });
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return new ConnectError(`connect to ${where} failed: the name cannot be resolved`, {
      code: "CONNECT_NOT_FOUND",
      ...unsent,
    });
  }
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH" || code === "ETIMEDOUT") {
    return new ConnectError(`connect to ${where} failed: the host cannot be reached`, {
      code: "CONNECT_UNREACHABLE",
      ...unsent,
    });
  }
  if (text.includes("port 25") || text.includes("Loop detected")) {
    return new ConnectError(`connect to ${where} failed: the platform does not allow it (${text})`, {
      code: "CONNECT_PROHIBITED",
      ...unsent,
    });
  }
  if (tls && isTlsFailure(cause)) return tlsFailure(cause, address);
  if (text.includes("different request") || text.includes("different Durable Object")) return foreignFailure(cause);
  const causes = tls
    ? "the name does not resolve, nothing listens there, the peer does not speak TLS on this port, or its certificate is not trusted or not for this name"
    : "the name does not resolve, nothing listens there, or the platform does not allow the destination";
  return new ConnectError(`connect to ${where} failed: ${causes}`, { code: "CONNECT_FAILED", ...unsent });
}

/** A handshake that did not end well. */
export function tlsFailure(cause: unknown, address: SocketAddress): LandlineError {
  if (isLandlineError(cause)) return cause;
  const where = formatAddress(address);
  const code = codeOf(cause);
  if (CERTIFICATE_CODES.test(code)) {
    return new TlsError(`the certificate of ${where} is not trusted or not for this name (${code})`, {
      code: "TLS_CERTIFICATE",
      outcome: "unsent",
      cause,
    });
  }
  return new TlsError(
    `the TLS handshake with ${where} failed: its certificate is not trusted or not for this name, or the peer does not speak TLS`,
    { code: "TLS_FAILED", outcome: "unsent", cause },
  );
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
  const text = messageOf(cause);
  if (text.includes("different request") || text.includes("different Durable Object")) return foreignFailure(cause);
  const detail = codeOf(cause) === "ECONNRESET" || text.includes("Network connection lost") ? "was reset" : "broke";
  return new ClosedError(`the connection to ${formatAddress(address)} ${detail}`, {
    code: "CONNECTION_LOST",
    outcome,
    cause,
  });
}

function foreignFailure(cause: unknown): LandlineError {
  return new ClosedError(
    "this connection belongs to another request: on Workers a socket dies with the request that opened it; take a connection in this one",
    { code: "FOREIGN_REQUEST", outcome: "unsent", cause },
  );
}

function isTlsFailure(cause: unknown): boolean {
  const code = codeOf(cause);
  return CERTIFICATE_CODES.test(code) || TLS_CODES.test(code) || /TLS|SSL|certificate/i.test(messageOf(cause));
}

function codeOf(cause: unknown): string {
  const code = typeof cause === "object" && cause !== null ? (cause as { code?: unknown }).code : undefined;
  if (typeof code === "string") return code;
  // Several addresses of one name were tried: all failed, and the first tells why.
  const [first] = cause instanceof AggregateError ? (cause.errors as unknown[]) : [];
  return first === undefined ? "" : codeOf(first);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
