// What must not get into the repository, whatever the kind of file: the machine it was written on, and notes to self.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const ITSELF = "tooling/scripts/test/repository.test.ts";

const files = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" })
  .split("\0")
  .filter((file) => file !== "" && file !== ITSELF && existsSync(join(ROOT, file)));
const texts = files.map((file) => ({ file, text: readFileSync(join(ROOT, file), "utf8") }));

it.each([
  ["a path of somebody's machine", /(?<![\w.\-/$}*])\/(?:root|home|Users|work)\/[\w.]/],
  ["a package registry's address", /\bhttps?:\/\/[\w.-]*(?:registry|artifactory|npmmirror|nexus)[\w.-]*/],
  ["a conflict marker", /^(?:<{7}|>{7}) /m],
  ["a note to self", /\b(?:TODO|FIXME|XXX|HACK)\b/],
])("no file contains %s", (_, pattern) => {
  expect(texts.length).toBeGreaterThan(10);
  const found = texts.flatMap(({ file, text }) => {
    const match = pattern.exec(text);
    return match === null ? [] : [`${file}:${text.slice(0, match.index).split("\n").length}: ${match[0]}`];
  });
  expect(found).toEqual([]);
});
