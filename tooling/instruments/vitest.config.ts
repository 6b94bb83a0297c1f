import { packageTests } from "@landline/config/vitest";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { projects: packageTests({ directory: import.meta.dirname, name: "instruments", workerd: false }) },
});
