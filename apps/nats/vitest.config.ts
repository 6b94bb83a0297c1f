// The client on Node and in workerd; the Worker in workerd, in front of a real nats-server.

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { packageTests } from "@landline/config/vitest";
import type {} from "@landline/services/provided";
import { defineConfig } from "vitest/config";
import type { TestProjectInlineConfiguration } from "vitest/config";

const SERVER = "@landline/services/nats";

const node = packageTests({ directory: import.meta.dirname, name: "nats", workerd: false, globalSetup: [SERVER] });

const workerd: TestProjectInlineConfiguration = {
  root: import.meta.dirname,
  plugins: [
    cloudflareTest(({ inject }) => {
      const { hostname, port, token } = inject("nats");
      return {
        main: "src/index.ts",
        miniflare: {
          compatibilityDate: "2026-11-01",
          bindings: { NATS_SERVER: `${hostname}:${port}`, NATS_TOKEN: token },
        },
      };
    }),
  ],
  test: {
    name: "nats:workerd",
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/*.node.test.ts"],
    globalSetup: ["@landline/services/vitest", SERVER],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
};

export default defineConfig({ test: { projects: [...node, workerd] } });
