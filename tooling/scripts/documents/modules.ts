// A folder's node_modules, as a project would have it that has installed the packages and the libraries that they are tested
// with: links to those of the workspace.

import { existsSync, globSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Makes `directory/node_modules`. */
export function linkModules(directory: string): void {
  for (const file of globSync("packages/*/package.json", { cwd: ROOT })) {
    const folder = join(ROOT, dirname(file));
    const manifest = JSON.parse(readFileSync(join(ROOT, file), "utf8")) as Manifest;
    link(folder, join(directory, "node_modules", manifest.name));
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
      link(join(folder, "node_modules", name), join(directory, "node_modules", name));
    }
  }
}

function link(target: string, path: string): void {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}
