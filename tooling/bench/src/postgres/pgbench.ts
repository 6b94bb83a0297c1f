// pgbench, the server's own load generator, where it is present: prepared statements; for more than one in flight, batches
// by \startpipeline (postgresql.org/docs/current/pgbench.html), which wait for the last answer of a batch.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../harness/programs.ts";
import type { Start } from "../harness/runner.ts";
import { toolRunner } from "../harness/tool.ts";
import { IN_FLIGHT, POOL_SIZE, ROWS, SELECT_ALL, SELECT_ONE } from "./workload.ts";

export const startPgbench: Start = async (scenario, { services }) => {
  const program = findProgram("pgbench");
  if (program === undefined) throw new Error("pgbench is not on PATH");
  const { hostname, port, database, users } = services.postgres;
  const batch = IN_FLIGHT[scenario] ?? 1;
  const clients = scenario === "pool" ? POOL_SIZE : 1;
  const directory = mkdtempSync(join(tmpdir(), "landline-bench-"));
  const script = join(directory, "script.sql");
  const one = `\\set id random(1, ${ROWS})\n${SELECT_ONE}:id;\n`;
  const body = scenario === "rows" ? `${SELECT_ALL};\n` : one.repeat(batch);
  writeFileSync(script, batch === 1 ? body : `\\startpipeline\n${body}\\endpipeline\n`);
  // pgbench counts whole seconds or transactions; so a round is a number of transactions that a short trial suggests.
  let perMs = 1;
  const transactions = (budgetMs: number): number => Math.max(1, Math.round((perMs * budgetMs) / clients));
  const common = ["-n", "-M", "prepared", "-c", String(clients), "-j", "1", "-f", script];
  const runner = toolRunner({
    program,
    env: {
      PGHOST: hostname,
      PGPORT: String(port),
      PGUSER: users.trust.username,
      PGDATABASE: database,
      PGSSLMODE: "disable",
    },
    args: (budgetMs) => [...common, "-t", String(transactions(budgetMs))],
    read: (output, budgetMs) => {
      const tps = Number(/^tps = ([\d.]+)/m.exec(output)?.[1]);
      const done = transactions(budgetMs) * clients;
      perMs = tps / 1_000;
      return { operations: done * batch, elapsedMs: (done / tps) * 1_000 };
    },
  });
  return {
    run: runner.run,
    close: async () => rmSync(directory, { recursive: true, force: true }),
  };
};
