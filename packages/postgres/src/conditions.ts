// Questions about errors that programs ask: each is about the SQLSTATE alone, never about words, which are translated.

import { PostgresError } from "./errors.ts";
import {
  CHECK_VIOLATION,
  EXCLUSION_VIOLATION,
  FOREIGN_KEY_VIOLATION,
  LOCK_NOT_AVAILABLE,
  NOT_NULL_VIOLATION,
  QUERY_CANCELED,
  T_R_DEADLOCK_DETECTED,
  T_R_SERIALIZATION_FAILURE,
  UNIQUE_VIOLATION,
} from "./sqlstate.ts";

function hasCode(error: unknown, code: string): error is PostgresError {
  return error instanceof PostgresError && error.code === code;
}

/** A value is there already; `error.constraint` says which constraint forbids it twice. */
export function isUniqueViolation(error: unknown): error is PostgresError {
  return hasCode(error, UNIQUE_VIOLATION);
}

/** A row refers to one that is not there, or one that is referred to would go. */
export function isForeignKeyViolation(error: unknown): error is PostgresError {
  return hasCode(error, FOREIGN_KEY_VIOLATION);
}

/** A column that needs a value has none; `error.column` says which. */
export function isNotNullViolation(error: unknown): error is PostgresError {
  return hasCode(error, NOT_NULL_VIOLATION);
}

/** A CHECK constraint says no. */
export function isCheckViolation(error: unknown): error is PostgresError {
  return hasCode(error, CHECK_VIOLATION);
}

/** An EXCLUDE constraint says no. */
export function isExclusionViolation(error: unknown): error is PostgresError {
  return hasCode(error, EXCLUSION_VIOLATION);
}

/** Transactions got in each other's way; the whole transaction may be run again. */
export function isSerializationFailure(error: unknown): error is PostgresError {
  return hasCode(error, T_R_SERIALIZATION_FAILURE);
}

/** Transactions waited for each other, and this one was chosen to give way; the whole of it may be run again. */
export function isDeadlock(error: unknown): error is PostgresError {
  return hasCode(error, T_R_DEADLOCK_DETECTED);
}

/** A lock was not to be had, with NOWAIT or within `lock_timeout`. */
export function isLockNotAvailable(error: unknown): error is PostgresError {
  return hasCode(error, LOCK_NOT_AVAILABLE);
}

/** The server stopped the statement: `statement_timeout`, or somebody else's cancellation. */
export function isQueryCanceled(error: unknown): error is PostgresError {
  return hasCode(error, QUERY_CANCELED);
}
