#!/usr/bin/env node
// Builds the package in the working directory into dist/, file by file: JavaScript by tsup, declarations by tsc (TypeScript 7
// has no compiler API that tsup could use). Each source stays a module of its own, so that a user's bundler drops whole files
// that nothing uses, and a stack trace names the file that was written.

import { spawnSync } from "node:child_process";
import { globSync, rmSync } from "node:fs";
import { build } from "tsup";
import type { Options } from "tsup";

type Plugin = NonNullable<Options["esbuildPlugins"]>[number];

const sources = globSync("src/**/*.ts").filter((file) => !/\.(?:test|d)\.ts$/.test(file));

const modules: Plugin = {
  name: "keep-modules",
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\// }, ({ path, kind }) =>
      kind === "entry-point" ? undefined : { path: path.replace(/\.ts$/, ".js"), external: true },
    );
  },
};

rmSync("dist", { recursive: true, force: true });
await build({
  entry: Object.fromEntries(sources.map((file) => [file.slice("src/".length, -".ts".length), file])),
  format: "esm",
  target: "es2024",
  platform: "neutral",
  dts: false,
  splitting: false,
  sourcemap: true,
  silent: true,
  // tsup would take the `node:` off, without which Deno does not know the module.
  removeNodeProtocol: false,
  external: [/^cloudflare:/, /^node:/, /^@landline\//, /^#/],
  esbuildPlugins: [modules],
});
const emit = spawnSync("tsc", ["--project", "tsconfig.build.json"], { stdio: "inherit" });
process.exitCode = emit.status ?? 1;
