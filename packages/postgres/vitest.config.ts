import { dirname, join } from "node:path";
import { packageTests } from "@landline/config/vitest";
import type { Plugin, ViteUserConfig } from "vitest/config";

const COMPILED = /^\0compiled:(.*)\.mjs$/;

/** As wrangler has it, and vite not: `./x.wasm?module` is that file, compiled by workerd itself. Prisma imports it so. */
const compiledWasm: Plugin = {
  name: "compiled-wasm",
  enforce: "pre",
  resolveId: (id, importer) => {
    if (COMPILED.test(id)) return id;
    if (!id.endsWith(".wasm?module") || importer === undefined) return undefined;
    return `\0compiled:${join(dirname(importer), id)}.mjs`;
  },
  load: (id) => {
    const path = COMPILED.exec(id)?.[1];
    if (path === undefined) return undefined;
    return `import { createRequire } from "node:module";
      export default createRequire(import.meta.url)(${JSON.stringify(path)}).default;`;
  },
};

const projects = packageTests({
  directory: import.meta.dirname,
  name: "postgres",
  globalSetup: ["@landline/services/pgbouncer", "./test/adapters/prisma/generate.ts"],
  worker: { main: "./test/worker.ts", durableObjects: { KEEPER: "Keeper" } },
});

const config: ViteUserConfig = {
  test: {
    projects: projects.map((project) => ({ ...project, plugins: [...(project.plugins ?? []), compiledWasm] })),
  },
};

export default config;
