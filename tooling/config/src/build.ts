#!/usr/bin/env node
// Builds the package in the working directory into dist/: JavaScript by tsup, declarations by tsc (TypeScript 7 has no
// compiler API that tsup could use). The entries are those that publishConfig names, so that nothing is listed twice.

import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { build } from "tsup";

interface Manifest {
  publishConfig?: { exports?: unknown; imports?: unknown; bin?: unknown };
}

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const entries = new Set<string>();
for (const target of targets([manifest.publishConfig?.exports, manifest.publishConfig?.imports])) {
  if (target.endsWith(".js")) entries.add(target.replace("./dist/", "src/").replace(/\.js$/, ".ts"));
}

rmSync("dist", { recursive: true, force: true });
await build({
  entry: Object.fromEntries([...entries].map((entry) => [entry.slice("src/".length, -".ts".length), entry])),
  format: "esm",
  target: "es2024",
  platform: "neutral",
  dts: false,
  splitting: true,
  sourcemap: true,
  silent: true,
  // tsup would take the `node:` off, without which Deno does not know the module.
  removeNodeProtocol: false,
  external: [/^cloudflare:/, /^node:/, /^@landline\//, /^#/],
});
const emit = spawnSync("tsc", ["--project", "tsconfig.build.json"], { stdio: "inherit" });
process.exitCode = emit.status ?? 1;

function targets(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(targets);
}
