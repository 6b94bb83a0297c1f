// All projects of all packages in one run. vitest does not nest projects, so that each package's list is taken over.

import { globSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import type { ViteUserConfig } from "vitest/config";

const files = globSync("{packages,apps,tooling}/*/vitest.config.ts", { cwd: import.meta.dirname });
const configs = await Promise.all(
  files.sort().map((file) => import(join(import.meta.dirname, file)) as Promise<{ default: ViteUserConfig }>),
);

// Where .ci/run wants a JSON report beside the usual output.
const report = process.env["LANDLINE_TEST_REPORT"];

export default defineConfig({
  test: {
    projects: configs.flatMap((config) => config.default.test?.projects ?? []),
    ...(report === undefined ? {} : { reporters: ["default", ["json", { outputFile: report }]] }),
  },
});
