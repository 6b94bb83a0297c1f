// A client's smoke set on the runtimes without vitest, each in a process of its own. Node and workerd run it with everything else.

import type {} from "@landline/services/provided";
import { expect, inject, test } from "vitest";
import { bundleSuite, listTests, runSuite } from "./index.ts";
import type { TestResult } from "./index.ts";

/** Declares a test for each of these runtimes, which runs the suite in `file`; it has to have `atLeast` so many tests. */
export async function testSmokeSet(file: string, atLeast: number): Promise<void> {
  const services = inject("services");
  const provided = { services };
  const suite = await bundleSuite([file]);
  const tests = await listTests(suite, provided);

  test.each(["deno", "bun", "workerd-2026-08"] as const)("the smoke set passes on %s", async (runtime) => {
    const results: TestResult[] = [];
    const onResult = (result: TestResult): void => void results.push(result);
    const run = await runSuite(runtime, suite, { provided, ca: services.ca, onResult });
    try {
      await run.done;
    } finally {
      await run.stop();
    }
    expect(results.map(({ name, error }) => [name, error])).toEqual(tests.map(({ name }) => [name, undefined]));
    expect(results.length).toBeGreaterThanOrEqual(atLeast);
  });
}
