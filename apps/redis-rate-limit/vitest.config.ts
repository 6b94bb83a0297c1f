// The Worker in workerd, with the address of the real Redis as its secret; and, from Node, as wrangler.jsonc has it, in front of a
// real browser.

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { packageTests } from "@landline/config/vitest";
import type {} from "@landline/services/provided";
import { defineConfig } from "vitest/config";
import type { TestProjectInlineConfiguration } from "vitest/config";

const node = packageTests({ directory: import.meta.dirname, name: "redis-rate-limit", workerd: false });

const workerd: TestProjectInlineConfiguration = {
  root: import.meta.dirname,
  plugins: [
    cloudflareTest(({ inject }) => ({
      main: "src/index.ts",
      // Not by wrangler.jsonc: wrangler would miss the secret there, and say so for each file.
      miniflare: {
        compatibilityDate: "2026-11-01",
        durableObjects: { LIVE: { className: "LiveBoard", useSQLite: true } },
        bindings: { REDIS_URL: inject("services").redis.tlsUrl },
      },
    })),
  ],
  test: {
    name: "redis-rate-limit:workerd",
    include: ["test/**/*.test.ts"],
    exclude: ["**/*.node.test.ts"],
    globalSetup: ["@landline/services/vitest"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
};

export default defineConfig({ test: { projects: [...node, workerd] } });
