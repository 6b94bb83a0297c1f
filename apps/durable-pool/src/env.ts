// What this Worker is given.

import type { PG } from "./index.ts";

/** Bindings and secrets, as wrangler.jsonc and .dev.vars name them. */
export interface Env {
  readonly DATABASE_URL: string;
  /** The same database behind a pooler in transaction mode. Empty: there is none. */
  readonly POOLER_URL?: string;
  readonly PG: DurableObjectNamespace<PG>;
}
