// The Worker in workerd with the services' addresses as its secrets; and, from Node, as wrangler.jsonc has it, in front
// of a real browser.

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { packageTests } from "@landline/config/vitest";
import type {} from "@landline/services/provided";
import { defineConfig } from "vitest/config";
import type { TestProjectInlineConfiguration } from "vitest/config";

const node = packageTests({ directory: import.meta.dirname, name: "guestbook", workerd: false });

const workerd: TestProjectInlineConfiguration = {
  root: import.meta.dirname,
  plugins: [
    cloudflareTest(({ inject }) => {
      const { postgres, redis, smtp } = inject("services");
      return {
        main: "src/index.ts",
        // Not by wrangler.jsonc: wrangler would miss the secrets there, and say so for each file.
        miniflare: {
          compatibilityDate: "2026-11-01",
          durableObjects: { LIVE: { className: "LiveBook", useSQLite: true } },
          bindings: {
            DATABASE_URL: postgres.url,
            REDIS_URL: redis.tlsUrl,
            SMTP_URL: smtp.url,
            MAIL_FROM: "guestbook@example.com",
            MAIL_TO: "host@example.com",
          },
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
