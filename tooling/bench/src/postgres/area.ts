// The Postgres area: who runs what.

import { PER_SECOND, perSecond } from "../harness/plan.ts";
import type { Plan, Reading } from "../harness/plan.ts";
import { onBun, onNode } from "../harness/runner.ts";
import type { Start } from "../harness/runner.ts";
import { onWorkerd } from "../harness/workerd.ts";
import { startPgbench } from "./pgbench.ts";
import { startPsqlCopy } from "./psql-copy.ts";

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

const MILLISECONDS: Reading = { unit: "ms", of: ({ elapsedMs, operations }) => elapsedMs / operations };
const GROWTH: Reading = {
  suffix: ", growth of resident memory",
  unit: "MiB",
  of: ({ grownBytes }) => (grownBytes ?? NaN) / 1024 / 1024,
  cpu: false,
};
const VOLUME: Readonly<Record<string, Start>> = {
  landline: onNode(here("./volume.ts")),
  postgres: onNode(here("./volume-postgres-js.ts")),
  pg: onNode(here("./volume-pg.ts")),
};
const SLOW: Readonly<Record<string, Start>> = {
  landline: onWorkerd(here("./volume.ts")),
  floor: onWorkerd(here("./volume-floor.ts")),
};
const IN_WORKERD: Readonly<Record<string, Start>> = { landline: onWorkerd(here("./volume.ts")) };

/** What is about volume: time that is linear, memory that is bounded. */
export function volumePlans(): Plan[] {
  const common = { area: "postgres", rounds: { quick: 2, full: 5 } };
  const values = [16, 64].map((size) => ({ ...common, key: `value ${size}`, scenario: `a value of ${size} MiB` }));
  const copy = { ...common, key: "copy in", scenario: "COPY of a million rows into a table" };
  // Warm: the first time, an isolate also grows to the size at which it stays, by 40 to 60 MiB over a bare socket.
  const slow = { ...common, runtime: "workerd", readings: [MILLISECONDS, GROWTH], clients: IN_WORKERD };
  return [
    ...values.flatMap((each) => [
      { ...each, runtime: "node", readings: [MILLISECONDS], clients: VOLUME },
      { ...each, runtime: "workerd", readings: [MILLISECONDS], clients: IN_WORKERD },
    ]),
    {
      ...copy,
      runtime: "node",
      readings: [MILLISECONDS],
      clients: { ...omit(VOLUME, "pg"), "psql \\copy": startPsqlCopy },
    },
    { ...slow, key: copy.key, scenario: copy.scenario },
    {
      ...slow,
      key: "slow copy",
      scenario: "1 GB by COPY to a slow reader",
      clients: SLOW,
      rounds: { quick: 1, full: 3 },
    },
    {
      ...slow,
      key: "slow cursor",
      scenario: "1 GB of rows by a cursor to a slow reader",
      rounds: { quick: 1, full: 3 },
    },
  ];
}

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
