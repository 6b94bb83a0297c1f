// A command in a mount namespace of its own, in which a package's files are where it was built to find them and its accounts
// are in /etc/passwd. Nothing of that is seen outside. As root by root's own means; for others in a user namespace, where the
// system lets them have one.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Account } from "./account.ts";
import type { Command, Run } from "./run.ts";

const PATH = "/usr/sbin:/usr/bin:/sbin:/bin";
const isRoot = (): boolean => process.getuid?.() === 0;

/** What stands in the way of namespaces on this machine; `undefined` when nothing does. */
export function whyNoNamespaces(): string | undefined {
  if (process.platform !== "linux") return `${process.platform} has no mount namespaces`;
  const probe = "mount -t overlay overlay -o lowerdir=/etc:/usr /usr";
  const { status, stderr } = spawnSync("unshare", [...unshared(), "sh", "-ec", probe], { encoding: "utf8" });
  return status === 0 ? undefined : `this user cannot have a mount namespace here (${firstLine(stderr)})`;
}

/** What runs in a namespace. */
export interface Inside {
  readonly name: string;
  /** Lies over /usr. */
  readonly tree: string;
  readonly command: readonly string[];
  /** Users that the command looks for, each with a group of its name. */
  readonly accounts: Readonly<Record<string, Account>>;
  /** Remains root, when we are. Else it runs as the servers' account. */
  readonly asRoot?: boolean;
}

/** The command to start. */
export function inNamespace(run: Run, { name, tree, command, accounts, asRoot = false }: Inside): Command {
  const layers = [["usr", "/usr"], ...(existsSync(join(tree, "lib")) ? [["lib", "/usr/lib"]] : [])];
  const mounts = [
    ...layers.map(([part, over]) => `mount -t overlay overlay -o lowerdir=${tree}/${part}:${over} ${over}`),
    ...["passwd", "group"].map((file) => `mount --bind ${accountFile(run, name, file, accounts)} /etc/${file}`),
    `exec ${asRoot ? "" : dropped(run)} "$@"`,
  ];
  return {
    name,
    file: "unshare",
    args: [...unshared(), "sh", "-ec", mounts.join(" && "), "sh", ...command],
    env: { PATH, LC_ALL: "C" },
    cwd: "/",
    asSelf: true,
  };
}

function unshared(): string[] {
  return isRoot() ? ["--mount"] : ["--user", "--map-root-user", "--mount"];
}

/** From who could mount to who runs the command. */
function dropped({ account }: Run): string {
  if (account !== undefined) return `setpriv --reuid=${account.uid} --regid=${account.gid} --clear-groups`;
  return `unshare --user --map-user=${process.getuid?.()} --map-group=${process.getgid?.()}`;
}

/** The system's file with the accounts in it, in place of its own of these names. */
function accountFile(run: Run, server: string, file: string, accounts: Inside["accounts"]): string {
  const theirs = readFileSync(`/etc/${file}`, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !((line.split(":")[0] as string) in accounts));
  const ours = Object.entries(accounts).map(([name, { uid, gid }]) =>
    file === "passwd" ? `${name}:x:${uid}:${gid}::/nonexistent:/usr/sbin/nologin` : `${name}:x:${gid}:`,
  );
  return run.writeSharedFile(`${server}.${file}`, [...theirs, ...ours, ""].join("\n"));
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
