// The command as a program reads it, on the cheapest scenario.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Report } from "../src/report.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

const bench = (...args: string[]): { stdout: string; stderr: string; status: number | null } =>
  spawnSync(process.execPath, [MAIN, ...args], { encoding: "utf8", timeout: 100_000 });

test("--json prints one document and nothing else on stdout", { timeout: 120_000 }, () => {
  const { stdout, stderr, status } = bench("core", "--quick", "--json", "--only", "pool: acquire");
  expect(stderr).toContain("measuring core");
  expect(status).toBe(0);
  const { machine, scenarios } = JSON.parse(stdout) as Report;
  expect(machine).toMatchObject({ rounds: "quick", versions: { node: process.versions.node } });
  expect(scenarios.map(({ runtime }) => runtime)).toEqual(["node", "workerd"]);
  for (const scenario of scenarios) {
    expect(scenario).toMatchObject({ area: "core", scenario: "pool: acquire and release", unit: "ops/s" });
    expect(Object.keys(scenario.results)).toEqual(["landline", "floor"]);
    for (const { median, min, max } of Object.values(scenario.results)) {
      expect(min).toBeGreaterThan(0);
      expect(median).toBeGreaterThanOrEqual(min);
      expect(max).toBeGreaterThanOrEqual(median);
    }
    expect(scenario.ratios).toEqual({ "landline/floor": expect.any(Number) });
  }
});

test("an unknown area is refused with the usage", () => {
  const { stdout, stderr, status } = bench("gopher");
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain("there is no area gopher");
});
