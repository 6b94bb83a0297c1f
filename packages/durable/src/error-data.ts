// Errors across RPC, which keeps neither classes nor fields: plain data on the way, the same class at the other end.
// Carries only what Landline itself says. What anybody else threw stays where it was thrown: it may hold a secret.

import {
  ClosedError,
  ConnectError,
  isLandlineError,
  LandlineError,
  PoolError,
  ProtocolError,
  TimeoutError,
  TlsError,
  type Outcome,
} from "@landline/core";

/** An error as plain data. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly outcome: Outcome;
  /** Fields of a protocol's own errors. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** How a protocol package's own errors cross. */
export interface ErrorFamily {
  /** The fields of an error of the family; `undefined` for others. */
  fieldsOf(error: LandlineError): ErrorData["fields"] | undefined;
  /** The error again; `undefined` when `name` is of another family. */
  revive(data: ErrorData): LandlineError | undefined;
}

const CLASSES = new Map(
  [ConnectError, TlsError, TimeoutError, ClosedError, ProtocolError, PoolError].map((type) => [type.name, type]),
);

/** For the way out. `outcome` is what became of the work when the error does not tell. */
export function errorData(error: unknown, family: ErrorFamily, outcome: Outcome): ErrorData {
  if (isLandlineError(error)) {
    const { name, code } = error;
    const message = messageOf(error);
    const fields = family.fieldsOf(error);
    return { name, message, code, outcome: error.outcome, ...(fields === undefined ? {} : { fields }) };
  }
  const name = error instanceof Error ? error.name : typeof error;
  console.error("the pool object failed", error);
  return {
    name: "LandlineError",
    code: "POOL_OBJECT_FAILED",
    outcome,
    message: `the pool object failed with a ${name}; its log says more`,
  };
}

/** What an error of ours says, and what the one behind it does: that stays behind. Neither shows a secret. */
export function messageOf({ message, cause }: LandlineError): string {
  return isLandlineError(cause) && !message.includes(cause.message) ? `${message} (${cause.message})` : message;
}

/** For the way in. */
export function reviveError(data: ErrorData, family: ErrorFamily): LandlineError {
  const { name, message, code, outcome } = data;
  return family.revive(data) ?? new (CLASSES.get(name) ?? LandlineError)(message, { code, outcome });
}
