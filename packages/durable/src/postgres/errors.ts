// What a pool says no to, and how Postgres' own errors cross RPC.

import { LandlineError, type Outcome } from "@landline/core";
import { PostgresError, TransactionError, type ServerReport } from "@landline/postgres";
import type { ErrorFamily } from "../error-data.ts";

/**
 * Something that does not work through a pool. `code` is `TRANSACTION_OUTSIDE_BEGIN` (a query left a transaction open; it was
 * rolled back), `POOL_UNSUPPORTED` (COPY FROM STDIN, LISTEN, replication), `REPLY_TOO_LARGE` or `LEASE_EXPIRED`.
 */
export class DurableError extends LandlineError {
  override readonly name: string = "DurableError";
}

/** @see DurableError */
export function durableError(code: string, outcome: Outcome, message: string): DurableError {
  return new DurableError(message, { code, outcome });
}

const REPORT_FIELDS: readonly (keyof ServerReport)[] = [
  "severity",
  "detail",
  "hint",
  "position",
  "internalPosition",
  "internalQuery",
  "where",
  "schema",
  "table",
  "column",
  "dataType",
  "constraint",
  "file",
  "line",
  "routine",
];

/** PostgresError, TransactionError, DurableError. */
export const postgresErrors: ErrorFamily = {
  fieldsOf(error) {
    if (!(error instanceof PostgresError)) return undefined;
    return Object.fromEntries(REPORT_FIELDS.map((field) => [field, error[field]]));
  },
  revive({ name, message, code, outcome, fields }) {
    switch (name) {
      case "PostgresError":
        return new PostgresError({ severity: "ERROR", ...fields, code, message } as ServerReport, { outcome });
      case "TransactionError":
        return new TransactionError(message, { code, outcome });
      case "DurableError":
        return new DurableError(message, { code, outcome });
      default:
        return undefined;
    }
  },
};
