// The code in the Postgres client's README runs: each block as a program of its own, with the imports of those before it,
// against a real database in which its tables are.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type {} from "@landline/services/provided";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { markdownBlocks } from "../documents/blocks.ts";

const PACKAGES = join(import.meta.dirname, "../../../packages");
const { ca, postgres } = inject("services");
const run = promisify(execFile);

// What other libraries need is run with them, by adapters-readme.test.ts.
const [own = ""] = readFileSync(join(PACKAGES, "postgres/README.md"), "utf8").split(
  "## From node-postgres, and what builds on it",
);
const blocks = markdownBlocks("README.md", own);
const directory = mkdtempSync(join(tmpdir(), "landline-postgres-readme-"));
const database = `readme_${crypto.randomUUID().replaceAll("-", "")}`;
const url = new URL(postgres.adminUrl);

/** What the blocks use and do not make; the prelude of the documents has its types. */
const READER = `
import { postgres } from "@landline/postgres";
const url = process.env.DATABASE_URL;
Object.assign(globalThis, {
  sql: postgres(url),
  env: { DATABASE_URL: url, HYPERDRIVE: { connectionString: url } },
  request: new Request("http://localhost/", { method: "POST", body: "1,2\\n", duplex: "half" }),
  signal: new AbortController().signal,
  name: "Ada", id: 7,
  catchUp: async () => {}, work: async () => {}, send: () => {},
});
`;
const TABLES = `
  create extension hstore;
  create type mood as enum ('sad', 'ok');
  create type address as (street text, number int);
  create table users (id int generated always as identity, name text, admin boolean);
  create table big as select n from generate_series(1, 2000) n;
  create table events (a int, b int);`;

beforeAll(async () => {
  mkdirSync(join(directory, "node_modules/@landline"), { recursive: true });
  for (const name of ["core", "postgres"])
    symlinkSync(join(PACKAGES, name), join(directory, "node_modules/@landline", name));
  writeFileSync(join(directory, "reader.mjs"), READER);
  await program("admin.ts", `await sql.unsafe("create database ${database}");`, url.href);
  url.pathname = `/${database}`;
  await program("tables.ts", `await sql.unsafe(${JSON.stringify(TABLES)});`, url.href);
});
afterAll(async () => {
  await program("drop.ts", `await sql.unsafe("drop database ${database} with (force)");`, postgres.adminUrl);
  rmSync(directory, { recursive: true, force: true });
});

async function program(file: string, code: string, databaseUrl: string): Promise<string> {
  writeFileSync(join(directory, file), `${code}\nconsole.log("to the end");\nprocess.exit();\n`);
  const { username, password, hostname, port, pathname } = new URL(databaseUrl);
  const { stdout } = await run(process.execPath, ["--import", join(directory, "reader.mjs"), join(directory, file)], {
    env: {
      ...process.env,
      NODE_EXTRA_CA_CERTS: ca.file,
      DATABASE_URL: databaseUrl,
      PGHOST: hostname,
      PGPORT: port,
      PGUSER: username,
      PGPASSWORD: password,
      PGDATABASE: pathname.slice(1),
    },
    timeout: 15_000,
  });
  return stdout;
}

it.each(blocks)("line $line", async ({ line, code }) => {
  const own = code.replaceAll('"postgres://app:secret@db.example/app"', JSON.stringify(url.href));
  expect(own).not.toContain(".example/");
  expect(
    await program(`block-${line}.ts`, own.includes("function reader()") ? `${own}\nawait reader();` : own, url.href),
  ).toMatch(/to the end\n$/);
});
