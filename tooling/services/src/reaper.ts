// The process that cleans up after a run whose own process died without a word. It reads one JSON message per line from
// its standard input, which only that process holds; when the input ends, it stops what is left and removes the directories.
// It never acts before the input ends.

import { readFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";

/** What the reaper is told. A process is named by its id, which is also that of its group. */
export type ReaperMessage =
  | { readonly directory: string }
  | { readonly started: number; readonly signal: NodeJS.Signals }
  | { readonly ended: number };

const GRACE = 5_000;
const POLL = 50;
const directories = new Set<string>();
const processes = new Map<number, NodeJS.Signals>();

// A terminal that is closed or interrupted speaks to the run, not to the one who cleans up after it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line) as ReaperMessage;
  if ("directory" in message) directories.add(message.directory);
  else if ("started" in message) processes.set(message.started, message.signal);
  else processes.delete(message.ended);
}

for (const [pid, signal] of processes) kill(pid, signal);
const deadline = Date.now() + GRACE;
while ([...processes.keys()].some(isAlive) && Date.now() < deadline) {
  await new Promise((resolve) => setTimeout(resolve, POLL));
}
for (const pid of processes.keys()) kill(-pid, "SIGKILL");
for (const directory of directories) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });

function isAlive(pid: number): boolean {
  if (!kill(pid, 0)) return false;
  try {
    // The orphan has ended, but in some containers nobody collects it.
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return process.platform !== "linux";
  }
}

function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // gone already
  }
}
