import { packageTests } from "@landline/config/vitest";
import type { ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = { test: { projects: packageTests({ name: "core" }) } };

export default config;
