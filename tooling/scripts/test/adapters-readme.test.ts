// The code that READMEs show for other libraries runs: each block as a program of its own, against the real servers; and so
// does the guide to Hono, by a request.

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type {} from "@landline/services/provided";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { markdownBlocks } from "../documents/blocks.ts";
import { linkModules } from "../documents/modules.ts";

const ROOT = join(import.meta.dirname, "../../..");
/** Made by the globalSetup of the Prisma tests. */
const PRISMA = join(ROOT, "packages/postgres/test/adapters/prisma/node.gen/client.ts");
const { ca, postgres, redis, smtp } = inject("services");
const directory = mkdtempSync(join(tmpdir(), "landline-adapters-"));
const schema = `readme_${crypto.randomUUID().slice(0, 8)}`;

const documents = [
  { file: "packages/postgres/README.md", heading: "## From node-postgres, and what builds on it" },
  { file: "packages/redis/README.md", heading: "## Where your libraries plug in" },
  { file: "packages/smtp/README.md", heading: "## Where your libraries plug in" },
];
const blocks = documents.flatMap(({ file, heading }) => {
  const text = readFileSync(join(ROOT, file), "utf8");
  const first = text.slice(0, text.indexOf(heading)).split("\n").length;
  const last =
    first +
    text
      .slice(text.indexOf(heading) + 1)
      .split(/^## /m)[0]!
      .split("\n").length;
  return markdownBlocks(file, text).filter(({ line }) => line > first && line < last);
});

beforeAll(async () => {
  linkModules(directory);
  // What the blocks use and do not make.
  const env = {
    DATABASE_URL: `${postgres.url}&options=${encodeURIComponent(`-c search_path=${schema}`)}`,
    REDIS_URL: redis.url,
    SMTP_URL: smtp.url,
  };
  writeFileSync(
    join(directory, "reader.mjs"),
    `import { PrismaClient } from ${JSON.stringify(pathToFileURL(PRISMA).href)};
     Object.assign(globalThis, { PrismaClient, env: ${JSON.stringify(env)} }); process.env.BETTER_AUTH_SECRET = "${crypto.randomUUID()}";`,
  );
  await run(
    "prepare.ts",
    `import { postgres } from "@landline/postgres";
     const sql = postgres(env.DATABASE_URL);
     await sql.unsafe("create schema ${schema}; create table ${schema}.users (id int primary key, name text not null); insert into ${schema}.users values (1, 'Ada')");
     await sql.end();`,
  );
});

afterAll(async () => {
  await run(
    "clean.ts",
    `import { postgres } from "@landline/postgres";
     const sql = postgres(env.DATABASE_URL);
     await sql.unsafe("drop schema ${schema} cascade");
     await sql.end();`,
  );
  rmSync(directory, { recursive: true, force: true });
});

it("there are blocks in each section", () => {
  expect(documents.map((document) => blocks.filter(({ file }) => file === document.file).length)).toEqual([5, 4, 2]);
});

it.each(blocks)("$file, line $line", async ({ file, line, code }) => {
  // A block has the imports of those before it, and these run on Node.
  const elsewhere = code.replaceAll(/import [^;]* from "cloudflare:\w+";/g, "");
  expect(await run(`${file.replaceAll("/", "-")}-${line}.ts`, elsewhere)).toBe("to the end\n");
});

it("the guide to Hono", async () => {
  const [block, ...more] = markdownBlocks("hono.md", readFileSync(join(ROOT, "docs/guides/hono.md"), "utf8"));
  expect(more).toEqual([]);
  writeFileSync(join(directory, "hono-app.ts"), block!.code);
  const output = await run(
    "hono.ts",
    `import app from "./hono-app.ts";
     const waiting: Promise<unknown>[] = [];
     const context = { waitUntil: (promise: Promise<unknown>) => void waiting.push(promise), passThroughOnException() {}, props: {} };
     const response = await app.request("/visits", { method: "POST" }, env, context);
     console.log(response.status, JSON.stringify(await response.json()));
     await Promise.all(waiting);
     console.log("closed", waiting.length);`,
  );
  expect(output).toMatch(/^200 \{"now":"\d{4}-.*","visits":\d+\}\nclosed 1\n/);
});

/** Runs a program to its end. Fails when it does, or leaves a promise rejected. */
async function run(name: string, code: string): Promise<string> {
  const file = join(directory, name);
  writeFileSync(file, `${code}\nconsole.log("to the end");\nprocess.exit();\n`);
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", join(directory, "reader.mjs"), file], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: ca.file },
    timeout: 20_000,
  });
  expect(stdout).toMatch(/to the end\n$/);
  return stdout;
}
