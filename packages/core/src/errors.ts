// The one vocabulary of failure: what went wrong (`code`) and what became of the work (`outcome`).
// Messages say what, where and what to do next; never a password, a parameter or a message body.

/**
 * What became of the work that failed.
 * - `unsent`: nothing of it reached the server; it is safe to try again.
 * - `refused`: the server said no.
 * - `unknown`: it may or may not have happened.
 */
export type Outcome = "unsent" | "refused" | "unknown";

/** Codes of the errors that Landline itself raises. Errors of a server carry that server's own code. */
export type ErrorCode =
  | "CONNECT_FAILED"
  | "CONNECT_REFUSED"
  | "CONNECT_NOT_FOUND"
  | "CONNECT_UNREACHABLE"
  | "CONNECT_PROHIBITED"
  | "CONNECT_GLOBAL_SCOPE"
  | "TLS_FAILED"
  | "TLS_CERTIFICATE"
  | "TLS_DECLINED"
  | "TLS_INJECTION"
  | "TLS_UNSUPPORTED_OPTION"
  | "TIMEOUT"
  | "CLOSED"
  | "CONNECTION_LOST"
  | "FOREIGN_REQUEST"
  | "PROTOCOL_VIOLATION"
  | "PROTOCOL_LIMIT"
  | "PROTOCOL_TRUNCATED"
  | "AUTH_REFUSED"
  | "POOL_TIMEOUT"
  | "POOL_FULL"
  | "POOL_BROKEN"
  | "POOL_OVERLOADED"
  | "POOL_CLOSED";

/** How a {@link LandlineError} is made. */
export interface ErrorInit {
  readonly code: string;
  readonly outcome: Outcome;
  readonly cause?: unknown;
}

const brand: unique symbol = Symbol.for("landline.error") as never;

/** The root of every error that is not a misuse (`TypeError`) or an abort (the signal's own reason). */
export class LandlineError extends Error {
  override readonly name: string = "LandlineError";
  declare readonly code: string;
  declare readonly outcome: Outcome;

  constructor(message: string, init: ErrorInit) {
    super(message, init.cause === undefined ? undefined : init);
    this.code = init.code;
    this.outcome = init.outcome;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** An error of work of which nothing has reached the server. */
export function unsent<E extends LandlineError>(
  Type: new (message: string, init: ErrorInit) => E,
  code: ErrorCode,
  message: string,
  cause?: unknown,
): E {
  return new Type(message, { code, outcome: "unsent", cause });
}

/** Whether `error` is a {@link LandlineError}, also one of another copy of this package. */
export function isLandlineError(error: unknown): error is LandlineError {
  return brand in Object(error);
}

/** No connection could be made. `outcome` is always `unsent`. */
export class ConnectError extends LandlineError {
  override readonly name: string = "ConnectError";
}

/** TLS could not be set up, or what it needs is not possible on this runtime. */
export class TlsError extends LandlineError {
  override readonly name: string = "TlsError";
}

/** A deadline passed. */
export class TimeoutError extends LandlineError {
  override readonly name: string = "TimeoutError";
}

/** The connection ended before the work did. */
export class ClosedError extends LandlineError {
  override readonly name: string = "ClosedError";
}

/** The peer broke the rules of its protocol. The connection is of no more use. */
export class ProtocolError extends LandlineError {
  override readonly name: string = "ProtocolError";

  constructor(message: string, init: Partial<ErrorInit> = {}) {
    super(message, { code: "PROTOCOL_VIOLATION", outcome: "unknown", ...init });
  }
}

/** The pool could not lend a resource. `outcome` is always `unsent`. */
export class PoolError extends LandlineError {
  override readonly name: string = "PoolError";
}
