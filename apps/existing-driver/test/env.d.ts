// What `cloudflare:workers` gives to tests: the Worker's own bindings and exports.

import type { Env as WorkerEnv } from "../src/ways.ts";
import type * as worker from "./worker.ts";

declare global {
  namespace Cloudflare {
    interface Env extends WorkerEnv {}
    interface GlobalProps {
      mainModule: typeof worker;
    }
  }
}
