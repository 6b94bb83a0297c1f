import { packageTests } from "@landline/config/vitest";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: packageTests({
      directory: import.meta.dirname,
      name: "scripts",
      // A README shows Prisma, whose client has to be made first.
      globalSetup: ["../../packages/postgres/test/adapters/prisma/generate.ts"],
      workerd: false,
    }),
  },
});
