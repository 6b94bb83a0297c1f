// The durable area: a pool object against a connection for each request and against PgBouncer, in raw workerd, under load
// from another process. The server logs in by SCRAM over TLS.

import { fileURLToPath } from "node:url";
import { bundle } from "../harness/bundle.ts";
import type { Target } from "../harness/contestant.ts";
import { PER_SECOND, type Plan, type Reading } from "../harness/plan.ts";
import type { Round, Runner, Start } from "../harness/runner.ts";
import { cpuMicrosOf, difference, startWorker } from "../harness/workerd.ts";
import { startServer } from "../servers/process.ts";
import type { Load, Loaded } from "./load.ts";

/** What a round does, less where. */
interface Loading extends Omit<Load, "url" | "ms" | "aside"> {
  readonly path: string;
  readonly aside?: { readonly path: string; readonly each: number };
  /** Connections of the pool. Default {@link POOL_CONNECTIONS}. */
  readonly max?: number;
  /** At a rate: so many times what as many callers as this get through. */
  readonly overload?: number;
  /** Answers that are late or refused are what is measured, and not a failure. */
  readonly lossy?: boolean;
}

/** Of the pool object, and of PgBouncer. */
export const POOL_CONNECTIONS = 32;
const WORKER = fileURLToPath(import.meta.resolve("./worker.ts"));
const CLASSES = ["PG", "KV"];

/** A Worker and a load generator, for one path. */
function underLoad(loading: Loading): Start {
  return async (_, target): Promise<Runner> => {
    const code = await bundle({
      source: `export { KV, PG, worker as default } from ${JSON.stringify(WORKER)};`,
      directory: fileURLToPath(new URL("..", import.meta.url)),
    });
    const extended = { ...target, max: loading.max } as Target;
    const worker = await startWorker(code, extended, { durableObjects: CLASSES });
    const generator = await startServer<string>("../durable/load.ts", {});
    const { path, aside, max: _max, overload, lossy = false, callers, rate, deadline } = loading;
    const at = (to: string): string => `${worker.url}${to}`;
    const ask = async (load: Omit<Load, "url">): Promise<Loaded> => {
      const loaded = await generator.ask<Loaded>({ url: at(path), ...load } as never);
      if (loaded.bad > 0 && !lossy) throw new Error(`${loaded.bad} requests failed, the first: ${loaded.firstError}`);
      return loaded;
    };
    let capacity: number | undefined;
    return {
      run: async (ms): Promise<Round> => {
        // A rate is told by few requests in little time.
        const long = rate === undefined && overload === undefined ? ms : Math.max(ms * 4, 2_000);
        if (overload !== undefined && capacity === undefined) {
          const { good, elapsedMs } = await ask({ callers: callers ?? 32, ms: 1_500 });
          capacity = (good / elapsedMs) * 1_000;
        }
        const before = cpuMicrosOf(worker.pid);
        const loaded = await ask({
          ms: long,
          ...(overload !== undefined && capacity !== undefined ? { rate: overload * capacity } : {}),
          ...(overload === undefined && callers !== undefined ? { callers } : {}),
          ...(rate === undefined ? {} : { rate }),
          ...(deadline === undefined ? {} : { deadline }),
          ...(aside === undefined ? {} : { aside: { url: at(aside.path), each: aside.each } }),
        });
        const { good: operations, p50Ms, p99Ms } = loaded;
        // Goodput is of the time in which requests came, not of that in which the last were answered.
        const elapsedMs = overload === undefined ? loaded.elapsedMs : long;
        return { operations, elapsedMs, p50Ms, p99Ms, cpuMicros: difference(before, cpuMicrosOf(worker.pid)) };
      },
      close: async () => {
        await generator[Symbol.asyncDispose]();
        await worker.stop();
      },
    };
  };
}

const P99: Reading = { unit: "ms", of: ({ p99Ms }) => p99Ms ?? NaN };
const common = { area: "durable", runtime: "workerd", readings: [PER_SECOND] };

/** Against what users have without a pool object. `network`: as people read it. */
export function strategyPlans(network: string, bouncer: boolean): Plan[] {
  const loads = (landline: string, other: Record<string, string>): Plan["clients"] =>
    Object.fromEntries(
      Object.entries({ landline, ...other }).map(([name, path]) => [name, underLoad({ path, callers: 32 })]),
    );
  return [
    {
      ...common,
      key: "select",
      scenario: `point select, 32 clients, ${network}`,
      clients: loads("pool", { "connection per request": "direct", ...(bouncer ? { PgBouncer: "bouncer" } : {}) }),
    },
    {
      ...common,
      key: "transaction",
      scenario: `transaction of three statements, 32 clients, ${network}`,
      clients: loads("pool-batch", { "begin() by the pool": "pool-tx", "connection per request": "direct-tx" }),
    },
  ];
}

/** One connection for everybody, against one for each. */
export function redisPlans(): Plan[] {
  return [
    {
      ...common,
      key: "redis",
      scenario: "Redis GET through the object, 256 clients",
      clients: {
        landline: underLoad({ path: "redis-shared", callers: 256 }),
        "exclusive leases": underLoad({ path: "redis-leased", callers: 256 }),
      },
    },
  ];
}

/** What becomes of a pool that gets more than it can do. */
export function overloadPlans(): Plan[] {
  const ten = { path: "ten", callers: 32, max: 8 };
  return [
    {
      ...common,
      key: "overload",
      scenario: "answers within a second, 8 connections, queries of 10 ms",
      clients: {
        landline: underLoad({ ...ten, overload: 1.3, deadline: 1_000, lossy: true }),
        capacity: underLoad(ten),
        "100 % overload": underLoad({ ...ten, overload: 2, deadline: 1_000, lossy: true }),
      },
    },
    {
      ...common,
      readings: [{ ...P99, cpu: false }],
      key: "slow",
      scenario: "fast queries at 300 per second, p99, 8 connections",
      clients: {
        landline: underLoad({ path: "pool", rate: 300, max: 8, aside: { path: "hundred", each: 100 } }),
        "without slow ones": underLoad({ path: "pool", rate: 300, max: 8 }),
      },
    },
  ];
}
