// Queries from files, where there are files.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {} from "@landline/services/provided";
import { afterAll, expect, inject, test } from "vitest";
import { postgres } from "../src/index.ts";

const sql = postgres(inject("services").postgres.url);
const directory = mkdtempSync(join(tmpdir(), "landline-file-"));
afterAll(async () => {
  rmSync(directory, { recursive: true });
  await sql.end();
});

test("with values, and without", async () => {
  const one = join(directory, "one.sql");
  const two = join(directory, "two.sql");
  writeFileSync(one, "select $1::int + 1 as n");
  writeFileSync(two, "select 1 as n; select 2 as n");
  expect(await sql.file(one, [41])).toEqual([{ n: 42 }]);
  expect(await sql.file(two)).toEqual([[{ n: 1 }], [{ n: 2 }]]);
  await expect(sql.file(join(directory, "nowhere.sql"))).rejects.toThrow(/ENOENT/);
});
