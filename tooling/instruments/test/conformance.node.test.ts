// The pages of docs/conformance list the cases that the tests have, no others, under the sources that are given for them.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { casesOf, readPage, type Result, writePage } from "../src/conformance/page.ts";
import { orphans, PACKAGES, readSources, ROOT } from "../src/conformance/sources.ts";

let names: Map<string, string[]>;

/** The names of all tests on Node, with the rows of tables, without running them. */
beforeAll(async () => {
  const projects = PACKAGES.flatMap((name) => ["--project", `${name}:node`]);
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const listed = await new Promise<string>((resolve, reject) => {
    const args = [vitest, "list", "--staticParse=false", "--json", ...projects];
    execFile(process.execPath, args, { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${error.message}\n${stderr}`));
    });
  });
  const tests = JSON.parse(listed.slice(listed.indexOf("["))) as { name: string; projectName: string }[];
  names = new Map(
    PACKAGES.map((name) => [
      name,
      tests.filter(({ projectName }) => projectName.startsWith(`${name}:`)).map((each) => each.name),
    ]),
  );
}, 180_000);

describe.each(PACKAGES)("%s", (name) => {
  test("every source has tests that come from it", () => {
    const sources = readSources(name);
    expect(sources.length).toBeGreaterThan(5);
    expect(orphans(sources, names.get(name) ?? [])).toEqual([]);
  });

  test("the page lists the same cases (else: pnpm conformance)", () => {
    const page = readFileSync(join(ROOT, `docs/conformance/${name}.md`), "utf8");
    expect(readPage(page)).toEqual(casesOf(readSources(name), names.get(name) ?? []));
    expect(page).not.toContain("fails");
  });
});

describe("a page", () => {
  const sources = [
    { source: "RFC 1 section 2", tests: ["group > *", "odd | name"] },
    { source: "never", tests: ["group > a", "gone"] },
  ];
  const results: Result[] = [
    { test: "group > b", runtime: "node", passed: true },
    { test: "group > a", runtime: "node", passed: true },
    { test: "group > a", runtime: "workerd", passed: false },
    { test: "odd | name", runtime: "node", passed: true },
    { test: "of no source", runtime: "node", passed: true },
  ];

  test("has a line for each case, with what came of it where it ran", () => {
    const rows = writePage("redis", sources, results)
      .split("\n")
      .filter((line) => line.startsWith("| "))
      .map((line) => line.replace(/ +/g, " "));
    expect(rows.filter((row) => !row.startsWith("| -"))).toEqual([
      "| case | source | node | workerd |",
      "| group &#62; a | RFC 1 section 2 | ✓ | fails |",
      "| group &#62; b | RFC 1 section 2 | ✓ | |",
      "| odd &#124; name | RFC 1 section 2 | ✓ | |",
    ]);
  });

  test("is read as it was written, and patterns without a test are found", () => {
    const tests = results.map((result) => result.test);
    expect(readPage(writePage("redis", sources, results))).toEqual(casesOf(sources, tests));
    expect(orphans(sources, tests)).toEqual(["gone"]);
  });
});
