// The behaviour suites on every runtime outside vitest, each in a process of its own: the same files, test by test.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { bundleSuite, RUNTIMES, runSuite } from "@landline/config/runtimes";
import type { Running, TestResult } from "@landline/config/runtimes";
import { afterAll, describe, expect, inject, test } from "vitest";

const FILES = [
  "socket.test.ts",
  "socket-streams.test.ts",
  "socket-close.test.ts",
  "socket-tls.test.ts",
  "transport.test.ts",
].map((file) => join(import.meta.dirname, file));

const services = inject("services");
const suite = await bundleSuite(FILES);
const names = await namesOf(suite.node);
const runs: Running[] = [];

afterAll(async () => {
  await Promise.all(runs.map((run) => run.stop()));
});

describe.each(RUNTIMES)("on %s", (runtime) => {
  const results = new Map<string, PromiseWithResolvers<TestResult>>();
  for (const { file, name } of names) results.set(`${file}: ${name}`, Promise.withResolvers());

  const running = runSuite(runtime, suite, {
    provided: { services, peers: inject("peers") },
    ca: services.ca,
    onResult: (result) => results.get(`${result.file}: ${result.name}`)?.resolve(result),
  });
  running
    .then((run) => {
      runs.push(run);
      return run.done;
    })
    .then(
      () => failRest(new Error("the suite ended without it")),
      (error: unknown) => failRest(error),
    );
  const failRest = (error: unknown): void => {
    for (const result of results.values()) {
      result.promise.catch(() => {});
      result.reject(error);
    }
  };

  test.each([...results.keys()])("%s", async (key) => {
    const { error } = (await results.get(key)?.promise) ?? {};
    expect(error).toBeUndefined();
  });
});

/** The tests that the bundle registers: known before any runtime has started. */
async function namesOf(bundle: string): Promise<{ file: string; name: string }[]> {
  const directory = await mkdtemp(join(tmpdir(), "landline-suite-"));
  const file = join(directory, "suite.mjs");
  const provided = `globalThis.landlineProvided = ${JSON.stringify({ services, peers: inject("peers") })};\n`;
  await writeFile(file, provided + bundle);
  const { listed } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { listed(): { file: string; name: string }[] };
  await rm(directory, { recursive: true });
  return listed();
}
