// Requests and answers: JSON in and out, bounded, and one class for every answer other than what was asked for.

import { isLandlineError } from "@landline/core";

const MAX_BODY_BYTES = 4_096;

/** An answer other than what was asked for; `message` says why. Its words never come from a server's error. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** JSON. */
export function json(value: unknown, init: ResponseInit = {}): Response {
  const headers = new Headers(init.headers);
  headers.set("content-type", "application/json; charset=utf-8");
  headers.set("cache-control", "no-store");
  return new Response(`${JSON.stringify(value)}\n`, { ...init, headers });
}

/** `{ error: { code, message } }` for any error; what is no {@link Problem} goes to the log. */
export function problemOf(error: unknown, doing: string): Response {
  const { status, code, message, headers } = error instanceof Problem ? error : concealed(error, doing);
  return json({ error: { code, message } }, { status, headers });
}

function concealed(error: unknown, doing: string): Problem {
  const known = isLandlineError(error);
  // oxlint-disable-next-line no-console -- a Worker's log is its console
  console.error(
    `${doing}: ${known ? `${error.name} ${error.code} (${error.outcome}): ${error.message}` : String(error)}`,
  );
  if (!known) return new Problem(500, "internal", "Something went wrong.");
  // Not carried out, or perhaps: a transfer's key makes it safe to send again either way.
  return new Problem(503, "unavailable", "The database does not answer; try again.", { "retry-after": "5" });
}

/** A JSON object. @throws Problem 400, 413 */
export async function readJson(request: Request): Promise<Record<string, unknown>> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  // Leaving the loop by a throw cancels the rest of the body.
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw new Problem(413, "too_large", `The body has more than ${MAX_BODY_BYTES} bytes.`);
    text += decoder.decode(chunk, { stream: true });
  }
  try {
    const value: unknown = JSON.parse(text + decoder.decode());
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Not JSON: told below, as what is JSON but no object.
  }
  throw new Problem(400, "invalid_json", "The body is not a JSON object.");
}

/** A page of a list, newest first: `?limit=&cursor=`. The cursor is the id after which the page begins. */
export interface Page {
  readonly limit: number;
  readonly cursor: string | undefined;
}

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/** @throws Problem 400 */
export function pageOf(request: Request): Page {
  const query = new URL(request.url).searchParams;
  const limit = query.get("limit") ?? String(DEFAULT_LIMIT);
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > MAX_LIMIT)
    throw new Problem(400, "invalid_limit", `The limit is a whole number from 1 to ${MAX_LIMIT}.`);
  const cursor = query.get("cursor") ?? undefined;
  if (cursor !== undefined && !/^\d{1,18}$/.test(cursor))
    throw new Problem(400, "invalid_cursor", "The cursor is not one that a page has given as `next`.");
  return { limit: Number(limit), cursor };
}

/** The rows of a page, of which one more than `limit` was asked for, and the cursor of the next. */
export function pageResponse<T extends { readonly id: string }>(
  name: string,
  rows: readonly T[],
  limit: number,
): Response {
  const page = rows.slice(0, limit);
  return json({ [name]: page, next: rows.length > limit ? (page.at(-1)?.id ?? null) : null });
}
