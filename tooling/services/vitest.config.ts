import type { ViteUserConfig } from "vitest/config";
// By its path: the presets depend on this package, which cannot depend on them in turn.
import { packageTests } from "../config/src/vitest.ts";

const config: ViteUserConfig = {
  test: { projects: packageTests({ directory: import.meta.dirname, name: "services" }) },
};

export default config;
