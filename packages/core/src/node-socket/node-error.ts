// Landline's errors as drivers expect them of a net.Socket: they tell them apart by Node's codes, and pass over some of them
// while they are ending.

import { isLandlineError } from "../errors.ts";

const NODE_CODES: Readonly<Record<string, string>> = {
  CONNECT_REFUSED: "ECONNREFUSED",
  CONNECT_NOT_FOUND: "ENOTFOUND",
  CONNECT_UNREACHABLE: "EHOSTUNREACH",
  TIMEOUT: "ETIMEDOUT",
  CONNECTION_LOST: "ECONNRESET",
  FOREIGN_REQUEST: "ECONNRESET",
  CLOSED: "EPIPE",
};

/** The same error, with Node's code where there is one and Landline's otherwise. */
export function nodeError(cause: unknown): Error {
  if (!isLandlineError(cause)) return cause instanceof Error ? cause : new Error(String(cause), { cause });
  return Object.assign(new Error(cause.message, { cause }), { code: NODE_CODES[cause.code] ?? cause.code });
}
