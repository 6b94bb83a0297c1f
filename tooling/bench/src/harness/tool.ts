// A native program as a contestant. The shell's `times` tells the CPU time that the program took.

import { spawn } from "node:child_process";
import type { Program } from "./programs.ts";
import type { Round, Runner } from "./runner.ts";

/** Arguments for a round of about `budgetMs`, and how to read what the program printed. */
export interface Tool {
  readonly program: Program;
  readonly env?: Readonly<Record<string, string>>;
  args(budgetMs: number): readonly string[];
  read(output: string, budgetMs: number): { readonly operations: number; readonly elapsedMs: number };
}

/** Runs `tool` once for each round. */
export function toolRunner(tool: Tool): Runner {
  return {
    run: (budgetMs) => once(tool, budgetMs),
    close: async () => {},
  };
}

async function once({ program, env = {}, args, read }: Tool, budgetMs: number): Promise<Round> {
  // After the program: the shell's own times, and then those of what it ran.
  const child = spawn("sh", ["-c", '"$0" "$@" && echo && times', program.path, ...args(budgetMs)], {
    env: { ...process.env, ...program.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk) => (output += String(chunk)));
  child.stderr.on("data", (chunk) => (errors += String(chunk)));
  const status = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (status !== 0) throw new Error(`${program.path} ended with ${String(status)}: ${errors.trim()}`);
  const last = output.trimEnd().split("\n").at(-1) ?? "";
  const seconds = [...last.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => Number(m) * 60 + Number(s));
  const cpuMicros = seconds.length === 2 ? seconds.reduce((sum, each) => sum + each, 0) * 1e6 : null;
  return { ...read(output, budgetMs), cpuMicros };
}
