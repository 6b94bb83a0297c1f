import { packageTests } from "@landline/config/vitest";
import { defineConfig } from "vitest/config";

export default defineConfig({ test: { projects: packageTests({ name: "services" }) } });
