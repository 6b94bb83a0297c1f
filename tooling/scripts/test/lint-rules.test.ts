// The lint rules that hold the architecture: each of them must bite, and must leave alone what is allowed. One oxlint run
// over a small tree in a temporary directory, laid out as this repository is, with this repository's configuration.

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");

interface Case {
  readonly title: string;
  readonly file: string;
  readonly source: string;
  /** The rule that must report; `undefined` when nothing may. */
  readonly rule: string | undefined;
}

let counter = 0;
const IMPORTS = "eslint(no-restricted-imports)";
const GLOBALS = "eslint(no-restricted-globals)";
const PROPERTIES = "eslint(no-restricted-properties)";

const forbidden: readonly Case[] = [
  // The three rings.
  imports("postgres/src/protocol", "../connection.ts"),
  imports("postgres/src/protocol", "../handshake.ts"),
  imports("redis/src/protocol", "../client.ts"),
  imports("smtp/src/protocol/auth", "../../options.ts"),
  imports("redis/src/protocol", "node:buffer"),
  imports("smtp/src/protocol", "cloudflare:sockets"),
  imports("postgres/src/protocol", "@landline/core/pool"),
  imports("postgres/src/protocol", "@landline/redis"),
  reports("protocol dials", "packages/redis/src/protocol", `import { dial } from "@landline/core"; dial;`, IMPORTS),
  reports("protocol sets a timer", "packages/redis/src/protocol", "setTimeout(() => {}, 1);", GLOBALS),
  reports("protocol uses Buffer", "packages/redis/src/protocol", "Buffer.alloc(1);", GLOBALS),
  reports("protocol reads the clock", "packages/redis/src/protocol", "Date.now();", PROPERTIES),
  reports("protocol is random", "packages/redis/src/protocol", "Math.random();", PROPERTIES),
  imports("postgres/src", "./client.ts", "connection.ts"),
  imports("redis/src", "./client.ts", "handshake.ts"),
  // The arrows between packages.
  imports("core/src", "@landline/postgres"),
  imports("core/src/pool", "../../../postgres/src/index.ts"),
  imports("postgres/src", "@landline/redis"),
  imports("redis/src", "@landline/smtp/wire"),
  imports("smtp/src", "@landline/durable/postgres"),
  imports("smtp/src", "../../redis/src/index.ts"),
  imports("postgres/src", "@landline/services"),
  imports("postgres/src", "../../../tooling/services/src/index.ts"),
  imports("durable/src/postgres", "@landline/services"),
  imports("postgres/src", "postgres"),
  // Nothing of one runtime outside core's src/runtime.
  imports("core/src", "node:net"),
  imports("core/src", "cloudflare:sockets"),
  imports("core/src/testing", "node:net"),
  imports("durable/src", "cloudflare:sockets"),
  imports("durable/src", "node:async_hooks"),
  imports("core/src/runtime", "ws"),
  reports("a dynamic import of node:", "packages/smtp/src", `await import("node:fs");`, IMPORTS),
  reports("Buffer", "packages/core/src", "Buffer.alloc(1);", GLOBALS),
  reports("process", "packages/postgres/src", "process.exit(1);", GLOBALS),
  reports("setImmediate", "packages/smtp/src", "setImmediate(() => {});", GLOBALS),
  // The language.
  reports(
    "a floating promise",
    "packages/core/src",
    "Promise.reject(new Error());",
    "typescript(no-floating-promises)",
  ),
  reports("any", "packages/core/src", "export const x: any = 1;", "typescript(no-explicit-any)"),
  reports(
    "a non-null assertion",
    "packages/core/src",
    "export const x = [1].at(0)!;",
    "typescript(no-non-null-assertion)",
  ),
  reports("a default export", "packages/core/src", "export default 1;", "import(no-default-export)"),
  reports(
    "a type imported as a value",
    "packages/core/src",
    `import { Some } from "./some.ts"; export let x: Some;`,
    "typescript(consistent-type-imports)",
  ),
  reports("a skipped test", "packages/core/src", skipped(), "vitest(no-disabled-tests)", "skipped.test.ts"),
];

const allowed: readonly Case[] = [
  mayImport("postgres/src/protocol", "./messages.ts"),
  mayImport("postgres/src/protocol", "@landline/core/bytes"),
  mayImport("postgres/src", "@landline/core"),
  mayImport("postgres/src", "@landline/core/pool"),
  mayImport("durable/src/postgres", "@landline/postgres/wire"),
  mayImport("durable/src/postgres", "cloudflare:workers"),
  mayImport("core/src/runtime", "node:net"),
  mayImport("core/src/testing", "node:net", "proxy.ts"),
  mayImport("core/src/runtime", "cloudflare:sockets"),
  mayImport("core/src", "#runtime"),
  mayImport("core/src/pool", "../errors.ts"),
  mayImport("postgres/test", "@landline/services"),
  mayImport("postgres/src", "node:net", "decoder.node.test.ts"),
  reports("process in core's runtime", "packages/core/src/runtime", "process.version;", undefined),
  reports("a default export of a Worker", "apps/guestbook/src", "export default {};", undefined),
  reports("a default export of a configuration", "packages/core", "export default {};", undefined, "vitest.config.ts"),
];

let directory: string;
let found: Map<string, Set<string>>;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "landline-lint-"));
  cpSync(join(ROOT, ".oxlintrc.json"), join(directory, ".oxlintrc.json"));
  write(
    "tsconfig.json",
    `{ "compilerOptions": { "strict": true, "target": "ES2024", "module": "ESNext", "types": [] } }`,
  );
  write("packages/core/src/some.ts", "export interface Some { x: 1 }\n");
  for (const { file, source } of [...forbidden, ...allowed]) write(file, `${source}\nexport {};\n`);
  found = lint();
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("oxlint forbids", () => {
  it.each(forbidden)("$title", ({ file, rule }) => {
    expect([...(found.get(file) ?? [])]).toContain(rule);
  });
});

describe("oxlint allows", () => {
  it.each(allowed)("$title", ({ file }) => {
    const restrictions = [...(found.get(file) ?? [])].filter((rule) => /restricted|default-export/.test(rule));
    expect(restrictions).toEqual([]);
  });
});

function imports(folder: string, specifier: string, name?: string): Case {
  return reports(`${folder}: import "${specifier}"`, `packages/${folder}`, `import "${specifier}";`, IMPORTS, name);
}

function mayImport(folder: string, specifier: string, name?: string): Case {
  return { ...imports(folder, specifier, name), rule: undefined };
}

function reports(title: string, folder: string, source: string, rule: string | undefined, name?: string): Case {
  counter += 1;
  return { title, file: `${folder}/${name ?? `case-${counter}.ts`}`, source, rule };
}

function skipped(): string {
  return `import { it } from "vitest"; it.skip("x", () => {});`;
}

function write(file: string, text: string): void {
  const path = join(directory, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** The rules that report, by file. */
function lint(): Map<string, Set<string>> {
  const run = spawnSync("oxlint", ["--type-aware", "--format", "json"], {
    cwd: directory,
    encoding: "utf8",
    timeout: 30_000,
  });
  const report = JSON.parse(run.stdout) as { diagnostics: { code: string; filename: string }[] };
  const rules = new Map<string, Set<string>>();
  for (const { code, filename } of report.diagnostics) {
    const file = filename.replaceAll("\\", "/");
    rules.set(file, (rules.get(file) ?? new Set()).add(code));
  }
  return rules;
}
