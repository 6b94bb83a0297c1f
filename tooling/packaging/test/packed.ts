// vitest's globalSetup: the packages, built and packed once for all tests that look at what is published.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import type { TestProject } from "vitest/node";
import { packAll, type PackedPackage } from "../src/pack.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The packages, or why there are none. */
    packages: PackedPackage[] | string;
  }
}

/** Packs; the function returned removes what was packed. A failure is told by the tests: others need not stop for it. */
export function setup(project: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), "landline-packed-"));
  try {
    project.provide("packages", packAll(directory));
  } catch (error) {
    project.provide("packages", String(error));
  }
  return () => rmSync(directory, { recursive: true, force: true });
}

/** The packages, for tests. @throws Error when they could not be built or packed. */
export function packedPackages(): PackedPackage[] {
  const packages = inject("packages");
  if (typeof packages === "string") throw new Error(packages);
  return packages;
}
