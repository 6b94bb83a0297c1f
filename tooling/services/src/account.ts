// Whom the servers run as. Postgres refuses to run as root, and nothing that anybody on the machine may connect to should:
// as root we hand over to `nobody`. An ordinary user's servers are his own.

import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Run } from "./run.ts";

/** A user and his group. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The account for the servers when we are root; undefined when they run as ourselves. */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const entry = /^nobody:[^:]*:(-?\d+):(-?\d+):/m.exec(readFileSync("/etc/passwd", "utf8"));
  if (entry === null)
    throw new Error("Postgres does not run as root, and this machine has no user named `nobody` to run it as.");
  return { uid: Number(entry[1]) >>> 0, gid: Number(entry[2]) >>> 0 };
}

/** Whether the account can get to a directory: everybody may pass through it and all above it. */
export function isReachable(directory: string, account: Account | undefined): boolean {
  if (account === undefined) return true;
  for (let path = directory; ; path = dirname(path)) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || (stat.mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/**
 * A tree of binaries that the servers' account can run: the tree itself, or a copy in the run's directory when the
 * account cannot read it (a clone below /root, a umask of 077).
 */
export function runnableTree(
  run: Run,
  tree: string,
  probe: string,
  envOf: (tree: string) => Readonly<Record<string, string>> = () => ({}),
): string {
  const { account } = run;
  if (account === undefined) return tree;
  const as = { uid: account.uid, gid: account.gid, cwd: "/", env: envOf(tree), stdio: "ignore" } as const;
  if (spawnSync(join(tree, probe), ["--version"], as).status === 0) return tree;
  const copy = run.makeDirectory(`${probe.replaceAll("/", "-")}-tree`);
  cpSync(tree, copy, { recursive: true, verbatimSymlinks: true });
  const given = spawnSync("chown", ["-R", `${account.uid}:${account.gid}`, copy]);
  if (given.status !== 0)
    throw new Error(`chown -R ${copy} failed: ${given.error?.message ?? given.stderr.toString()}`);
  return copy;
}
