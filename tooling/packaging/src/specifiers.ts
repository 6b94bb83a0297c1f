// What the published JavaScript imports, file by file, and what of that it may not.

import { globSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { manifestOf } from "./pack.ts";

/** An import of a published file. */
export interface Import {
  /** The file that imports, relative to the package. */
  readonly file: string;
  readonly specifier: string;
  /** The sources that the file was made of, relative to the package. */
  readonly sources: readonly string[];
}

// The only sources that may import what one runtime has, or another library.
const ADAPTERS: readonly { readonly specifiers: RegExp; readonly sources: RegExp }[] = [
  {
    specifiers: /^node:/,
    sources: /^@landline\/core\/src\/(?:runtime\/node[\w.-]*|testing\/(?:proxy|black-hole)|node-socket\/[\w-]+)\.ts$/,
  },
  { specifiers: /^cloudflare:sockets$/, sources: /^@landline\/core\/src\/runtime\/workerd[\w.-]*\.ts$/ },
  { specifiers: /^cloudflare:workers$/, sources: /^@landline\/durable\/src\// },
  // It extends Drizzle's classes.
  { specifiers: /^drizzle-orm(?:\/|$)/, sources: /^@landline\/postgres\/src\/adapters\/drizzle\.ts$/ },
];

/** Every import of every JavaScript file of an unpacked package: static, dynamic, and by `require`. */
export async function importsOf(folder: string): Promise<Import[]> {
  const files = globSync("dist/**/*.js", { cwd: folder });
  const found: Import[] = [];
  for (const file of files) {
    const sources = sourcesOf(folder, file);
    await build({
      entryPoints: [join(folder, file)],
      bundle: true,
      write: false,
      format: "esm",
      logLevel: "silent",
      plugins: [
        {
          name: "imports",
          setup({ onResolve }) {
            onResolve({ filter: /.*/ }, ({ kind, path: specifier }) => {
              if (kind === "entry-point") return undefined;
              found.push({ file, specifier, sources });
              return { path: specifier, external: true };
            });
          },
        },
      ],
    });
  }
  return found;
}

/** The imports that a package of this name may not have, in words. */
export function forbidden(name: string, folder: string, imports: readonly Import[]): string[] {
  const dependencies = Object.keys(manifestOf(folder).dependencies ?? {});
  return imports
    .filter(({ specifier, sources }) => {
      if (/^[.#]/.test(specifier)) return false;
      if (dependencies.some((each) => specifier === each || specifier.startsWith(`${each}/`))) return false;
      // Without its `node:`, Deno and workerd do not find it.
      if (builtinModules.includes(specifier)) return true;
      const adapter = ADAPTERS.find(({ specifiers }) => specifiers.test(specifier));
      if (adapter === undefined || sources.length === 0) return true;
      return !sources.every((source) => adapter.sources.test(`${name}/${source}`));
    })
    .map(({ file, specifier }) => `${file} imports ${specifier}`);
}

function sourcesOf(folder: string, file: string): string[] {
  const map = JSON.parse(readFileSync(join(folder, `${file}.map`), "utf8")) as { sources: string[] };
  return map.sources.map((source) => join(file, "..", source));
}
