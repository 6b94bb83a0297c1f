// Each package, packed, installed by npm into an empty directory outside the workspace, and used against real servers: in
// workerd without Node compatibility, and in Node.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {} from "@landline/services/provided";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { packedPackages } from "./packed.ts";
import { bundleWorker, createProject, runNode, typeCheck } from "../src/project.ts";
import { serve } from "../src/workerd.ts";

interface Row {
  /** The package's short name; `consumers/<name>.ts` uses it. */
  readonly name: string;
  /** What its use must return. */
  readonly answer: string;
  /** Durable Object classes by binding. Such a package has no use in Node. */
  readonly durableObjects?: Readonly<Record<string, string>>;
}

const rows: readonly Row[] = [
  { name: "core", answer: "+PONG\r\n" },
  { name: "postgres", answer: "the answer is 42" },
  { name: "redis", answer: "kept" },
  { name: "smtp", answer: "accepted by 2" },
  { name: "durable", answer: "the connection stayed", durableObjects: { PG: "PG" } },
];

const services = inject("services");
const packages = packedPackages();
const root = mkdtempSync(join(tmpdir(), "landline-installed-"));

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe.each(rows)("@landline/$name, installed alone", ({ name, answer, durableObjects = {} }) => {
  const inNode = Object.keys(durableObjects).length === 0;
  let directory: string;

  beforeAll(() => {
    directory = join(root, name);
    createProject({ directory, name, packages, classes: Object.values(durableObjects) });
  });

  it("has JavaScript, declarations, a README and the licence", () => {
    const { tarball } = packages.find((each) => each.name === name)!;
    const files = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).split("\n");
    expect(files).toContain("package/README.md");
    expect(files).toContain("package/LICENSE");
    expect(files.filter((file) => /^package\/dist\/.*\.js$/.test(file))).not.toEqual([]);
    expect(files.filter((file) => /^package\/dist\/.*\.d\.ts$/.test(file))).not.toEqual([]);
    expect(files.filter((file) => /\.test\.|^package\/(src|test)\//.test(file))).toEqual([]);
  });

  it("runs in workerd without Node compatibility", async () => {
    const module = await bundleWorker(directory);
    await using worker = await serve({ directory, module, services, ca: services.ca.pem, durableObjects });
    const response = await fetch(worker.url);
    expect(await response.text()).toBe(answer);
    expect(response.headers.get("x-process")).toBe("undefined");
  });

  it("type-checks in a Worker", () => {
    expect(typeCheck(directory, "bundler")).toBe("");
  });

  if (!inNode) return;

  it("runs in Node", () => {
    expect(runNode(directory, services, services.ca.file)).toBe(answer);
  });

  it("type-checks in Node", () => {
    expect(typeCheck(directory, "nodenext")).toBe("");
  });
});
