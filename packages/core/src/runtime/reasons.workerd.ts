// What the errors of workerd mean. They tell little, and in words that change.

import type { Reason } from "./reasons.ts";

/** See the twin for the other runtimes. */
export function reasonOf(cause: unknown): Reason {
  const text = String(cause);
  if (/port 25|Loop/.test(text)) return { code: "CONNECT_PROHIBITED", why: text };
  if (/global scope/.test(text)) {
    return { code: "CONNECT_GLOBAL_SCOPE", why: "made in the global scope, not in a handler" };
  }
  if (/on behalf of/.test(text)) return { code: "FOREIGN_REQUEST" };
  return /TLS|certificate/.test(text) ? { code: "TLS_FAILED" } : {};
}
