// The workerd area: a cold request, the start of a bundle, and the common scenarios in workerd itself.

import { PER_SECOND, perSecond } from "../harness/plan.ts";
import type { Plan, Reading } from "../harness/plan.ts";
import { coldOnWorkerd, onWorkerd, startUpOnWorkerd } from "../harness/workerd.ts";
import type { Start } from "../harness/runner.ts";

const here = (file: string): string => new URL(file, import.meta.url).href;
const NODE = { nodeCompat: true };

const CPU: Reading = { unit: "ms of CPU", of: ({ cpuMicros, operations }) => (cpuMicros ?? NaN) / operations / 1_000 };
const TIME: Reading = { unit: "ms", of: ({ elapsedMs, operations }) => elapsedMs / operations };

const POSTGRES: Readonly<Record<string, Start>> = {
  landline: onWorkerd(here("../postgres/landline.ts")),
  postgres: onWorkerd(here("../postgres/postgres-js.ts"), NODE),
  pg: onWorkerd(here("../postgres/pg.ts"), NODE),
  "pg pipeline": onWorkerd(here("../postgres/pg-pipeline.ts"), NODE),
};
const REDIS: Readonly<Record<string, Start>> = {
  landline: onWorkerd(here("../redis/landline.ts")),
  ioredis: onWorkerd(here("../redis/ioredis.ts"), NODE),
  "ioredis auto": onWorkerd(here("../redis/ioredis-auto.ts"), NODE),
  floor: onWorkerd(here("../redis/floor-workerd.ts")),
};

// node-redis is not here: with Node compatibility on, its connect() did not settle within a minute.
type How = (module: string, options?: { readonly nodeCompat?: boolean }) => Start;
const whole = (how: How): Record<string, Start> => ({
  landline: how(here("../postgres/landline.ts")),
  postgres: how(here("../postgres/postgres-js.ts"), NODE),
  pg: how(here("../postgres/pg.ts"), NODE),
  floor: how(here("./cold-floor.ts")),
});

const common = { area: "workerd", runtime: "workerd" };

export function workerdPlans(): Plan[] {
  return [
    {
      ...common,
      key: "cold",
      scenario: "cold request: connect, SCRAM over TLS, one query",
      readings: [CPU, { ...TIME, suffix: ", elapsed", cpu: false }],
      clients: whole(coldOnWorkerd),
    },
    {
      ...common,
      key: "start",
      scenario: "start-up, from the process to the first answer",
      readings: [TIME],
      clients: whole(startUpOnWorkerd),
      warmUp: false,
      rounds: { quick: 3, full: 15 },
    },
    ...["1", "16", "128"].map((key) => ({
      ...common,
      key,
      scenario: `point select, ${key} in flight`,
      readings: [PER_SECOND],
      clients: POSTGRES,
    })),
    {
      ...common,
      key: "rows",
      scenario: "10,000 rows of six columns",
      readings: [{ unit: "runs/s", of: perSecond }],
      clients: POSTGRES,
    },
    ...workerdRedisPlans(),
  ];
}

/** Also in the Redis area, beside the same on Node. */
export function workerdRedisPlans(area = "workerd"): Plan[] {
  const scenarios = [
    ["1", "GET of 64 B, 1 in flight"],
    ["16", "GET of 64 B, 16 in flight"],
    ["256", "GET of 64 B, 256 in flight"],
    ["tick", "1,000 GETs in one tick"],
    ["batch", "explicit batch of 1,000 GETs"],
  ] as const;
  return scenarios.map(([key, scenario]) => ({
    ...common,
    area,
    key,
    scenario,
    readings: [PER_SECOND],
    clients: REDIS,
  }));
}
