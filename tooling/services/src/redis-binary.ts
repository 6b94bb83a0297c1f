// Finds valkey-server or redis-server: on PATH, else unpacked from the Debian or Ubuntu package into a per-user cache.

import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { runnableTree } from "./account.ts";
import { debianPackage, libraryPath } from "./debian-package.ts";
import type { DebianRequest } from "./debian-package.ts";
import type { Run } from "./run.ts";

/** A server program that runs here. */
export interface RedisBinary {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  /** `valkey` or `redis`, and its version. */
  readonly flavour: string;
  readonly major: number;
}

const NAMES = ["valkey-server", "redis-server"];
const REQUEST: DebianRequest = {
  name: "redis",
  servers: [
    { packageName: "redis-server", program: "usr/bin/redis-server" },
    { packageName: "valkey-server", program: "usr/bin/valkey-server" },
  ],
  needed: /^(?:redis|valkey|lib)/,
  howToInstall:
    "Landline's tests and demo need a Redis or Valkey server with TLS. Install one so that `redis-server` or `valkey-server` is on " +
    "PATH: `apt-get install redis-server` (Debian, Ubuntu), `dnf install valkey` (Fedora), `brew install valkey` (macOS).",
};

/** Finds the server, unpacking it if need be. @throws with how to install it. */
export async function redisBinary(run: Run): Promise<RedisBinary> {
  const found = onPath();
  if (found !== undefined) return describe(found, plainEnv());
  const { tree, program } = await debianPackage(run, REQUEST);
  const envOf = (root: string): Record<string, string> => ({ ...plainEnv(), LD_LIBRARY_PATH: libraryPath(root) });
  const root = runnableTree(run, tree, program, envOf);
  return describe(join(root, program), envOf(root));
}

/** The first server on PATH. */
function onPath(path: string = process.env["PATH"] ?? ""): string | undefined {
  for (const name of NAMES) {
    for (const directory of path.split(delimiter).filter((part) => part !== "")) {
      try {
        const file = join(directory, name);
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // not there
      }
    }
  }
  return undefined;
}

function plainEnv(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", LC_ALL: "C" };
}

// "Redis server v=7.0.15 sha=00000000:0 …", "Valkey server v=8.1.1 …"
function describe(file: string, env: Readonly<Record<string, string>>): RedisBinary {
  const { stdout, error } = spawnSync(file, ["--version"], { env, encoding: "utf8", cwd: dirname(file) });
  const [, name, version] = /^(\w+) server v=(\S+)/.exec(stdout ?? "") ?? [];
  if (name === undefined || version === undefined) {
    throw new Error(`${basename(file)} does not tell its version${error === undefined ? "" : `: ${error.message}`}`);
  }
  return { file, env, flavour: `${name.toLowerCase()} ${version}`, major: Number.parseInt(version, 10) };
}
