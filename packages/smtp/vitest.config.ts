import { packageTests } from "@landline/config/vitest";
import { whyNoNamespaces } from "@landline/services/namespace";
import type { TestProjectInlineConfiguration, ViteUserConfig } from "vitest/config";

/** The client against Postfix, Exim and Dovecot, on Node. */
const servers: TestProjectInlineConfiguration = {
  root: import.meta.dirname,
  test: {
    name: "smtp:servers",
    include: ["servers/**/*.test.ts"],
    environment: "node",
    pool: "forks",
    globalSetup: ["@landline/services/vitest", "@landline/services/mail-servers"],
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
};

const why = whyNoNamespaces();
if (why !== undefined)
  process.stderr.write(`The tests of smtp against Postfix, Exim and Dovecot are left out: ${why}\n`);

const config: ViteUserConfig = {
  test: {
    projects: [
      ...packageTests({
        directory: import.meta.dirname,
        name: "smtp",
        miniflare: { email: { send_email: [{ name: "EMAIL", allowed_sender_addresses: ["app@shop.example"] }] } },
      }),
      ...(why === undefined ? [servers] : []),
    ],
  },
};

export default config;
