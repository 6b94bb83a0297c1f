// What the errors of workerd mean. They tell little, and in words that change.

import type { Reason } from "./reasons.ts";

/** See the twin for the other runtimes. */
export function reasonOf(cause: unknown): Reason | undefined {
  const text = String(cause);
  if (/port 25|Loop detected/.test(text)) return ["CONNECT_PROHIBITED", `the platform does not allow it (${text})`];
  if (text.includes("global scope")) {
    return [
      "CONNECT_GLOBAL_SCOPE",
      "a Worker does that in a handler, not in the global scope (a client may be made there)",
    ];
  }
  if (/different (?:request|Durable Object)/.test(text)) return ["FOREIGN_REQUEST"];
  return /TLS|SSL|certificate/i.test(text) ? ["TLS_FAILED"] : undefined;
}
