// Round trips from an open socket to the first result, and bytes and writes of an operation: counted by a proxy.

import { FIRST } from "../harness/contestant.ts";
import type { Plan, Reading } from "../harness/plan.ts";
import { onBun, onNode } from "../harness/runner.ts";
import type { Start } from "../harness/runner.ts";
import { onWorkerd } from "../harness/workerd.ts";
import { DISTINCT, DISTINCT_QUERIES } from "../postgres/workload.ts";
import type { Proxy } from "../servers/process.ts";
import type { ProxyCounts } from "../servers/proxy.ts";

const here = (file: string): string => new URL(file, import.meta.url).href;

const CLIENTS: Readonly<Record<string, Readonly<Record<string, Start>>>> = {
  Postgres: {
    landline: onNode(here("../postgres/landline.ts")),
    // Over verified TLS that is the default; in the clear the caller has to allow it.
    "landline eagerLogin": onNode(here("../postgres/landline-eager.ts")),
    postgres: onNode(here("../postgres/postgres-js.ts")),
    pg: onNode(here("../postgres/pg.ts")),
    "Bun.SQL": onBun(here("../postgres/bun.ts")),
  },
  Redis: {
    landline: onNode(here("../redis/landline.ts")),
    ioredis: onNode(here("../redis/ioredis-auto.ts")),
    redis: onNode(here("../redis/node-redis.ts")),
    iovalkey: onNode(here("../redis/iovalkey.ts")),
    "Bun.RedisClient": onBun(here("../redis/bun.ts")),
  },
  SMTP: {
    landline: onNode(here("../smtp/landline.ts")),
    nodemailer: onNode(here("../smtp/nodemailer.ts")),
    // Runs in workerd only.
    "worker-mailer": onWorkerd(here("../smtp/worker-mailer.ts")),
  },
};
const runtimesOf = (protocol: string): string => (protocol === "SMTP" ? "node, workerd" : "node, bun");
/** A warm operation of each kind, alone on its connection. */
const OPERATION: Readonly<Record<string, readonly [key: string, name: string]>> = {
  Postgres: ["1", "point select"],
  Redis: ["1", "GET of 64 B"],
  SMTP: ["one", "1 kB message"],
};

/** What a proxy counted, for each operation. */
export const total = (name: keyof ProxyCounts, unit: string): Reading => ({
  unit,
  of: ({ counts, operations }) => (counts?.[name] ?? NaN) / operations,
  cpu: false,
});

/** Connections through a slow proxy. */
export function firstResultPlans(proxy: Proxy): Plan[] {
  return Object.entries(CLIENTS).flatMap(([name, clients]) =>
    [FIRST.clear, FIRST.tls].map((key) => ({
      area: "connect",
      key,
      scenario: `${name}: open socket to first result, ${key === FIRST.tls ? "TLS" : "in the clear"}`,
      runtime: runtimesOf(name),
      readings: [
        total("roundTrips", "round trips"),
        { suffix: ", at 20 ms", unit: "ms", of: ({ elapsedMs }) => elapsedMs, cpu: false },
      ],
      clients: counted(key === FIRST.tls ? defaults(clients) : clients, proxy),
      rounds: { quick: 3, full: 7 },
    })),
  );
}

function defaults(clients: Readonly<Record<string, Start>>): Record<string, Start> {
  return Object.fromEntries(Object.entries(clients).filter(([name]) => !name.includes("eagerLogin")));
}

/** Statements that are all new, at once on one connection that is open, through a slow proxy. */
export function distinctPlans(proxy: Proxy): Plan[] {
  return [
    {
      area: "connect",
      key: DISTINCT,
      scenario: `Postgres: ${DISTINCT_QUERIES} new queries at once on one connection`,
      runtime: runtimesOf("Postgres"),
      readings: [{ suffix: ", at 20 ms", unit: "ms", of: ({ elapsedMs }) => elapsedMs, cpu: false }],
      clients: counted({ ...CLIENTS["Postgres"], "pg pipeline": onNode(here("../postgres/pg-pipeline.ts")) }, proxy),
      rounds: { quick: 3, full: 7 },
    },
  ];
}

/** Operations through a proxy that only counts. */
export function operationPlans(proxy: Proxy): Plan[] {
  return Object.entries(CLIENTS).flatMap(([name, clients]) => {
    const [key, operation] = OPERATION[name] ?? ["", ""];
    return {
      area: "connect",
      key,
      scenario: `${operation}, on the wire`,
      runtime: runtimesOf(name),
      readings: [
        { ...total("bytesSent", "bytes"), suffix: ", sent" },
        { ...total("bytesReceived", "bytes"), suffix: ", received" },
        { ...total("writes", "writes"), suffix: ", writes" },
      ],
      clients: counted(clients, proxy),
      rounds: { quick: 2, full: 3 },
    };
  });
}

/** Clients whose rounds are counted by a proxy. */
export function counted(clients: Readonly<Record<string, Start>>, proxy: Proxy): Record<string, Start> {
  return Object.fromEntries(
    Object.entries(clients).map(([name, start]): [string, Start] => [
      name,
      async (scenario, target) => {
        const runner = await start(scenario, target);
        return {
          run: async (budgetMs) => {
            await proxy.count();
            const round = await runner.run(budgetMs);
            return { ...round, counts: await proxy.count() };
          },
          close: runner.close,
        };
      },
    ]),
  );
}
