// The runtimes that behaviour suites run on outside vitest, and where npm has put their programs.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Node runs as itself; workerd once as vitest has it and once as an older release, both without Node's compatibility. */
export type RuntimeId = "node" | "deno" | "bun" | "workerd" | "workerd-2026-08";

/** In the order in which tables show them. */
export const RUNTIMES: readonly RuntimeId[] = ["workerd", "workerd-2026-08", "node", "deno", "bun"];

const PLATFORM = `${process.platform}-${process.arch}`;

const PROGRAMS: Record<Exclude<RuntimeId, "node" | "workerd">, Record<string, string>> = {
  deno: {
    "darwin-arm64": "@deno/darwin-arm64/deno",
    "darwin-x64": "@deno/darwin-x64/deno",
    "linux-arm64": "@deno/linux-arm64-glibc/deno",
    "linux-x64": "@deno/linux-x64-glibc/deno",
  },
  bun: {
    "darwin-arm64": "@oven/bun-darwin-aarch64/bin/bun",
    "darwin-x64": "@oven/bun-darwin-x64/bin/bun",
    "linux-arm64": "@oven/bun-linux-aarch64/bin/bun",
    // The build for every x64 processor: the other one needs AVX2.
    "linux-x64": "@oven/bun-linux-x64-baseline/bin/bun",
  },
  "workerd-2026-08": {
    "darwin-arm64": "workerd-2026-08-darwin-arm64/bin/workerd",
    "darwin-x64": "workerd-2026-08-darwin-64/bin/workerd",
    "linux-arm64": "workerd-2026-08-linux-arm64/bin/workerd",
    "linux-x64": "workerd-2026-08-linux-64/bin/workerd",
  },
};

/** The program of a runtime. @throws when it is not installed, or not made for this platform. */
export function programOf(id: RuntimeId): string {
  if (id === "node") return process.execPath;
  if (id === "workerd") return (createRequire(import.meta.url)("workerd") as { default: string }).default;
  const program = PROGRAMS[id][PLATFORM];
  if (program === undefined) throw new Error(`there is no ${id} for ${PLATFORM} among the dependencies`);
  const path = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "node_modules", program);
  if (!existsSync(path))
    throw new Error(`${id} is not installed at ${path}: run pnpm install, with optional dependencies`);
  return path;
}
