// vitest's globalSetup: the packages, built and packed once for all tests that look at what is published. Tests get them by
// inject("packages").

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { packAll, type PackedPackage } from "../src/pack.ts";

declare module "vitest" {
  interface ProvidedContext {
    packages: PackedPackage[];
  }
}

/** Packs; the function returned removes what was packed. */
export function setup(project: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), "landline-packed-"));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    project.provide("packages", packAll(directory));
  } catch (error) {
    remove();
    throw error;
  }
  return remove;
}
