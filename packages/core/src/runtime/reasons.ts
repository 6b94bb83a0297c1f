// What the errors of Node, Deno and Bun mean. They tell by `code`, and some failed handshakes only by their words.

import type { ErrorCode } from "../errors.ts";

/** What an error of the runtime's means, and how to say it where that is known. */
export interface Reason {
  readonly code?: ErrorCode;
  readonly why?: string;
}

const REASONS: readonly (readonly [RegExp, ErrorCode, string?])[] = [
  [/^ECONNREFUSED/, "CONNECT_REFUSED", "nothing listens there"],
  [/^(?:ENOTFOUND|EAI_AGAIN)/, "CONNECT_NOT_FOUND", "the name cannot be resolved"],
  [/^(?:EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)/, "CONNECT_UNREACHABLE", "the host cannot be reached"],
  [/^ERR_SSL|^ERR_TLS|^EPROTO|TLS|SSL|certificate/i, "TLS_FAILED"],
];
const CERTIFICATE =
  /^(?:CERT_|ERR_TLS_CERT|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA|UNKNOWN_ISSUER)/;

/** The reason that `cause` gives, if it gives one. */
export function reasonOf(cause: unknown): Reason {
  const { code = "", message = cause, errors } = Object(cause) as Record<string, unknown>;
  // Several addresses of one name were tried: all failed, and the first tells why.
  if (code === "" && Array.isArray(errors)) return reasonOf(errors[0]);
  const text = `${String(code)} ${String(message)}`.trim();
  if (CERTIFICATE.test(text)) {
    return { code: "TLS_CERTIFICATE", why: `its certificate is not trusted for this name (${String(code)})` };
  }
  const [, known, why] = REASONS.find(([pattern]) => pattern.test(text)) ?? [];
  return { ...(known && { code: known }), ...(why && { why }) };
}
