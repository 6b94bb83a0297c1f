// What a published file may import: its own package, the dependencies of its manifest, and, in the few files that exist for
// it, what one runtime has. The linter holds the same for the sources; this is what the build made of them.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { bundle } from "../src/bundle.ts";
import { manifestOf } from "../src/pack.ts";
import { forbidden, importsOf } from "../src/specifiers.ts";
import { packedPackages } from "./packed.ts";

const packages = packedPackages();

// Entries that are Node's own by purpose, or for drivers that need Node's modules themselves.
const NODE_ENTRIES: readonly string[] = ["@landline/core/testing/proxy", "@landline/core/node-socket"];

// Entries that extend another library's classes: their users have that library.
const EXTENDED: Readonly<Record<string, string>> = { "@landline/postgres/drizzle": "drizzle-orm" };
const extended = (entry: string): string[] => (EXTENDED[entry] === undefined ? [] : [EXTENDED[entry]]);
const foreign = (entry: string, imports: readonly string[]): string[] =>
  imports.filter(
    (specifier) => !extended(entry).some((name) => specifier === name || specifier.startsWith(`${name}/`)),
  );

const entries = packages.flatMap(({ name, folder }) =>
  Object.keys(manifestOf(folder).exports)
    .filter((subpath) => subpath !== "./package.json")
    .map((subpath) => ({ entry: join("@landline", name, subpath), directory: dirname(folder) })),
);

it.each(packages)("no file of @landline/$name imports what it may not", async ({ name, folder }) => {
  const imports = await importsOf(folder);
  expect(imports).not.toEqual([]);
  expect(forbidden(`@landline/${name}`, folder, imports)).toEqual([]);
});

it.each(entries.filter(({ entry }) => !NODE_ENTRIES.includes(entry)))(
  "$entry needs nothing but the platform's modules on workerd",
  async ({ entry, directory }) => {
    const { imports } = await bundle(`export * from "${entry}"`, directory, { without: extended(entry) });
    expect(foreign(entry, imports).filter((specifier) => !specifier.startsWith("cloudflare:"))).toEqual([]);
  },
);

it.each(entries.filter(({ entry }) => !entry.startsWith("@landline/durable")))(
  "$entry needs nothing but Node's modules elsewhere",
  async ({ entry, directory }) => {
    const { imports } = await bundle(`export * from "${entry}"`, directory, {
      target: "node",
      without: extended(entry),
    });
    expect(foreign(entry, imports).filter((specifier) => !specifier.startsWith("node:"))).toEqual([]);
  },
);

describe("a forbidden import is found", () => {
  it.each([
    ["core", "dist/index.js", `import "node:net";`, "node:net"],
    ["core", "dist/runtime/node.js", `import "cloudflare:sockets";`, "cloudflare:sockets"],
    ["core", "dist/runtime/node.js", `import "net";`, "net"],
    ["core", "dist/runtime/workerd.js", `import "cloudflare:workers";`, "cloudflare:workers"],
    ["smtp", "dist/message/index.js", `await import("node:buffer");`, "node:buffer"],
    ["redis", "dist/index.js", `import "@landline/postgres";`, "@landline/postgres"],
    ["redis", "dist/index.js", `import "redis-parser";`, "redis-parser"],
  ])("in %s: %s with %s", async (name, file, line, specifier) => {
    const directory = mkdtempSync(join(tmpdir(), "landline-broken-"));
    try {
      const folder = join(directory, name);
      cpSync(packages.find((each) => each.name === name)!.folder, folder, { recursive: true });
      writeFileSync(join(folder, file), `${line}\n${readFileSync(join(folder, file), "utf8")}`);
      expect(forbidden(`@landline/${name}`, folder, await importsOf(folder))).toEqual([`${file} imports ${specifier}`]);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
