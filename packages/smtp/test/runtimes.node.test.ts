// The smoke set on the runtimes without vitest, each in a process of its own. Node and workerd run it with everything else.

import { join } from "node:path";
import { bundleSuite, listTests, runSuite } from "@landline/config/runtimes";
import type { TestResult } from "@landline/config/runtimes";
import { expect, inject, test } from "vitest";

const services = inject("services");
const provided = { services };
const suite = await bundleSuite([join(import.meta.dirname, "smoke.test.ts")]);
const tests = await listTests(suite, provided);

test.each(["deno", "bun", "workerd-2026-08"] as const)("the smoke set passes on %s", async (runtime) => {
  const results: TestResult[] = [];
  const run = await runSuite(runtime, suite, { provided, ca: services.ca, onResult: (result) => results.push(result) });
  try {
    await run.done;
  } finally {
    await run.stop();
  }
  expect(results.map(({ name, error }) => [name, error])).toEqual(tests.map(({ name }) => [name, undefined]));
  expect(results.length).toBeGreaterThan(4);
});
