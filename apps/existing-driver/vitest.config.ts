// The Worker, and the drivers that it stands for, on Node and in workerd, against real servers.

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import type {} from "@landline/services/provided";
import { packageTests } from "@landline/config/vitest";
import { defineConfig } from "vitest/config";
import type { TestProjectInlineConfiguration } from "vitest/config";
import { bundled } from "./test/bundled.ts";
import { urlsOf } from "./test/urls.ts";

const SERVERS = [
  "@landline/services/mariadb",
  "@landline/services/tls-proxy",
  `${import.meta.dirname}/test/shedding.ts`,
];

const node = packageTests({
  directory: import.meta.dirname,
  name: "existing-driver",
  workerd: false,
  globalSetup: SERVERS,
});

const workerd: TestProjectInlineConfiguration = {
  root: import.meta.dirname,
  plugins: [
    bundled("ioredis", ["Redis"]),
    cloudflareTest(({ inject }) => ({
      main: "test/worker.ts",
      miniflare: {
        compatibilityDate: "2026-11-01",
        // mysql2 and nodemailer give options that Workers' node:tls does not have; what these do, the runtime does anyway.
        compatibilityFlags: ["no_throw_on_not_implemented_tls_options"],
        bindings: { ...urlsOf(inject("services"), inject("tlsProxy")) },
      },
    })),
  ],
  test: {
    name: "existing-driver:workerd",
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/*.node.test.ts"],
    globalSetup: ["@landline/services/vitest", ...SERVERS],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
};

export default defineConfig({ test: { projects: [...node, workerd] } });
