// The packed packages under the two checkers of the field: publint (manifest and files fit each other) and "are the types
// wrong" (what a compiler resolves is what a runtime loads). The packages are ESM only, so that of the latter's findings
// those under CommonJS and under the `node10` resolution do not count; its "esm-only" profile is the same.

import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData, type Problem } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { describe, expect, it } from "vitest";
import { packedPackages } from "./packed.ts";

const packages = packedPackages();

/** What publint says of a tarball, in words. */
async function lint(tarball: Buffer): Promise<string[]> {
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(tarball).buffer }, strict: true });
  return messages.map((message) => `${message.type}: ${formatMessage(message, pkg) ?? message.code}`);
}

/** What attw finds in a tarball, as its "esm-only" profile does. */
async function typeProblems(tarball: Buffer): Promise<Problem[]> {
  const result = await checkPackage(createPackageFromTarballData(tarball));
  if (result.types === false) throw new Error("a package without types");
  return result.problems.filter(
    (problem) => !("resolutionKind" in problem) || !["node10", "node16-cjs"].includes(problem.resolutionKind),
  );
}

describe.each(packages)("@landline/$name", ({ tarball }) => {
  const data = readFileSync(tarball);

  it("has a manifest that fits its files", async () => {
    expect(await lint(data)).toEqual([]);
  });

  it("has types that fit its JavaScript", async () => {
    expect(await typeProblems(data)).toEqual([]);
  });
});

describe("the checkers bite", () => {
  it("on a file that the manifest names and that is not there", async () => {
    const broken = breaking("core", (folder) => rmSync(join(folder, "dist/pool/index.js")));
    expect(await lint(broken)).toEqual([expect.stringMatching(/^error: .*dist\/pool\/index\.js/)]);
  });

  it("on a declaration that imports what is not there", async () => {
    const broken = breaking("core", (folder) => {
      writeFileSync(join(folder, "dist/index.d.ts"), `export * from "./nowhere.ts";`);
    });
    expect(await typeProblems(broken)).toContainEqual(expect.objectContaining({ kind: "InternalResolutionError" }));
  });
});

/** The tarball of a package after something was done to its files. */
function breaking(name: string, change: (folder: string) => void): Buffer {
  const directory = mkdtempSync(join(tmpdir(), "landline-broken-"));
  try {
    const folder = join(directory, "package");
    cpSync(packages.find((each) => each.name === name)!.folder, folder, { recursive: true });
    change(folder);
    execFileSync("tar", ["-czf", "broken.tgz", "package"], { cwd: directory });
    return readFileSync(join(directory, "broken.tgz"));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
