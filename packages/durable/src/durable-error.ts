// What a pool says no to.

import { LandlineError, type Outcome } from "@landline/core";

/**
 * Something that does not work through a pool. `code` is `TRANSACTION_OUTSIDE_BEGIN` (a query left a transaction open; it was
 * rolled back), `POOL_UNSUPPORTED` (what would change a connection for those who use it next), `REPLY_TOO_LARGE` or
 * `LEASE_EXPIRED`.
 */
export class DurableError extends LandlineError {
  override readonly name: string = "DurableError";
}

/** @see DurableError */
export function durableError(code: string, outcome: Outcome, message: string): DurableError {
  return new DurableError(message, { code, outcome });
}
