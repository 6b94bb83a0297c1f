// Bundles a client for workerd, as wrangler would: workerd's export conditions, and for peers that need Node's modules
// the runtime's own ones.

import { builtinModules } from "node:module";
import { build } from "esbuild";
import type { Plugin } from "esbuild";

/** What to bundle. */
export interface BundleOptions {
  /** The source of the entry; it may import by URL-free absolute paths and package names. */
  readonly source: string;
  /** Where package names are resolved from. */
  readonly directory: string;
  readonly nodeCompat?: boolean;
  readonly minify?: boolean;
}

/** One ES module. @throws what esbuild says. */
export async function bundle({
  source,
  directory,
  nodeCompat = false,
  minify = false,
}: BundleOptions): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: directory, loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["browser", "module", "main"],
    platform: "neutral",
    external: ["cloudflare:*"],
    define: { "process.env.NODE_ENV": '"production"' },
    plugins: nodeCompat ? [nodeModules] : [],
    minify,
    legalComments: "none",
    logLevel: "silent",
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error("esbuild wrote nothing");
  return file.contents;
}

/** Makes `require("net")` of a CommonJS package an import of `node:net`, which workerd has. */
const nodeModules: Plugin = {
  name: "node-modules",
  setup: ({ onResolve, onLoad }) => {
    const names = new Set(builtinModules);
    onResolve({ filter: /^(node:)?[a-z_/]+$/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, "");
      if (!names.has(name)) return undefined;
      if (kind !== "require-call") return { path: `node:${name}`, external: true };
      return { path: name, namespace: "node-module" };
    });
    onLoad({ filter: /.*/, namespace: "node-module" }, ({ path }) => ({
      contents: `import whole from "node:${path}"; module.exports = whole;`,
    }));
  },
};
