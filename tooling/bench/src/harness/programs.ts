// Native programs: Bun and workerd from npm; pgbench and redis-benchmark from PATH or from where the servers' own
// packages were unpacked. What is not there is left out of the tables, and said on stderr.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

const BUN: Record<string, string> = {
  "darwin-arm64": "@oven/bun-darwin-aarch64",
  "darwin-x64": "@oven/bun-darwin-x64",
  "linux-arm64": "@oven/bun-linux-aarch64",
  // The build for every x64 processor: the other one needs AVX2.
  "linux-x64": "@oven/bun-linux-x64-baseline",
};

/** A program and the environment that it needs. */
export interface Program {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/** @throws when Bun is not installed, or not made for this platform. */
export function bunProgram(): string {
  const name = BUN[`${process.platform}-${process.arch}`];
  if (name === undefined) throw new Error(`there is no Bun for ${process.platform}-${process.arch}`);
  return join(createRequire(import.meta.url).resolve(`${name}/package.json`), "../bin/bun");
}

export function workerdProgram(): string {
  return (createRequire(import.meta.url)("workerd") as { default: string }).default;
}

export function hasBun(): boolean {
  try {
    return existsSync(bunProgram());
  } catch {
    return false;
  }
}

/** A program on PATH, or of the Redis package that the services have unpacked; `undefined` when it does not run. */
export function findProgram(...names: readonly string[]): Program | undefined {
  const onPath = (process.env["PATH"] ?? "").split(delimiter).map((directory) => ({ directory, env: {} }));
  for (const { directory, env } of [...onPath, ...unpacked()]) {
    for (const name of names) {
      const path = join(directory, name);
      if (!existsSync(path)) continue;
      const { status } = spawnSync(path, ["--version"], { env: { ...process.env, ...env }, stdio: "ignore" });
      if (status === 0) return { path, env };
    }
  }
  return undefined;
}

function unpacked(): { directory: string; env: Record<string, string> }[] {
  const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "landline");
  if (!existsSync(cache)) return [];
  return readdirSync(cache)
    .filter((name) => name.startsWith("redis-"))
    .map((name) => join(cache, name))
    .map((tree) => {
      const holders = ["lib", "usr/lib"].flatMap((part) =>
        existsSync(join(tree, part)) ? readdirSync(join(tree, part)).map((name) => join(tree, part, name)) : [],
      );
      return { directory: join(tree, "usr/bin"), env: { LD_LIBRARY_PATH: holders.join(delimiter) } };
    });
}
