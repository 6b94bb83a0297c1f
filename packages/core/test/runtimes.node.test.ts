// The behaviour suites on every runtime, outside vitest, each in a process of its own: the same files, test by test.

import { join } from "node:path";
import { bundleSuite, listTests, RUNTIMES, runSuite } from "@landline/config/runtimes";
import type { RuntimeId, Running, TestResult } from "@landline/config/runtimes";
import { afterAll, describe, expect, inject, test } from "vitest";
import { runtimesTable } from "./runtimes-table.ts";

const FILES = [
  "src/address.test.ts",
  "test/socket.test.ts",
  "test/socket-streams.test.ts",
  "test/socket-close.test.ts",
  "test/socket-tls.test.ts",
  "test/transport.test.ts",
  "test/transport-tls.test.ts",
  "test/transport-faults.test.ts",
  "test/transport-abort.test.ts",
].map((file) => join(import.meta.dirname, "..", file));

const services = inject("services");
const provided = { services, peers: inject("peers") };
const suite = await bundleSuite(FILES);
const tests = await listTests(suite, provided);
const runs: Promise<Running>[] = [];
const observed = new Map<RuntimeId, readonly Promise<TestResult>[]>();

afterAll(async () => {
  for (const run of await Promise.allSettled(runs)) if (run.status === "fulfilled") await run.value.stop();
});

describe.each(RUNTIMES)("on %s", (runtime) => {
  const pending = new Map<string, PromiseWithResolvers<TestResult>>();
  for (const { file, name } of tests) pending.set(`${file}: ${name}`, Promise.withResolvers());
  const results = [...pending.values()].map(({ promise }) => promise);
  observed.set(runtime, results);

  const run = runSuite(runtime, suite, {
    provided,
    ca: services.ca,
    onResult: (result) => pending.get(`${result.file}: ${result.name}`)?.resolve(result),
  });
  runs.push(run);
  const fail = (error: unknown): void => {
    for (const result of pending.values()) result.reject(error);
  };
  for (const result of results) result.catch(() => {});
  run.then(({ done }) => done).then(() => fail(new Error("the suite ended without this test")), fail);

  test.each([...pending.keys()])("%s", async (key) => {
    const { error } = (await pending.get(key)?.promise) ?? {};
    expect(error).toBeUndefined();
  });
});

test("docs/runtimes.md is what the suites observed; `pnpm docs:runtimes` writes it", async () => {
  const results = new Map<RuntimeId, TestResult[]>();
  for (const [runtime, promises] of observed) results.set(runtime, await Promise.all(promises));
  await expect(runtimesTable(results)).toMatchFileSnapshot(join(import.meta.dirname, "../../../docs/runtimes.md"));
});
