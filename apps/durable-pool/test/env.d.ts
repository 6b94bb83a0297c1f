// What `cloudflare:workers` gives to tests: the Worker's own bindings and exports.

import type { Env as AppEnv } from "../src/env.ts";
import type * as worker from "../src/index.ts";

declare global {
  namespace Cloudflare {
    interface Env extends AppEnv {}
    interface GlobalProps {
      mainModule: typeof worker;
    }
  }
}
