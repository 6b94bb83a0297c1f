// redis-benchmark (or valkey-benchmark), the server's own load generator, where it is present: one connection (-c 1) and as
// many commands in flight as the scenario says (-P), which it sends as bursts.

import { findProgram } from "../harness/programs.ts";
import type { Start } from "../harness/runner.ts";
import { toolRunner } from "../harness/tool.ts";
import { BATCH, IN_FLIGHT, KEY, LIST } from "./workload.ts";

export const startRedisBenchmark: Start = async (scenario, { services: { redis: server } }) => {
  const program = findProgram("valkey-benchmark", "redis-benchmark");
  if (program === undefined) throw new Error("redis-benchmark is neither on PATH nor in the services' cache");
  const inFlight = { ...IN_FLIGHT, range: 1, batch: BATCH, tick: BATCH }[scenario] ?? 1;
  const command = scenario === "range" ? ["LRANGE", LIST, "0", "-1"] : ["GET", KEY];
  let perMs = scenario === "range" ? 0.3 : 5 * Math.min(inFlight, 64);
  const requests = (budgetMs: number): number => Math.max(inFlight, Math.round(perMs * budgetMs));
  return toolRunner({
    program,
    args: (budgetMs) => {
      const where = ["-h", "127.0.0.1", "-p", String(server.port)];
      return [...where, "-c", "1", "-P", String(inFlight), "-n", String(requests(budgetMs)), "--csv", ...command];
    },
    read: (output, budgetMs) => {
      const perSecond = Number(/^"(?:GET|LRANGE)[^"]*","([\d.]+)"/m.exec(output)?.[1]);
      const operations = requests(budgetMs);
      perMs = perSecond / 1_000;
      return { operations, elapsedMs: (operations / perSecond) * 1_000 };
    },
  });
};
