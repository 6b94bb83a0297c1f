// .ci/run with an npx that only pretends: whatever fails, the exit code and the last line must tell.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const RUN = join(import.meta.dirname, "../../../.ci/run");

// The second argument is pnpm@12, the third the command; FAILING names those that fail, REPORT is what vitest would report.
const NPX = `#!/bin/sh
echo "$*" >> "$CALLS"
if [ "$3" = test ] && [ -n "$REPORT" ]; then printf '%s' "$REPORT" > "$LANDLINE_TEST_REPORT"; fi
case " $FAILING " in *" $3 "*) exit 3;; esac
`;

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "landline-ci-"));
  writeFileSync(join(directory, "npx"), NPX);
  chmodSync(join(directory, "npx"), 0o755);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function run(failing: string, report: object | undefined): { status: number | null; lines: string[]; calls: string[] } {
  const calls = join(directory, "calls");
  writeFileSync(calls, "");
  const env = {
    ...process.env,
    PATH: `${directory}${delimiter}${process.env["PATH"]}`,
    CALLS: calls,
    FAILING: failing,
    // Or, as root, it would install a browser.
    CHROMIUM: "npx",
    REPORT: report === undefined ? "" : JSON.stringify(report),
  };
  const { status, stdout } = spawnSync(RUN, [], { env, encoding: "utf8" });
  return { status, lines: stdout.trimEnd().split("\n"), calls: readFileSync(calls, "utf8").trimEnd().split("\n") };
}

test("everything that a merge needs runs, in order", () => {
  const { status, lines, calls } = run("", { numPassedTests: 12, numFailedTests: 0 });
  expect(calls).toEqual([
    "--yes pnpm@12 install --frozen-lockfile",
    "--yes pnpm@12 check",
    "--yes pnpm@12 build",
    "--yes pnpm@12 test",
    "--yes pnpm@12 demo --once",
    "--yes pnpm@12 soak --minutes 2",
  ]);
  expect(lines.at(-1)).toBe("12 passed, 0 failed");
  expect(status).toBe(0);
});

test.each(["check", "build", "demo", "soak"])("a failing %s fails the run, and the rest runs all the same", (step) => {
  const { status, lines, calls } = run(step, { numPassedTests: 12, numFailedTests: 0 });
  expect(calls).toHaveLength(6);
  expect(lines.slice(-2)).toEqual([`failed: ${step}`, "12 passed, 0 failed"]);
  expect(status).toBe(1);
});

test.each([
  ["failed tests are counted", "test", { numPassedTests: 11, numFailedTests: 2 }, "11 passed, 2 failed"],
  ["a run that failed outside of any test", "test", { numPassedTests: 12, numFailedTests: 0 }, "12 passed, 1 failed"],
  ["a run without a report", "test", undefined, "0 passed, 1 failed"],
  ["a run without tests", "", { numPassedTests: 0, numFailedTests: 0 }, "0 passed, 1 failed"],
  ["a report of something else", "", { hello: "world" }, "0 passed, 1 failed"],
])("%s", (_, failing, report, last) => {
  const { status, lines } = run(failing, report);
  expect(lines.at(-1)).toBe(last);
  expect(status).toBe(1);
});

test("without an installation nothing else runs", () => {
  const { status, lines, calls } = run("install", undefined);
  expect(calls).toHaveLength(1);
  expect(lines.at(-1)).toBe("0 passed, 1 failed");
  expect(status).toBe(1);
});
