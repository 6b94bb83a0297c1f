// What becomes of an import in a user's bundle, as wrangler would make it: its size, and what is left to import.

import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** A bundle of one piece of code. */
export interface Bundle {
  /** Minified, in bytes. */
  readonly bytes: number;
  /** The same after gzip -9: what is shipped. */
  readonly gzip: number;
  /** The modules that the runtime has to have. */
  readonly imports: readonly string[];
  /** The files that went into it. */
  readonly inputs: readonly string[];
}

/** The conditions of `exports` and `imports` under which a bundle is made. */
export type Target = "workerd" | "node";

/** Bundles and minifies `code`, whose imports are resolved from `directory`, `without` some packages. */
export async function bundle(
  code: string,
  directory: string,
  { target = "workerd", without = [] }: { readonly target?: Target; readonly without?: readonly string[] } = {},
): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: directory },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2024",
    platform: "neutral",
    conditions: target === "workerd" ? ["workerd", "worker"] : ["node"],
    external: ["cloudflare:*", "node:*", ...without.flatMap((name) => [name, `${name}/*`])],
    legalComments: "none",
    logLevel: "silent",
  });
  const [output] = Object.values(metafile.outputs);
  const [file] = outputFiles;
  if (output === undefined || file === undefined) throw new Error("esbuild wrote nothing");
  return {
    bytes: file.contents.length,
    gzip: gzipSync(file.contents, { level: 9 }).length,
    imports: output.imports.filter(({ external }) => external).map(({ path }) => path),
    inputs: Object.keys(metafile.inputs),
  };
}
