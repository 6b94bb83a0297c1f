#!/usr/bin/env node
// `pnpm conformance`: runs the tests of the protocol packages and writes docs/conformance from their names and results.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Result, writePage } from "./page.ts";
import { PACKAGES, readSources, ROOT } from "./sources.ts";

const HELP = `Usage: pnpm conformance [--help]

Runs the tests of ${PACKAGES.join(", ")} on every runtime, and writes docs/conformance/*.md.
`;

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

const args = process.argv.slice(2).filter((arg) => arg !== "--");
if (args.length === 0) run();
else if (args.includes("--help")) process.stdout.write(HELP);
else {
  process.stderr.write(`pnpm conformance: it takes no arguments\n\n${HELP}`);
  process.exitCode = 2;
}

function run(): void {
  const directory = mkdtempSync(join(tmpdir(), "landline-conformance-"));
  try {
    mkdirSync(join(ROOT, "docs/conformance"), { recursive: true });
    for (const name of PACKAGES) {
      const results = ["node", "workerd"].flatMap((runtime) => resultsOf(name, runtime, directory));
      writeFileSync(join(ROOT, "docs/conformance", `${name}.md`), writePage(name, readSources(name), results));
      process.stdout.write(`${name}: ${results.length} results\n`);
    }
    spawnSync("oxfmt", ["docs/conformance"], { cwd: ROOT, stdio: "ignore" });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A report has no name of a project in it: one run for each. */
function resultsOf(name: string, runtime: string, directory: string): Result[] {
  const file = join(directory, `${name}-${runtime}.json`);
  const vitest = ["vitest", "run", "--project", `${name}:${runtime}`, "--reporter=json", `--outputFile=${file}`];
  const { status } = spawnSync(vitest[0] as string, vitest.slice(1), {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) {
    process.stderr.write(`the tests of ${name} on ${runtime} did not pass\n`);
    process.exitCode = 1;
  }
  const { testResults } = JSON.parse(readFileSync(file, "utf8")) as Report;
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status: outcome }) => ({
      test: [...ancestorTitles, title].join(" > "),
      runtime,
      passed: outcome === "passed",
    })),
  );
}
