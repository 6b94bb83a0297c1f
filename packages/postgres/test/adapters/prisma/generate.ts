// vitest's globalSetup for the Prisma tests: makes the clients of schema.prisma, one for each runtime, as `prisma generate`
// does. It needs nothing but the packages: the engine whose path is given is for other commands.

import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";

const KEY = Symbol.for("@landline/postgres/prisma-clients");

/** Once for all projects; each loads its own copy of this module. */
export async function setup(): Promise<void> {
  const holder = globalThis as { [key: symbol]: Promise<unknown> | undefined };
  await (holder[KEY] ??= generate());
}

async function generate(): Promise<void> {
  const cwd = import.meta.dirname;
  const require = createRequire(import.meta.url);
  const { version } = require("prisma/package.json") as { version: string };
  const made = `${version}\n${await readFile(join(cwd, "schema.prisma"), "utf8")}`;
  const note = join(cwd, "workerd.gen/made-of.txt");
  if ((await readFile(note, "utf8").catch(() => "")) === made) return;
  await promisify(execFile)(
    process.execPath,
    [require.resolve("prisma/build/index.js"), "generate", "--schema", "schema.prisma"],
    {
      cwd,
      env: {
        ...process.env,
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: "1",
        CHECKPOINT_DISABLE: "1",
      },
      timeout: 60_000,
    },
  );
  await writeFile(note, made);
}
