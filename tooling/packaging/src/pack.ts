// The packages as npm would get them: built, and packed by pnpm, which applies publishConfig.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
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
    run("npx", ["--yes", "pnpm@12", "run", "build", ...filters], { cwd: ROOT });
    run("npx", ["--yes", "pnpm@12", ...filters, "pack", "--pack-destination", directory], { cwd: ROOT });
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

function tarball(name: string): string {
  return `${name.slice(1).replace("/", "-")}-${manifestOf(name).version}.tgz`;
}

/** A lock that the operating system releases whichever way this process ends; SQLite has it on every platform. */
function lock(): () => void {
  const checkout = createHash("sha256").update(ROOT).digest("hex").slice(0, 16);
  const database = new DatabaseSync(join(tmpdir(), `landline-pack-${process.getuid?.() ?? 0}-${checkout}.lock`), {
    timeout: 300_000,
  });
  database.exec("BEGIN EXCLUSIVE");
  return () => database.close();
}
