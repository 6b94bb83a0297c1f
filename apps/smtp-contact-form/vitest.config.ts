// The Worker in workerd in front of a real mail server; and, from Node, as wrangler.jsonc has it, in front of a real browser.

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { packageTests } from "@landline/config/vitest";
import type {} from "@landline/services/provided";
import { defineConfig } from "vitest/config";
import type { TestProjectInlineConfiguration } from "vitest/config";

const node = packageTests({ directory: import.meta.dirname, name: "smtp-contact-form", workerd: false });

const workerd: TestProjectInlineConfiguration = {
  root: import.meta.dirname,
  plugins: [
    cloudflareTest(({ inject }) => ({
      main: "src/index.ts",
      // Not by wrangler.jsonc: wrangler would miss the secret there, and say so for each file.
      miniflare: {
        compatibilityDate: "2026-11-01",
        ratelimits: { LIMIT: { namespace_id: "1001", simple: { limit: 3, period: 60 } } },
        bindings: {
          SMTP_URL: inject("services").smtp.url,
          MAIL_FROM: "Contact form <form@example.com>",
          MAIL_TO: "office@example.com",
        },
      },
    })),
  ],
  test: {
    name: "smtp-contact-form:workerd",
    include: ["src/**/*.test.ts", "test/**/*.workerd.test.ts"],
    globalSetup: ["@landline/services/vitest"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
};

export default defineConfig({ test: { projects: [...node, workerd] } });
