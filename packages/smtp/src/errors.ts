// What an SMTP server refused, with everything it said about it, and the form in which the fate of each recipient is told.

import { isLandlineError, LandlineError } from "@landline/core";
import type { ErrorInit } from "@landline/core";
import { isPermanent, replyText } from "./protocol/messages.ts";
import type { Reply } from "./protocol/messages.ts";

/** Where in a session something happened. */
export type Phase =
  | "greeting"
  | "ehlo"
  | "starttls"
  | "auth"
  | "mail"
  | "rcpt"
  | "data"
  | "message"
  | "rset"
  | "noop"
  | "quit";

/** What the server said about one recipient. */
export interface RecipientReply {
  /** The address as it was sent: `local@domain`. */
  readonly address: string;
  /** Reply code, 200 to 599. */
  readonly code: number;
  /** Enhanced status code, such as "5.1.1", where the server gave one. */
  readonly enhanced: string | undefined;
  /** The text of the reply. */
  readonly message: string;
}

/** The fate of each recipient. */
export interface Delivery {
  /** The server took responsibility for these. */
  readonly accepted: readonly RecipientReply[];
  /** The server refused these; they get nothing. */
  readonly rejected: readonly RecipientReply[];
  /** The connection was lost before the server said whether it takes the message: these may get it. */
  readonly unknown: readonly string[];
}

/** How an {@link SmtpError} is made. */
export interface SmtpErrorInit extends ErrorInit {
  readonly phase: Phase;
  readonly reply?: Reply | undefined;
  readonly delivery?: Delivery | undefined;
}

/**
 * What the server refused, or what must not be asked of it.
 *
 * `code` is the server's reply code ("550"), or one of `AUTH_REFUSED`, `MESSAGE_TOO_LARGE`, `SMTPUTF8_REQUIRED`,
 * `8BITMIME_REQUIRED`, `DSN_REQUIRED`, `REQUIRETLS_REQUIRED`,
 * `CONNECTION_LOST`, `TIMEOUT`, `PROTOCOL_VIOLATION` and `PROTOCOL_LIMIT`, the last four only after the final dot.
 */
export class SmtpError extends LandlineError {
  override readonly name: string = "SmtpError";
  declare readonly phase: Phase;
  /** The server's reply code, where it answered. */
  declare readonly responseCode: number | undefined;
  /** The server's enhanced status code, such as "5.7.1". */
  declare readonly enhanced: string | undefined;
  /** The server's own words. */
  declare readonly response: string | undefined;
  /** Whether the same request is bound to fail again (5xx, and what this client refuses). */
  declare readonly permanent: boolean;
  /** The fate of each recipient, when it came to that. */
  declare readonly delivery: Delivery | undefined;

  constructor(message: string, init: SmtpErrorInit) {
    super(message, init);
    const { phase, reply, delivery, outcome } = init;
    Object.assign(this, {
      phase,
      responseCode: reply?.code,
      enhanced: reply?.enhanced,
      response: reply && replyText(reply),
      permanent: reply === undefined ? outcome !== "unknown" : isPermanent(reply),
      delivery,
    });
  }
}

/** The error for a reply that refuses. */
export function refusal(what: string, phase: Phase, reply: Reply, delivery?: Delivery): SmtpError {
  const { code, enhanced = "" } = reply;
  return new SmtpError(`${what}: ${`${code} ${enhanced}`.trim()} ${replyText(reply)}`.trimEnd(), {
    code: `${code}`,
    outcome: "refused",
    phase,
    reply,
    delivery,
  });
}

/** The same error, telling that nothing was sent. An abort's reason and a source's own error pass as they are. */
export function unsent(error: unknown, hint = ""): unknown {
  if (!isLandlineError(error) || error instanceof SmtpError || (error.outcome === "unsent" && hint === ""))
    return error;
  const Kind = error.constructor as new (message: string, init: ErrorInit) => LandlineError;
  return new Kind(error.message + hint, { code: error.code, outcome: "unsent", cause: error });
}
