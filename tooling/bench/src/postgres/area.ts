// The Postgres area: who runs what.

import { PER_SECOND, perSecond } from "../harness/plan.ts";
import type { Plan, Reading } from "../harness/plan.ts";
import { onBun, onNode } from "../harness/runner.ts";
import type { Start } from "../harness/runner.ts";
import { startPgbench } from "./pgbench.ts";

const here = (file: string): string => new URL(file, import.meta.url).href;

const NODE: Readonly<Record<string, Start>> = {
  landline: onNode(here("./landline.ts")),
  postgres: onNode(here("./postgres-js.ts")),
  pg: onNode(here("./pg.ts")),
  "pg pipeline": onNode(here("./pg-pipeline.ts")),
  pgbench: startPgbench,
  floor: onNode(here("./floor.ts")),
};
const BUN: Readonly<Record<string, Start>> = {
  landline: onBun(here("./landline.ts")),
  "Bun.SQL": onBun(here("./bun.ts")),
};

const RUNS: Reading = { unit: "runs/s", of: perSecond };
const POOL: readonly Reading[] = [
  PER_SECOND,
  { suffix: ", median time", unit: "ms", of: ({ p50Ms }) => p50Ms ?? NaN, cpu: false },
  { suffix: ", 99th percentile", unit: "ms", of: ({ p99Ms }) => p99Ms ?? NaN, cpu: false },
];

const SCENARIOS: readonly (readonly [key: string, name: string, readings: readonly Reading[]])[] = [
  ["1", "point select, 1 in flight", [PER_SECOND]],
  ["16", "point select, 16 in flight", [PER_SECOND]],
  ["128", "point select, 128 in flight", [PER_SECOND]],
  ["pool", "point select, 128 callers on a pool of 10", POOL],
  ["rows", "10,000 rows of six columns", [RUNS]],
];

export function postgresPlans(withBun: boolean): Plan[] {
  const common = SCENARIOS.map(([key, scenario, readings]) => ({ area: "postgres", key, scenario, readings }));
  return common.flatMap((each) => [
    { ...each, runtime: "node", clients: each.key === "pool" ? omit(NODE, "floor") : NODE },
    ...(withBun ? [{ ...each, runtime: "bun", clients: BUN }] : []),
  ]);
}

function omit(clients: Readonly<Record<string, Start>>, name: string): Record<string, Start> {
  return Object.fromEntries(Object.entries(clients).filter(([each]) => each !== name));
}
