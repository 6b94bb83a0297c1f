// What the errors of workerd mean. They tell little, and in words that change.

import type { Reason } from "./reasons.ts";

/** See the twin for the other runtimes. */
export function reasonOf(cause: unknown): Reason | undefined {
  const text = String(cause);
  if (/port 25|Loop detected/.test(text)) return { code: "CONNECT_PROHIBITED", why: text };
  if (/global scope/.test(text)) {
    return { code: "CONNECT_GLOBAL_SCOPE", why: "a Worker connects in a handler; only the client may be made outside" };
  }
  if (/different (?:request|Durable)/.test(text)) return { code: "FOREIGN_REQUEST" };
  return /TLS|SSL|certificate/i.test(text) ? { code: "TLS_FAILED" } : undefined;
}
