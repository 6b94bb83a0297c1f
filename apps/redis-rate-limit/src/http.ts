// Requests and answers: JSON in and out, bounded, and one class for every answer other than what was asked for.

import { isLandlineError } from "@landline/core";

const MAX_BODY_BYTES = 1_024;

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

/** `{ error: { code, message } }`. */
export function told({ status, code, message, headers }: Problem): Response {
  return json({ error: { code, message } }, { status, headers });
}

/** Any error as something to tell; what is no {@link Problem} goes to the log. */
export function problemOf(error: unknown, doing: string): Problem {
  if (error instanceof Problem) return error;
  logFailure(doing, error);
  if (!isLandlineError(error)) return new Problem(500, "internal", "Something went wrong.");
  // Without Redis nobody can be counted, and so nobody is let through.
  return new Problem(503, "unavailable", "Redis does not answer; try again.", { "retry-after": "5" });
}

/** One line in the Worker's log. */
export function logFailure(doing: string, error: unknown): void {
  const words = isLandlineError(error)
    ? `${error.name} ${error.code} (${error.outcome}): ${error.message}`
    : String(error);
  // oxlint-disable-next-line no-console -- a Worker's log is its console
  console.error(`${doing}: ${words}`);
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
