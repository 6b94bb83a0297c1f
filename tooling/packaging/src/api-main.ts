// `pnpm api`: writes what each package declares to the public to api/, where a change of it shows in a diff.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { API, apiFiles } from "./api-files.ts";
import { packAll } from "./pack.ts";

const directory = mkdtempSync(join(tmpdir(), "landline-api-"));
try {
  const files = apiFiles(packAll(directory));
  rmSync(API, { recursive: true, force: true });
  mkdirSync(API);
  for (const [file, text] of files) writeFileSync(join(API, file), text);
  console.log(`api/: ${[...files.keys()].join(" ")}`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
