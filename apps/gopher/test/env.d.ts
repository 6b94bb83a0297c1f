// What `cloudflare:workers` gives to tests: the Worker's own bindings and exports.

import type { Env as WorkerEnv } from "../src/env.ts";
import type * as worker from "../src/index.ts";

declare global {
  namespace Cloudflare {
    interface Env extends WorkerEnv {}
    interface GlobalProps {
      mainModule: typeof worker;
    }
  }
}
