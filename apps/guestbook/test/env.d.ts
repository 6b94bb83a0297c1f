// What `cloudflare:workers` gives to tests: the Worker's own bindings.

import type { Env as GuestbookEnv } from "../src/env.ts";

declare global {
  namespace Cloudflare {
    interface Env extends GuestbookEnv {}
  }
}
