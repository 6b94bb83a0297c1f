import { defineConfig } from "vitest/config";
// By its path: the presets depend on this package, which cannot depend on them in turn.
import { packageTests } from "../config/src/vitest.ts";

export default defineConfig({ test: { projects: packageTests({ name: "services" }) } });
