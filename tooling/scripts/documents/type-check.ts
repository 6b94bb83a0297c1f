// Type-checks the code of documents against the packages' sources, all of it in one run of the compiler.

import { spawnSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Block } from "./blocks.ts";
import { linkModules } from "./modules.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** The compiler's complaints about the blocks, a line each, with the document's name and line. */
export function typeCheck(blocks: readonly Block[]): string[] {
  const directory = mkdtempSync(join(tmpdir(), "landline-documents-"));
  try {
    const files = blocks.map(({ file, line, code }) => {
      const name = join(directory, `${file}.${line}.ts`);
      mkdirSync(dirname(name), { recursive: true });
      writeFileSync(name, code);
      return name;
    });
    const types = dirname(createRequire(import.meta.url).resolve("@cloudflare/workers-types/package.json"));
    const compilerOptions = {
      strict: true,
      target: "ES2024",
      lib: ["ESNext"],
      module: "esnext",
      moduleResolution: "bundler",
      types: [types],
      paths: publicImports(),
      customConditions: ["workerd"],
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      noEmit: true,
    };
    linkModules(directory);
    copyFileSync(join(import.meta.dirname, "prelude.d.ts"), join(directory, "prelude.d.ts"));
    writeFileSync(
      join(directory, "tsconfig.json"),
      JSON.stringify({ compilerOptions, files: ["prelude.d.ts", ...files] }),
    );
    const { stdout, error } = spawnSync("tsc", ["--pretty", "false"], { cwd: directory, encoding: "utf8" });
    if (error !== undefined) throw error;
    return (
      stdout
        .split("\n")
        // What is indented explains the line above; the packages have their own checks, with their own types.
        .filter((line) => /^[^\s.]/.test(line))
        .map((line) => line.replace(/^(\S+?)\.\d+\.ts\((\d+),(\d+)\)/, "$1:$2:$3"))
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Each public import of the packages, with its source. */
export function publicImports(): Record<string, [string]> {
  const found: Record<string, [string]> = {};
  for (const file of globSync("packages/*/package.json", { cwd: ROOT })) {
    const manifest = JSON.parse(readFileSync(join(ROOT, file), "utf8")) as {
      name: string;
      exports: Record<string, string>;
    };
    for (const [subpath, source] of Object.entries(manifest.exports)) {
      if (source.endsWith(".ts")) found[join(manifest.name, subpath)] = [join(ROOT, dirname(file), source)];
    }
  }
  return found;
}
