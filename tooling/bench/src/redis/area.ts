// The Redis area: who runs what.

import { counted, total } from "../connect/area.ts";
import { PER_SECOND, perSecond } from "../harness/plan.ts";
import type { Plan, Reading } from "../harness/plan.ts";
import { onBun, onNode } from "../harness/runner.ts";
import type { Round, Start } from "../harness/runner.ts";
import type { Proxy } from "../servers/process.ts";
import { workerdRedisPlans } from "../workerd/area.ts";
import { DECODING } from "./decoder-input.ts";
import { startRedisBenchmark } from "./redis-benchmark.ts";
import { startTypeCheck } from "./type-check.ts";

const here = (file: string): string => new URL(file, import.meta.url).href;

const NODE: Readonly<Record<string, Start>> = {
  landline: onNode(here("./landline.ts")),
  ioredis: onNode(here("./ioredis.ts")),
  "ioredis auto": onNode(here("./ioredis-auto.ts")),
  redis: onNode(here("./node-redis.ts")),
  "iovalkey auto": onNode(here("./iovalkey.ts")),
  "redis-benchmark": startRedisBenchmark,
  floor: onNode(here("./floor.ts")),
};
const BUN: Readonly<Record<string, Start>> = {
  landline: onBun(here("./landline.ts")),
  "Bun.RedisClient": onBun(here("./bun.ts")),
};

const DECODERS: Readonly<Record<string, Start>> = {
  landline: onNode(here("./decoder.ts")),
  "landline bytes": onNode(here("./decoder-bytes.ts")),
  "redis-parser": onNode(here("./redis-parser.ts")),
  "redis-parser text": onNode(here("./redis-parser-text.ts")),
};

const RUNS: Reading = { unit: "runs/s", of: perSecond };

const SCENARIOS: readonly (readonly [key: string, name: string, reading: Reading])[] = [
  ["1", "GET of 64 B, 1 in flight", PER_SECOND],
  ["16", "GET of 64 B, 16 in flight", PER_SECOND],
  ["256", "GET of 64 B, 256 in flight", PER_SECOND],
  ["tick", "1,000 GETs in one tick", PER_SECOND],
  ["batch", "explicit batch of 1,000 GETs", PER_SECOND],
  ["range", "LRANGE of 10,000", RUNS],
];

export function redisPlans(withBun: boolean): Plan[] {
  const clients = SCENARIOS.flatMap(([key, scenario, reading]) => {
    const common = { area: "redis", key, scenario, readings: [reading] };
    return [
      { ...common, runtime: "node", clients: NODE },
      ...(withBun ? [{ ...common, runtime: "bun", clients: BUN }] : []),
    ];
  });
  const decoders = DECODING.map(([key, scenario]) => ({
    area: "redis",
    key,
    scenario,
    runtime: "node",
    readings: [RUNS],
    clients: DECODERS,
  }));
  const large = [
    ["large out", "a value of 512 MiB out, peak memory"],
    ["large in", "a value of 512 MiB in, peak memory"],
  ].map(([key = "", scenario = ""]) => ({
    area: "redis",
    key,
    scenario,
    runtime: "node",
    readings: [{ unit: "× its size", of: ({ peak }: Round) => peak ?? NaN, cpu: false }],
    clients: { landline: onNode(here("./large.ts")) },
    rounds: { quick: 1, full: 1 },
    warmUp: false,
  }));
  const types: Plan = {
    area: "redis",
    key: "types",
    scenario: "type-checking a program that imports the client, over an empty one",
    runtime: "tsc",
    readings: [
      { unit: "ms", of: ({ elapsedMs }) => elapsedMs, cpu: false },
      { suffix: ", memory", unit: "MB", of: ({ peak }) => peak ?? NaN, cpu: false },
    ],
    clients: Object.fromEntries(["landline", "ioredis", "redis"].map((name) => [name, startTypeCheck(name)])),
    rounds: { quick: 1, full: 3 },
    warmUp: false,
  };
  return [...clients, ...decoders, ...large, types, ...workerdRedisPlans("redis")];
}

/** Writes of one tick, counted by a proxy. */
export function redisWritePlans(proxy: Proxy): Plan[] {
  const { landline, redis, "ioredis auto": ioredis } = NODE;
  return [
    {
      area: "redis",
      key: "tick 10,000",
      scenario: "10,000 GETs in one tick, on the wire",
      runtime: "node",
      readings: [total("writes", "writes")],
      clients: counted({ landline, redis, "ioredis auto": ioredis } as Record<string, Start>, proxy),
      rounds: { quick: 2, full: 5 },
    },
  ];
}
