// What a server says when it says no, with every field that it sends, and what is wrong with a transaction as a whole.

import { LandlineError, type Outcome } from "@landline/core";
import type { ResponseFields } from "./protocol/messages.ts";

/** The fields of an ErrorResponse or NoticeResponse; which of them are there depends on the error. */
export interface ServerReport {
  /** `ERROR`, `FATAL`, `PANIC`, `WARNING`, `NOTICE`, `DEBUG`, `INFO` or `LOG`, never translated. */
  readonly severity: string;
  /** SQLSTATE. */
  readonly code: string;
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  /** Where in the text of the query, in characters from 1. */
  readonly position?: number | undefined;
  readonly internalPosition?: number | undefined;
  readonly internalQuery?: string | undefined;
  /** The context: a call stack of the server's functions. */
  readonly where?: string | undefined;
  readonly schema?: string | undefined;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  readonly dataType?: string | undefined;
  readonly constraint?: string | undefined;
  /** Where in the server's own source. */
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly routine?: string | undefined;
}

/** The wire's codes for fields of text. */
const TEXTS = {
  D: "detail",
  H: "hint",
  q: "internalQuery",
  W: "where",
  s: "schema",
  t: "table",
  c: "column",
  d: "dataType",
  n: "constraint",
  F: "file",
  R: "routine",
} as const;
/** And for numbers. */
const NUMBERS = { P: "position", p: "internalPosition", L: "line" } as const;

/** Turns the wire's fields into their names. */
export function serverReport(fields: ResponseFields): ServerReport {
  const report: { -readonly [Name in keyof ServerReport]: ServerReport[Name] } = {
    severity: fields.get("V") ?? fields.get("S") ?? "ERROR",
    code: fields.get("C") ?? "XX000",
    message: fields.get("M") ?? "the server gave no message",
  };
  for (const code of keysOf(TEXTS)) report[TEXTS[code]] = fields.get(code);
  for (const code of keysOf(NUMBERS)) report[NUMBERS[code]] = integer(fields.get(code));
  return report;
}

function keysOf<T extends object>(table: T): (keyof T)[] {
  return Object.keys(table) as (keyof T)[];
}

function integer(text: string | undefined): number | undefined {
  return text === undefined || !/^\d{1,15}$/.test(text) ? undefined : Number(text);
}

/**
 * An ErrorResponse. `code` is the SQLSTATE; `outcome` is `refused` (the statement did nothing), or `unknown` when the
 * server ended the session while it was at work.
 */
export class PostgresError extends LandlineError implements ServerReport {
  override readonly name: string = "PostgresError";
  declare readonly severity: string;
  declare readonly detail: string | undefined;
  declare readonly hint: string | undefined;
  declare readonly position: number | undefined;
  declare readonly internalPosition: number | undefined;
  declare readonly internalQuery: string | undefined;
  declare readonly where: string | undefined;
  declare readonly schema: string | undefined;
  declare readonly table: string | undefined;
  declare readonly column: string | undefined;
  declare readonly dataType: string | undefined;
  declare readonly constraint: string | undefined;
  declare readonly file: string | undefined;
  declare readonly line: number | undefined;
  declare readonly routine: string | undefined;
  /** The text of the statement, without its parameters. Not enumerable, so that it is not logged by accident. */
  declare readonly query: string | undefined;

  constructor(report: ServerReport, init: { readonly outcome: Outcome; readonly query?: string | undefined }) {
    const { message, code, ...rest } = report;
    super(message, { code, outcome: init.outcome });
    Object.assign(this, rest);
    Object.defineProperty(this, "query", { value: init.query, enumerable: false });
  }
}

/** What the server said to the statement `query`. */
export function serverError(fields: ResponseFields, query: string | undefined): PostgresError {
  const report = serverReport(fields);
  return new PostgresError(report, { outcome: endsSession(report) ? "unknown" : "refused", query });
}

/** Whether a report ends the session. */
export function endsSession(report: ServerReport): boolean {
  return report.severity === "FATAL" || report.severity === "PANIC";
}

/**
 * A transaction did not come to the end that was asked for. `code` is `TRANSACTION_ROLLED_BACK` (COMMIT was answered by
 * ROLLBACK: an earlier statement had failed), `TRANSACTION_OVER` (a statement was given to a transaction that has ended)
 * or `TRANSACTION_UNSAFE` (one was begun on a connection of the pool, and rolled back).
 */
export class TransactionError extends LandlineError {
  override readonly name: string = "TransactionError";
}
