#!/usr/bin/env node
// `pnpm soak`: starts the servers in a process of their own, soaks the clients in this one, prints what it counted.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import type { Services } from "@landline/services";
import { soak, type SoakReport } from "./soak.ts";

const HELP = `Usage: pnpm soak [--minutes N] [--seed S] [--help]

Runs a mixed load on the three clients against real servers, through a proxy that delays, cuts, stalls, corrupts and
resets. Every call must settle in time, with its own answer and an honest outcome; memory must stay flat; nothing may be
left open. Prints its counts, and exits 1 with the reasons when something did not hold.

  --minutes N  how long, default 2; fractions are possible
  --seed S     repeats the weather and the choices of a run
  --help       this text
`;

const SERVICES = join(import.meta.dirname, "../../../services/src/main.ts");

await main();

async function main(): Promise<void> {
  let values: { minutes: string; seed: string | undefined; help: boolean };
  try {
    const args = process.argv.slice(2).filter((arg) => arg !== "--");
    values = parseArgs({
      args,
      options: {
        minutes: { type: "string", default: "2" },
        seed: { type: "string" },
        help: { type: "boolean", default: false },
      },
    }).values as typeof values;
  } catch (error) {
    return usage((error as Error).message);
  }
  if (values.help) return void process.stdout.write(HELP);
  const minutes = Number(values.minutes);
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  if (!(minutes > 0) || !Number.isInteger(seed)) return usage("--minutes and --seed take numbers");

  process.stdout.write(`soak: ${minutes} minutes, seed ${seed}\n`);
  const child = spawn(process.execPath, [SERVICES, "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const stop = (): void => void child.kill("SIGTERM");
  process.once("exit", stop);
  const lines = createInterface(child.stdout);
  const line = await Promise.race([once(lines, "line"), ended.then(() => undefined)]);
  if (line === undefined) return usage("the servers did not start");
  const services = JSON.parse(String(line[0])) as Services;

  const report = await soak({
    services,
    seconds: minutes * 60,
    seed,
    tick: ({ seconds, calls, running }) => {
      if (seconds % 10 === 0) process.stdout.write(`  ${seconds} s: ${calls} calls, ${running} running\n`);
    },
  });
  lines.close();
  stop();
  await ended;
  print(report, seed);
  process.exitCode = report.failures.length === 0 ? 0 : 1;
  // Whatever was left open has been reported, and must not keep this process.
  process.exit();
}

function usage(why: string): void {
  process.stderr.write(`pnpm soak: ${why}\n\n${HELP}`);
  process.exitCode = 2;
}

function print({ counts, proxies, heap, failures }: SoakReport, seed: number): void {
  for (const [name, count] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
    process.stdout.write(`${String(count).padStart(8)}  ${name}\n`);
  for (const [name, { connections, bytes }] of Object.entries(proxies))
    process.stdout.write(`${name}: ${connections} connections, ${bytes} bytes\n`);
  process.stdout.write(`heap in MiB: ${heap.map((size) => size.toFixed(1)).join(" ")}\n`);
  for (const failure of failures) process.stdout.write(`FAILED: ${failure}\n`);
  process.stdout.write(
    failures.length === 0 ? `soak: passed\n` : `soak: ${failures.length} failures; repeat with --seed ${seed}\n`,
  );
}
