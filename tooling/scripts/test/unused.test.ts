// `pnpm check` finds what nothing uses. One knip run over a small tree in a temporary directory, laid out as this repository
// is, with this repository's configuration.

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");

const tree = {
  "package.json": { name: "tree", private: true, type: "module" },
  "pnpm-workspace.yaml": "packages:\n  - packages/*\n",
  "packages/core/package.json": {
    name: "@landline/core",
    type: "module",
    exports: { ".": "./src/index.ts" },
    dependencies: { "left-over": "1.0.0" },
  },
  "packages/core/src/index.ts": `export { used } from "./used.ts";\n`,
  "packages/core/src/used.ts": `export const used = 1;\nexport const unused = 2;\n`,
  "packages/core/src/forgotten.ts": `export const forgotten = 3;\n`,
};

it("knip reports a file, an export and a dependency that nothing uses", () => {
  const directory = mkdtempSync(join(tmpdir(), "landline-unused-"));
  try {
    for (const [file, content] of Object.entries(tree)) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), typeof content === "string" ? content : JSON.stringify(content));
    }
    cpSync(join(ROOT, "knip.jsonc"), join(directory, "knip.jsonc"));
    const { status, stdout } = spawnSync("knip", ["--no-progress", "--no-config-hints", "--reporter=compact"], {
      cwd: directory,
      encoding: "utf8",
    });
    expect(stdout).toMatch(/packages\/core\/src\/forgotten\.ts/);
    expect(stdout).toMatch(/packages\/core\/src\/used\.ts: unused/);
    expect(stdout).toMatch(/left-over/);
    expect(status).toBe(1);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
