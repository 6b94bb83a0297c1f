// Every package's projects in one run. They are listed flat, and not as projects of projects, to keep the names that the
// packages give them: `vitest run --project 'redis:*'` works here as it does in the package.

import { globSync } from "node:fs";
import { dirname, join } from "node:path";
import { defineConfig, type TestProjectInlineConfiguration, type ViteUserConfig } from "vitest/config";

const files = globSync("{packages,apps,tooling}/*/vitest.config.ts", { cwd: import.meta.dirname }).toSorted();
const projects = await Promise.all(
  files.map(async (file) => {
    const path = join(import.meta.dirname, file);
    const { default: config } = (await import(path)) as { default: ViteUserConfig };
    const own = (config.test?.projects ?? []) as TestProjectInlineConfiguration[];
    return own.map((project) => ({ ...project, root: dirname(path) }));
  }),
);

export default defineConfig({ test: { projects: projects.flat() } });
