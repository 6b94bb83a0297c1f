// The files of api/: one for each public import of each package.

import { join } from "node:path";
import { rollUp } from "./api.ts";
import { manifestOf, type PackedPackage } from "./pack.ts";

/** Where they are kept. */
export const API: string = join(import.meta.dirname, "../../../api");

/** What api/ must contain: texts by file name. */
export function apiFiles(packages: readonly PackedPackage[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const { name, folder } of packages) {
    for (const [subpath, target] of Object.entries(manifestOf(folder).exports)) {
      if (typeof target === "string") continue;
      const specifier = join("@landline", name, subpath);
      const head = `// What ${specifier} declares to the public, made by \`pnpm api\`.\n\n`;
      const file = `${specifier.slice("@landline/".length).replaceAll("/", "-")}.d.ts`;
      files.set(file, head + rollUp(join(folder, target.types)));
    }
  }
  return files;
}
