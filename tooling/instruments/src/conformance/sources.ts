// Where a package's tests come from: `test/conformance.json` of the package names a source (a section of a specification, a
// thread, an advisory) and the tests that hold it, by their full names; `*` stands for anything. The first that fits counts.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The packages that have such a file. */
export const PACKAGES = ["postgres", "redis", "smtp"] as const;

/** The repository. */
export const ROOT: string = join(import.meta.dirname, "../../../..");

/** A source and the tests that come from it. */
export interface Source {
  readonly source: string;
  readonly tests: readonly string[];
}

/** The sources of a package. */
export function readSources(name: string): Source[] {
  const file = join(ROOT, "packages", name, "test/conformance.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Source[]) : [];
}

/** The source of a test, if it has one. */
export function sourceOf(sources: readonly Source[], test: string): string | undefined {
  return sources.find(({ tests }) => tests.some((pattern) => fits(pattern, test)))?.source;
}

/** Patterns that fit no test any more. */
export function orphans(sources: readonly Source[], tests: readonly string[]): string[] {
  return sources.flatMap((source) => source.tests).filter((pattern) => !tests.some((test) => fits(pattern, test)));
}

function fits(pattern: string, test: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(test);
}
