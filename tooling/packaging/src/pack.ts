// The packages as npm would get them: built, and packed by pnpm, which applies publishConfig.

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { run } from "./run.ts";

const ROOT = join(import.meta.dirname, "../../..");

/**
 * Builds the packages named and packs them into `directory`. Returns the tarballs by package name. Two calls at one time
 * wait for each other, in whichever processes they are: both write to `dist/`.
 */
export function packAll(names: readonly string[], directory: string): Map<string, string> {
  mkdirSync(directory, { recursive: true });
  const unlock = lock();
  try {
    const filters = names.map((name) => `--filter=${name}`);
    pnpm("run", "build", ...filters);
    pnpm(...filters, "pack", "--pack-destination", directory);
  } finally {
    unlock();
  }
  return new Map(names.map((name) => [name, join(directory, tarball(name))]));
}

/** The manifest of a package of this workspace. */
export function manifestOf(name: string): { version: string; dependencies?: Record<string, string> } {
  const folder = name.slice("@landline/".length);
  return JSON.parse(readFileSync(join(ROOT, "packages", folder, "package.json"), "utf8")) as ReturnType<
    typeof manifestOf
  >;
}

function pnpm(...args: string[]): void {
  // The one that runs the tests is in npm's cache; without this, npm would ask the registry for a newer one each time.
  run("npx", ["--yes", "pnpm@12", ...args], { cwd: ROOT, env: { npm_config_prefer_offline: "true" } });
}

function tarball(name: string): string {
  return `${name.slice(1).replace("/", "-")}-${manifestOf(name).version}.tgz`;
}

/** A lock that the operating system releases whichever way this process ends; SQLite has it on every platform. */
function lock(): () => void {
  const database = new DatabaseSync(join(ROOT, "node_modules/.landline-pack.lock"), { timeout: 300_000 });
  database.exec("BEGIN EXCLUSIVE");
  return () => database.close();
}
