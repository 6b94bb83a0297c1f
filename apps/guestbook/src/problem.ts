// What is said to a visitor when something is not to be had: one class for the page and the API.
// A problem's words never come from a server's error; those go to the log.

import { isLandlineError } from "@landline/core";

/** The names of the problems in the API. */
export type ProblemCode =
  | "invalid_entry"
  | "invalid_query"
  | "invalid_json"
  | "too_large"
  | "unsupported_media_type"
  | "foreign_origin"
  | "rate_limited"
  | "upgrade_required"
  | "not_found"
  | "method_not_allowed"
  | "unavailable"
  | "internal";

/** How a {@link Problem} is made. */
export interface ProblemInit {
  readonly status: number;
  readonly code: ProblemCode;
  /** What the visitor can do about it, one sentence. */
  readonly advice: string;
  /** Per field of the form, what is wrong with it. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer other than what was asked for; `message` says why. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly code: ProblemCode;
  readonly advice: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(message: string, init: ProblemInit) {
    super(message);
    this.status = init.status;
    this.code = init.code;
    this.advice = init.advice;
    this.fields = init.fields ?? {};
    this.headers = init.headers ?? {};
  }
}

/** The problem to tell of after any error: what is not a {@link Problem} yet is logged and told in general words. */
export function problemOf(error: unknown, doing: string): Problem {
  if (error instanceof Problem) return error;
  logFailure(doing, error);
  if (isLandlineError(error)) {
    return new Problem("The guestbook cannot reach one of its servers.", {
      status: 503,
      code: "unavailable",
      advice: "Try again in a few seconds.",
      headers: { "retry-after": "5" },
    });
  }
  return new Problem("Something went wrong in the guestbook.", {
    status: 500,
    code: "internal",
    advice: "Try again; if it stays so, tell the host when it happened.",
  });
}

/** One line in the Worker's log. */
export function logFailure(doing: string, error: unknown): void {
  const words = isLandlineError(error)
    ? `${error.name} ${error.code} (${error.outcome}): ${error.message}`
    : String(error);
  // oxlint-disable-next-line no-console -- a Worker's log is its console
  console.error(`${doing}: ${words}`);
}
