import { packageTests } from "@landline/config/vitest";
import type { ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = {
  test: {
    projects: packageTests({
      directory: import.meta.dirname,
      name: "durable",
      worker: {
        main: "./test/worker.ts",
        durableObjects: {
          PG: "PG",
          KV: "KV",
          MAIL: "MAIL",
          OUTBOX: { className: "OUTBOX", useSQLite: true },
        },
      },
    }),
  },
};

export default config;
