// Errors in the form in which code that knows node-postgres looks at them: DatabaseError with the wire's fields, and Node's
// codes (ECONNREFUSED, ENOTFOUND, …) for what goes wrong on the way.

import { isLandlineError } from "@landline/core";
import { PostgresError } from "../errors.ts";
import type { ResponseFields } from "../protocol/messages.ts";

const FIELDS = {
  severity: "S",
  code: "C",
  detail: "D",
  hint: "H",
  position: "P",
  internalPosition: "p",
  internalQuery: "q",
  where: "W",
  schema: "s",
  table: "t",
  column: "c",
  dataType: "d",
  constraint: "n",
  file: "F",
  line: "L",
  routine: "R",
} as const;

/** The fields of an ErrorResponse or a NoticeResponse; all of them text. */
type ServerFields = { [Name in keyof typeof FIELDS]: string | undefined };

/** What a server says when it says no. */
export class DatabaseError extends Error implements ServerFields {
  override name: string;
  /** Bytes of the message on the wire. */
  readonly length: number;
  severity: string | undefined;
  code: string | undefined;
  detail: string | undefined;
  hint: string | undefined;
  position: string | undefined;
  internalPosition: string | undefined;
  internalQuery: string | undefined;
  where: string | undefined;
  schema: string | undefined;
  table: string | undefined;
  column: string | undefined;
  dataType: string | undefined;
  constraint: string | undefined;
  file: string | undefined;
  line: string | undefined;
  routine: string | undefined;

  constructor(message: string, length: number, name: string) {
    super(message);
    this.length = length;
    this.name = name;
  }
}

/** A NoticeResponse. */
export interface NoticeMessage extends ServerFields {
  readonly name: "notice";
  readonly message: string | undefined;
  readonly length: number;
}

/** The error of an ErrorResponse. */
export function databaseError(fields: ResponseFields): DatabaseError {
  return Object.assign(new DatabaseError(fields.get("M") ?? "", wireLength(fields), "error"), named(fields));
}

/** The notice of a NoticeResponse. */
export function noticeMessage(fields: ResponseFields): NoticeMessage {
  return { length: wireLength(fields), message: fields.get("M"), name: "notice", ...named(fields) };
}

function named(fields: ResponseFields): ServerFields {
  return Object.fromEntries(
    Object.entries(FIELDS).map(([name, letter]) => [name, fields.get(letter)]),
  ) as unknown as ServerFields;
}

const utf8 = new TextEncoder();

/** The frame's length field: itself, a letter and a NUL for each field, and the last NUL. */
function wireLength(fields: ResponseFields): number {
  let length = 5;
  for (const value of fields.values()) length += 2 + utf8.encode(value).length;
  return length;
}

/** Node's words for ours. */
const CODES: Readonly<Record<string, string>> = {
  CONNECT_REFUSED: "ECONNREFUSED",
  CONNECT_NOT_FOUND: "ENOTFOUND",
  CONNECT_UNREACHABLE: "EHOSTUNREACH",
  CONNECTION_LOST: "ECONNRESET",
};

/** What has a text of its own there. */
const WORDS: Readonly<Record<string, string>> = {
  PROTOCOL_TRUNCATED: "Connection terminated unexpectedly",
  TIMEOUT: "timeout expired",
  TLS_DECLINED: "The server does not support SSL connections",
};

/** What our layers below say, as node-postgres would say it; ours is the `cause`. */
export function foreignError(error: unknown): Error {
  if (error instanceof PostgresError) return fromReport(error);
  if (!isLandlineError(error)) return error instanceof Error ? error : new Error(String(error));
  const { cause, code } = error;
  if (cause instanceof Error && typeof (cause as { code?: unknown }).code === "string") return cause;
  const words = WORDS[code];
  if (words !== undefined) return new Error(words, { cause: error });
  return Object.assign(new Error(error.message, { cause: error }), { code: CODES[code] ?? code });
}

function fromReport(report: PostgresError): DatabaseError {
  const fields = new Map<string, string>([
    ["M", report.message],
    ["V", report.severity],
  ]);
  for (const [name, letter] of Object.entries(FIELDS)) {
    const value = report[name as keyof typeof FIELDS];
    if (value !== undefined) fields.set(letter, String(value));
  }
  return databaseError(fields);
}
