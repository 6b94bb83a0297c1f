// The byte budget of each public import, measured on the packed packages.

import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { budgets } from "../budgets.ts";
import { bundle } from "../src/bundle.ts";
import { manifestOf } from "../src/pack.ts";
import { packedPackages } from "./packed.ts";

const packages = packedPackages();
// Where a bundler that looks for `@landline/core` finds it.
const directory = dirname(packages[0]!.folder);

describe("the byte budgets", () => {
  it.each(budgets)("$code costs at most $gzip bytes", async ({ code, without = [], gzip }) => {
    expect((await bundle(code, directory, { without })).gzip).toBeLessThanOrEqual(gzip);
  });

  it("cover every public import", () => {
    const imports = packages.flatMap(({ name, folder }) =>
      Object.keys(manifestOf(folder).exports)
        .filter((subpath) => subpath !== "./package.json")
        .map((subpath) => `"${join("@landline", name, subpath)}"`),
    );
    expect(imports.filter((specifier) => !budgets.some(({ code }) => code.includes(specifier)))).toEqual([]);
  });

  it("name a goal only where it is not reached", () => {
    expect(budgets.filter(({ gzip, goal }) => goal !== undefined && gzip <= goal)).toEqual([]);
  });

  it("notice what an import drags in", async () => {
    const alone = await bundle(`export { connect } from "@landline/core"`, directory);
    const more = await bundle(`export { connect, dial } from "@landline/core"`, directory);
    expect(more.gzip).toBeGreaterThan(alone.gzip + 1_000);
  });
});
