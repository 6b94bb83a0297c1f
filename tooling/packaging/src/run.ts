// Commands that must succeed, with their output in the error when they do not.

import { spawnSync } from "node:child_process";

/** Runs a command to its end and returns what it wrote. @throws Error with all of its output, when it fails. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string | undefined> },
): string {
  const done = spawnSync(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    encoding: "utf8",
    timeout: 300_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (done.status === 0) return done.stdout;
  const why = done.error?.message ?? `exit code ${done.status ?? done.signal}`;
  throw new Error(`${command} ${args.join(" ")}: ${why}\n${done.stdout}\n${done.stderr}`);
}
