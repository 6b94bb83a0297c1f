// What the Worker is given: see wrangler.jsonc and .dev.vars.example.

import type { LiveTransfers } from "./live.ts";

/** The bindings of this Worker. */
export interface Env {
  readonly DATABASE_URL: string;
  /** Where it is bound, requests go through it. */
  readonly HYPERDRIVE?: { readonly connectionString: string };
  readonly LIVE: DurableObjectNamespace<LiveTransfers>;
}
