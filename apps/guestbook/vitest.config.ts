// The Worker's own wrangler.jsonc in workerd, with the services' addresses as its secrets; and, from Node, a real browser.

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { packageTests } from "@landline/config/vitest";
import type {} from "@landline/services/provided";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import type { TestProjectInlineConfiguration } from "vitest/config";

const node = packageTests({ directory: import.meta.dirname, name: "guestbook", workerd: false });

const workerd: TestProjectInlineConfiguration = {
  root: import.meta.dirname,
  plugins: [
    cloudflareTest(({ inject }) => {
      const { postgres, redis, smtp } = inject("services");
      return {
        wrangler: { configPath: join(import.meta.dirname, "wrangler.jsonc") },
        miniflare: {
          bindings: { DATABASE_URL: postgres.url, REDIS_URL: redis.tlsUrl, SMTP_URL: smtp.url },
        },
      };
    }),
  ],
  test: {
    name: "guestbook:workerd",
    include: ["src/**/*.test.ts", "test/**/*.workerd.test.ts"],
    globalSetup: ["@landline/services/vitest"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
};

export default defineConfig({ test: { projects: [...node, workerd] } });
