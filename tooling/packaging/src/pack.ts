// The packages as npm would get them: built, and packed by pnpm, which applies publishConfig.

import { globSync, mkdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { run } from "./run.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** A package as it is published. */
export interface PackedPackage {
  /** Its short name: `core` for `@landline/core`. */
  readonly name: string;
  readonly tarball: string;
  /** Where its files are, as npm would lay them out. */
  readonly folder: string;
}

/** What a package says of itself. */
export interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * Builds all packages and packs them into `directory`, where they are unpacked as well, each with those of ours that it
 * depends on within reach. Two calls at one time wait for each other, in whichever processes they are: both write to
 * `dist/`.
 */
export function packAll(directory: string): PackedPackage[] {
  const tarballs = join(directory, "tarballs");
  const scope = join(directory, "node_modules/@landline");
  mkdirSync(tarballs, { recursive: true });
  const names = globSync("packages/*/src", { cwd: ROOT })
    .map((source) => basename(dirname(source)))
    .sort();
  const filters = names.map((name) => `--filter=@landline/${name}`);
  const unlock = lock();
  try {
    pnpm("run", "build", ...filters);
    pnpm(...filters, "pack", "--pack-destination", tarballs);
  } finally {
    unlock();
  }
  return names.map((name) => {
    const { version } = manifestOf(join(ROOT, "packages", name));
    const tarball = join(tarballs, `landline-${name}-${version}.tgz`);
    const folder = join(scope, name);
    mkdirSync(folder, { recursive: true });
    run("tar", ["-xzf", tarball, "--strip-components=1", "-C", folder], { cwd: directory });
    return { name, tarball, folder };
  });
}

/** The manifest in a folder. */
export function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

function pnpm(...args: string[]): void {
  // The one that runs the tests is in npm's cache; without this, npm would ask the registry for a newer one each time.
  run("npx", ["--yes", "pnpm@12", ...args], { cwd: ROOT, env: { npm_config_prefer_offline: "true" } });
}

/** A lock that the operating system releases whichever way this process ends; SQLite has it on every platform. */
function lock(): () => void {
  const database = new DatabaseSync(join(ROOT, "node_modules/.landline-pack.lock"), { timeout: 300_000 });
  database.exec("BEGIN EXCLUSIVE");
  return () => database.close();
}
