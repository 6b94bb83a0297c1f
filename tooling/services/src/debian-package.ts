// Unpacks a server from Debian's or Ubuntu's packages, with the libraries it needs that are not installed, into a per-user
// cache: without root, without touching the system's package lists, and whole or not at all (the last step is a rename).

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Run } from "./run.ts";

/** A package, and how to see that what came out of it runs. */
interface DebianServer {
  /** One, or several with blanks between them. */
  readonly packageName: string;
  /** The program's path in the unpacked tree. */
  readonly program: string;
  /** Arguments with which it prints something and succeeds. Default `--version`. `false`: it runs only where it is installed. */
  readonly probe?: readonly string[] | false;
}

/** What is wanted. */
export interface DebianRequest {
  /** Names the tree in the cache and the log. */
  readonly name: string;
  /** Any of these will do; the first that can be had is taken. */
  readonly servers: readonly DebianServer[];
  /** The packages of an installation that are unpacked. The rest (init scripts, perl) is not needed to run the program. */
  readonly needed: RegExp;
  /** Told where there is no apt, or the packages cannot be fetched. */
  readonly howToInstall: string;
}

/** An unpacked package: the tree, and the program's path in it. */
export interface UnpackedServer {
  readonly tree: string;
  readonly program: string;
}

/** The tree in the cache, made on first use. @throws with how to install the server where there is no apt, or it cannot be fetched. */
export async function debianPackage(run: Run, request: DebianRequest): Promise<UnpackedServer> {
  if (process.platform !== "linux" || spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status !== 0) {
    throw new Error(request.howToInstall);
  }
  const cache = cacheDirectory();
  const tree = join(cache, `${request.name}-${systemName()}-${process.arch}`);
  return cached(request, tree) ?? unpackInto(run, request, cache, tree);
}

/** The directories of a tree that hold shared libraries, for LD_LIBRARY_PATH. */
export function libraryPath(tree: string): string {
  const holders = ["lib", "usr/lib"].flatMap((part) => {
    const directory = join(tree, part);
    return existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : [];
  });
  return holders.join(":");
}

async function unpackInto(run: Run, request: DebianRequest, cache: string, tree: string): Promise<UnpackedServer> {
  mkdirSync(cache, { recursive: true });
  const work = join(cache, `.unpack-${randomBytes(6).toString("hex")}`);
  run.reap({ directory: work });
  try {
    const made = join(work, "tree");
    for (const directory of ["state/lists/partial", "cache/archives/partial", "packages", "tree"]) {
      mkdirSync(join(work, directory), { recursive: true });
    }
    await fetchPackages(run, request, work);
    for (const file of readdirSync(join(work, "packages"))) {
      await run.execute({
        name: `${request.name}-package`,
        file: "dpkg-deb",
        args: ["--extract", join(work, "packages", file), made],
        asSelf: true,
      });
    }
    if (cached(request, made) === undefined) throw new Error("the unpacked server does not start");
    return publish(request, made, tree);
  } catch (cause) {
    throw new Error(
      `${request.howToInstall}\nUnpacking the distribution's package failed: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function fetchPackages(run: Run, { name, servers, needed }: DebianRequest, work: string): Promise<void> {
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
    run.execute({ name: `${name}-package`, file: "apt-get", args: [...common, ...args], env, cwd, asSelf: true });

  // A source that fails is no reason to stop: what matters is whether the packages can be had.
  await apt("update").catch(() => {});
  let failure: unknown;
  for (const { packageName } of servers) {
    try {
      const plan = await apt("install", "--simulate", "--no-install-recommends", ...packageName.split(" "));
      const names = [...plan.matchAll(/^Inst (\S+)/gm)]
        .map(([, found = ""]) => found)
        .filter((found) => needed.test(found));
      await apt("download", ...names);
      return;
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

function cached({ servers }: DebianRequest, tree: string): UnpackedServer | undefined {
  const env = { PATH: process.env["PATH"], LD_LIBRARY_PATH: libraryPath(tree) };
  const server = servers.find(
    ({ program, probe = ["--version"] }) =>
      existsSync(join(tree, program)) &&
      (probe === false || spawnSync(join(tree, program), probe, { env, stdio: "ignore" }).status === 0),
  );
  return server === undefined ? undefined : { tree, program: server.program };
}

// Two runs may get here at once. The first one's tree stays, unless it does not work.
function publish(request: DebianRequest, made: string, tree: string): UnpackedServer {
  for (let attempt = 1; ; attempt++) {
    try {
      renameSync(made, tree);
    } catch (error) {
      if (attempt === 3) throw error;
    }
    const found = cached(request, tree);
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
