import { packageTests } from "@landline/config/vitest";
import type { ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = {
  test: {
    projects: packageTests({
      directory: import.meta.dirname,
      name: "postgres",
      globalSetup: ["@landline/services/pgbouncer"],
      worker: { main: "./test/worker.ts", durableObjects: { KEEPER: "Keeper" } },
    }),
  },
};

export default config;
