// A vite plugin that bundles a CommonJS package, as wrangler does it for a Worker. The tests' own loader takes `require("debug")`
// in a folder with a debug.js for that file, and ioredis has such a folder.

import { builtinModules } from "node:module";
import { build } from "esbuild";
import type { Plugin as EsbuildPlugin } from "esbuild";

const PREFIX = "\0bundled:";

/** `require` of what Node has built in becomes an import: a Worker has no other. */
const builtins: EsbuildPlugin = {
  name: "builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /.*/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, "");
      if (!builtinModules.includes(name)) return undefined;
      if (kind === "require-call") return { path: name, namespace: "builtin" };
      return { path: `node:${name}`, external: true };
    });
    onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `import builtin from "node:${path}"; module.exports = builtin;`,
    }));
  },
};

/** What vite calls a plugin, as far as it is one here. */
export interface Bundled {
  readonly name: string;
  readonly enforce: "pre";
  resolveId(id: string): string | undefined;
  load(id: string): Promise<string | undefined>;
}

/** Bundles `name` where it is imported, with these exports. */
export function bundled(name: string, exported: readonly string[]): Bundled {
  return {
    name: `bundled ${name}`,
    enforce: "pre",
    resolveId: (id) => (id === name ? `${PREFIX}${name}` : undefined),
    load: async (id) => {
      if (id !== `${PREFIX}${name}`) return undefined;
      const { outputFiles } = await build({
        stdin: {
          contents: `import all from "${name}"; export const { ${exported.join(", ")} } = all;`,
          resolveDir: import.meta.dirname,
        },
        bundle: true,
        write: false,
        format: "esm",
        platform: "neutral",
        mainFields: ["module", "main"],
        conditions: ["workerd", "worker", "require"],
        plugins: [builtins],
      });
      return outputFiles[0]?.text;
    },
  };
}
