// The Worker in workerd, with the addresses of the real Postgres and of a real PgBouncer before it as its secrets; and, from Node, as
// wrangler.jsonc has it, in front of a real browser.

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { packageTests } from "@landline/config/vitest";
import type {} from "@landline/services/provided";
import { defineConfig } from "vitest/config";
import type { TestProjectInlineConfiguration } from "vitest/config";

const node = packageTests({ directory: import.meta.dirname, name: "durable-pool", workerd: false });

const workerd: TestProjectInlineConfiguration = {
  root: import.meta.dirname,
  plugins: [
    cloudflareTest(({ inject }) => ({
      main: "src/index.ts",
      // Not by wrangler.jsonc: wrangler would miss the secret there, and say so for each file.
      miniflare: {
        compatibilityDate: "2026-11-01",
        durableObjects: { PG: { className: "PG", useSQLite: true } },
        bindings: { DATABASE_URL: inject("services").postgres.url, POOLER_URL: inject("pgbouncer").url },
      },
    })),
  ],
  test: {
    name: "durable-pool:workerd",
    include: ["test/**/*.test.ts"],
    exclude: ["**/*.node.test.ts"],
    globalSetup: ["@landline/services/vitest", "@landline/services/pgbouncer"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
};

export default defineConfig({ test: { projects: [...node, workerd] } });
