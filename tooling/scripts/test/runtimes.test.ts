// The runner of behaviour suites: on every runtime a failure is a failure, and so is what is left behind.

import { join } from "node:path";
import { bundleSuite, listTests, RUNTIMES, runSuite } from "@landline/config/runtimes";
import { makeCertificates } from "@landline/services";
import { expect, test } from "vitest";

const suite = await bundleSuite([join(import.meta.dirname, "../fixtures/suite.test.ts")]);
const names = ["passes", "fails", "fails later", "leaves a rejection", "is one", "is two"];

test("the tests of a suite are known before it runs", async () => {
  expect(await listTests(suite, {})).toEqual(names.map((name) => ({ file: "suite", name })));
});

test.each(RUNTIMES)("%s", async (runtime) => {
  const results: { name: string; error?: string; meta?: object }[] = [];
  const run = await runSuite(runtime, suite, {
    provided: {},
    ca: { pem: makeCertificates().ca, file: "" },
    onResult: (result) => results.push(result),
  });
  await run.done;
  await run.stop();
  expect(results.map(({ name }) => name)).toEqual(names);
  const errors = results.map(({ error }) => error);
  expect(errors).toEqual([
    undefined,
    expect.stringContaining("expected 'this' to be 'that'"),
    expect.stringContaining("resolved"),
    expect.stringContaining("left unhandled: Error: left behind"),
    undefined,
    undefined,
  ]);
  expect(results[0]?.meta).toEqual({ runtime });
});

test.each(RUNTIMES)("a suite that breaks as it is loaded is an error on %s", async (runtime) => {
  const source = 'throw new Error("broken"); export const run = 0;';
  const broken = { node: source, workerd: source };
  const settings = { provided: {}, ca: { pem: makeCertificates().ca, file: "" }, onResult: () => {} };
  const run = await runSuite(runtime, broken, settings);
  await expect(run.done).rejects.toThrow("broken");
  await run.stop();
});
