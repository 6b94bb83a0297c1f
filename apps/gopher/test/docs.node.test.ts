// docs/custom-protocol.md shows this app's files as they are, and they are as short as it says.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const read = (path: string): string => readFileSync(join(import.meta.dirname, "..", path), "utf8");
const client = read("src/gopher.ts");
const tests = read("src/gopher.test.ts");
const page = read("../../docs/custom-protocol.md");

test("the page shows the client and its tests, whole", () => {
  expect(page).toContain(client);
  expect(page).toContain(tests);
});

test("both together are under 150 lines, as many as the page says, and import only what is published", () => {
  const lines = [client, tests].map((file) => file.trimEnd().split("\n").length).reduce((sum, count) => sum + count);
  expect(lines).toBeLessThan(150);
  expect(page).toContain(`${lines} lines with its tests`);
  const imported = [...(client + tests).matchAll(/from "([^"]+)"/g)].map(([, name]) => name);
  expect(new Set(imported)).toEqual(
    new Set([
      "@landline/core",
      "@landline/core/bytes",
      "@landline/core/pool",
      "@landline/core/testing",
      "./gopher.ts",
      "vitest",
    ]),
  );
});
