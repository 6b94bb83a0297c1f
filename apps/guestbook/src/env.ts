// What the Worker is given: see wrangler.jsonc and .dev.vars.example.

import type { LiveBook } from "./live.ts";

/** The bindings of this Worker. */
export interface Env {
  readonly DATABASE_URL: string;
  readonly REDIS_URL: string;
  readonly SMTP_URL: string;
  readonly MAIL_FROM: string;
  readonly MAIL_TO: string;
  readonly LIVE: DurableObjectNamespace<LiveBook>;
}
