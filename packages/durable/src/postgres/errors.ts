// What a pool says no to, and how Postgres' own errors cross RPC.

import { PostgresError, TransactionError, type ServerReport } from "@landline/postgres";
import { DurableError } from "../durable-error.ts";
import type { ErrorFamily } from "../error-data.ts";

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
