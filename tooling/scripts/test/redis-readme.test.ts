// The code in the README of @landline/redis runs: each block as a program of its own, against the real server.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type {} from "@landline/services/provided";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { markdownBlocks } from "../documents/blocks.ts";

const REDIS = join(import.meta.dirname, "../../../packages/redis");
const { ca, redis: server } = inject("services");
/** A database that nobody else has. */
const url = `${server.tlsUrl}/14`;

// What other libraries need is run with them, by adapters-readme.test.ts.
const [own = ""] = readFileSync(join(REDIS, "README.md"), "utf8").split("## Where your libraries plug in");
const blocks = markdownBlocks("README.md", own);
const directory = mkdtempSync(join(tmpdir(), "landline-readme-"));

// What the blocks use and do not make: the reader's client and values, and somebody who publishes and waits for jobs.
const READER = `
import { redis } from "@landline/redis";
const url = ${JSON.stringify(url)};
const kv = redis(url);
await kv.flushdb();
await Promise.all([
  kv.xadd("jobs", "*", "task", "mail"),
  kv.rpush("queue", "job"),
  kv.hset("user:1", "name", "Ada"),
  kv.set("balance", 100),
  kv.set("image", Uint8Array.of(1, 2, 255)),
]);
const publisher = redis(url);
setInterval(() => void publisher.publish("news", "hello").catch(() => {}), 20).unref();
Object.assign(globalThis, { kv, url, stopping: true, request: new Request("http://localhost/"), token: async () => "t" });
`;

beforeAll(() => {
  mkdirSync(join(directory, "node_modules/@landline"), { recursive: true });
  symlinkSync(REDIS, join(directory, "node_modules/@landline/redis"));
  symlinkSync(join(REDIS, "node_modules/redis-parser"), join(directory, "node_modules/redis-parser"));
  writeFileSync(join(directory, "reader.mjs"), READER);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

it.each(blocks)("line $line", async ({ line, code }) => {
  const file = join(directory, `block-${line}.ts`);
  writeFileSync(file, `${code}\nconsole.log("to the end");\n`);
  const main = join(directory, `main-${line}.mjs`);
  const env = JSON.stringify({ REDIS_URL: url });
  writeFileSync(
    main,
    `import "./reader.mjs";
const { default: worker } = await import("./block-${line}.ts");
if (worker !== undefined) console.log(await (await worker.fetch(request, ${env})).text());
process.exit();
`,
  );
  const run = promisify(execFile)(process.execPath, [main], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: ca.file },
    timeout: 15_000,
  });
  const { stdout } = await run;
  expect(stdout).toMatch(/to the end\n/);
  if (code.includes("export default")) expect(stdout).toMatch(/visit 1\n$/);
});

it("has code for each thing that it speaks of", () => expect(blocks.length).toBeGreaterThan(15));
