// The smoke set, where vitest does not run.

import { join } from "node:path";
import { testSmokeSet } from "@landline/config/runtimes/smoke";

await testSmokeSet(join(import.meta.dirname, "smoke.test.ts"), 6);
