// Unpacks Debian's or Ubuntu's Redis (or Valkey) package, and the libraries it needs that are not installed, into a per-user
// cache: without root, without touching the system's package lists, and whole or not at all (the last step is a rename).

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Run } from "./run.ts";

const SERVERS = [
  { packageName: "redis-server", program: "usr/bin/redis-server" },
  { packageName: "valkey-server", program: "usr/bin/valkey-server" },
];
// What an installation would bring besides (init scripts, perl) is not needed to run the program.
const NEEDED = /^(?:redis|valkey|lib)/;
const HOW_TO_INSTALL =
  "Landline's tests and demo need a Redis or Valkey server with TLS. Install one so that `redis-server` or `valkey-server` is on " +
  "PATH: `apt-get install redis-server` (Debian, Ubuntu), `dnf install valkey` (Fedora), `brew install valkey` (macOS).";

/** An unpacked package: the tree, and the program's path in it. */
export interface UnpackedRedis {
  readonly tree: string;
  readonly program: string;
}

/** The tree in the cache, made on first use. @throws with how to install the server where there is no apt, or it cannot be fetched. */
export async function unpackedRedis(run: Run): Promise<UnpackedRedis> {
  if (process.platform !== "linux" || spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status !== 0) {
    throw new Error(HOW_TO_INSTALL);
  }
  const cache = cacheDirectory();
  const tree = join(cache, `redis-${systemName()}-${process.arch}`);
  return cached(tree) ?? unpackInto(run, cache, tree);
}

/** The directories of a tree that hold shared libraries, for LD_LIBRARY_PATH. */
export function libraryPath(tree: string): string {
  const holders = ["lib", "usr/lib"].flatMap((part) => {
    const directory = join(tree, part);
    return existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : [];
  });
  return holders.join(":");
}

async function unpackInto(run: Run, cache: string, tree: string): Promise<UnpackedRedis> {
  mkdirSync(cache, { recursive: true });
  const work = join(cache, `.unpack-${randomBytes(6).toString("hex")}`);
  run.reap({ directory: work });
  try {
    const made = join(work, "tree");
    for (const directory of ["state/lists/partial", "cache/archives/partial", "packages", "tree"]) {
      mkdirSync(join(work, directory), { recursive: true });
    }
    await fetchPackages(run, work);
    for (const file of readdirSync(join(work, "packages"))) {
      await run.execute({
        name: "redis-package",
        file: "dpkg-deb",
        args: ["--extract", join(work, "packages", file), made],
        asSelf: true,
      });
    }
    if (cached(made) === undefined) throw new Error("the unpacked server does not start");
    return publish(made, tree);
  } catch (cause) {
    throw new Error(`${HOW_TO_INSTALL}\nUnpacking the distribution's package failed: ${(cause as Error).message}`, {
      cause,
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function fetchPackages(run: Run, work: string): Promise<void> {
  const options = {
    "Dir::State": join(work, "state"),
    "Dir::State::lists": join(work, "state/lists"),
    "Dir::State::status": "/var/lib/dpkg/status",
    "Dir::Cache": join(work, "cache"),
    "APT::Sandbox::User": "root", // as root, apt would drop to a user who cannot write here
    "Debug::NoLocking": "1",
  };
  const common = Object.entries(options).flatMap(([option, value]) => ["-o", `${option}=${value}`]);
  const env = { ...(process.env as Record<string, string>), LC_ALL: "C" }; // proxies are told by the environment
  const cwd = join(work, "packages");
  const apt = (...args: string[]): Promise<string> =>
    run.execute({ name: "redis-package", file: "apt-get", args: [...common, ...args], env, cwd, asSelf: true });

  // A source that fails is no reason to stop: what matters is whether the packages can be had.
  await apt("update").catch(() => {});
  let failure: unknown;
  for (const { packageName } of SERVERS) {
    try {
      const plan = await apt("install", "--simulate", "--no-install-recommends", packageName);
      const names = [...plan.matchAll(/^Inst (\S+)/gm)]
        .map(([, name = ""]) => name)
        .filter((name) => NEEDED.test(name));
      await apt("download", ...names);
      return;
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

function cached(tree: string): UnpackedRedis | undefined {
  const env = { PATH: process.env["PATH"], LD_LIBRARY_PATH: libraryPath(tree) };
  const server = SERVERS.find(
    ({ program }) => spawnSync(join(tree, program), ["--version"], { env, stdio: "ignore" }).status === 0,
  );
  return server === undefined ? undefined : { tree, program: server.program };
}

// Two runs may get here at once. The first one's tree stays, unless it does not work.
function publish(made: string, tree: string): UnpackedRedis {
  for (let attempt = 1; ; attempt++) {
    try {
      renameSync(made, tree);
    } catch (error) {
      if (attempt === 3) throw error;
    }
    const found = cached(tree);
    if (found !== undefined) return found;
    rmSync(tree, { recursive: true, force: true });
  }
}

function cacheDirectory(): string {
  const base = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return join(base, "landline");
}

// A tree made on one release of a distribution does not run on another.
function systemName(): string {
  const release = readFileSync("/etc/os-release", "utf8");
  const value = (key: string): string => new RegExp(`^${key}="?([^"\n]*)"?$`, "m").exec(release)?.[1] ?? "unknown";
  return `${value("ID")}-${value("VERSION_ID")}`.replaceAll(/[^\w.-]/g, "_");
}
