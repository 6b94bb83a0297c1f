// What a program pays for the types of a client: the compiler's time and memory for one that imports it, over those for an
// empty one. Ours come as they are published: as declarations.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Start } from "../harness/runner.ts";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const KILOBYTES = 1_024;
const OPTIONS = {
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  target: "es2024",
  module: "nodenext",
  types: ["node"],
};

const PROGRAMS: Readonly<Record<string, string>> = {
  landline: `import { redis } from "@landline/redis";
await redis("redis://localhost").set("k", "v", "EX", 1);`,
  ioredis: `import { Redis } from "ioredis";
await new Redis("redis://localhost").set("k", "v", "EX", 1);`,
  redis: `import { createClient } from "redis";
await createClient({ url: "redis://localhost" }).set("k", "v", { EX: 1 });`,
};

/** Rounds for one client. A round's `peak` is in megabytes. */
export function startTypeCheck(client: string): Start {
  return async () => {
    const directory = mkdtempSync(join(tmpdir(), "landline-types-"));
    writeFileSync(join(directory, "package.json"), '{ "type": "module" }');
    install(directory, "@types/node");
    if (client === "landline") {
      await declare(directory, "core");
      await declare(directory, "redis");
    } else install(directory, client);
    return {
      run: async () => {
        const empty = await check(directory, "export {};");
        const own = await check(directory, PROGRAMS[client] ?? "");
        const elapsedMs = Math.max(0, own.seconds - empty.seconds) * 1_000;
        return { operations: 1, elapsedMs, cpuMicros: null, peak: own.megabytes - empty.megabytes };
      },
      close: async () => rmSync(directory, { recursive: true, force: true }),
    };
  };
}

/** Puts a dependency of this package where a program in `directory` finds it. */
function install(directory: string, name: string): void {
  const path = join(directory, "node_modules", name);
  mkdirSync(dirname(path), { recursive: true });
  const found = createRequire(import.meta.url).resolve.paths(name)?.[0] ?? "";
  symlinkSync(join(found.replace(/src\/redis\/node_modules$/, "node_modules"), name), path);
}

/** The declarations of a package of ours, as publishing it would make them. */
async function declare(directory: string, name: string): Promise<void> {
  const source = join(ROOT, "packages", name);
  const target = join(directory, "node_modules/@landline", name);
  await tsc(["--project", join(source, "tsconfig.build.json"), "--outDir", join(target, "dist")]);
  const manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as { publishConfig: object };
  writeFileSync(join(target, "package.json"), JSON.stringify({ ...manifest, ...manifest.publishConfig }));
}

async function check(directory: string, program: string): Promise<{ seconds: number; megabytes: number }> {
  writeFileSync(join(directory, "program.ts"), `${program}\n`);
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions: OPTIONS, files: ["program.ts"] }));
  const output = await tsc(["--project", directory, "--extendedDiagnostics"]);
  const read = (pattern: RegExp): number => Number(pattern.exec(output)?.[1]);
  return { seconds: read(/Total time:\s+([\d.]+)s/), megabytes: read(/Memory used:\s+(\d+)K/) / KILOBYTES };
}

async function tsc(args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(join(ROOT, "node_modules/.bin/tsc"), args, { cwd: ROOT });
  return stdout;
}
