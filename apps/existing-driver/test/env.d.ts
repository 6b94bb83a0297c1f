// What `cloudflare:workers` gives to tests: the Worker's own bindings.

import type { Env as WorkerEnv } from "../src/ways.ts";

declare global {
  namespace Cloudflare {
    interface Env extends WorkerEnv {}
  }
}
