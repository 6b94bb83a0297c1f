// The areas by name, and what each of them needs before it starts.

import type { Services } from "@landline/services";
import { startPgBouncerAlone } from "@landline/services/pgbouncer";
import { distinctPlans, firstResultPlans, operationPlans } from "./connect/area.ts";
import { corePlans } from "./core/area.ts";
import { overloadPlans, POOL_CONNECTIONS, redisPlans as durableRedisPlans, strategyPlans } from "./durable/area.ts";
import type { Target } from "./harness/contestant.ts";
import { carryOut } from "./harness/plan.ts";
import type { Effort, Plan, Say } from "./harness/plan.ts";
import { hasBun } from "./harness/programs.ts";
import { postgresPlans, volumePlans } from "./postgres/area.ts";
import { preparePostgres } from "./postgres/workload.ts";
import { redisPlans, redisWritePlans } from "./redis/area.ts";
import { prepareRedis } from "./redis/workload.ts";
import type { Scenario } from "./report.ts";
import { startProxy, startServer } from "./servers/process.ts";
import { measureSizes } from "./sizes/area.ts";
import { composingPlans, smtpPlans } from "./smtp/area.ts";
import { workerdPlans } from "./workerd/area.ts";

/** What an area measures with. */
interface AreaRun {
  readonly services: Services;
  readonly effort: Effort;
  /** Only scenarios whose name holds this. */
  readonly only: string | undefined;
  readonly say: Say;
  readonly report: (scenario: Scenario) => void;
}

/** Measures a whole area; each scenario is reported as soon as it is done. */
export type Area = (run: AreaRun) => Promise<void>;

const ONE_WAY_MS = 10;
const HALF_ONE_WAY_MS = 5;

export const AREAS: Readonly<Record<string, Area>> = {
  core: async (run) => {
    await using servers = await startServer<Record<string, number>>("./bytes.ts", {});
    await runPlans(corePlans(), { services: run.services, ports: servers.ready }, run);
  },
  postgres: async (run) => {
    await preparePostgres(run.services);
    await runPlans([...postgresPlans(hasBun()), ...volumePlans()], { services: run.services, ports: {} }, run);
  },
  redis: async (run) => {
    await prepareRedis(run.services);
    await runPlans(redisPlans(hasBun()), { services: run.services, ports: {} }, run);
    await using proxy = await startProxy(0, run.services, {});
    await runPlans(redisWritePlans(proxy), proxy, run);
  },
  smtp: async (run) => {
    await using sink = await startServer<Record<string, number>>("./smtp-sink.ts", {});
    const ports = sink.ready;
    await using proxy = await startProxy(ONE_WAY_MS, run.services, ports);
    await runPlans(smtpPlans("loopback"), { services: run.services, ports }, run);
    await runPlans(smtpPlans("20 ms round trip"), proxy, run);
    await runPlans(composingPlans(), { services: run.services, ports }, run);
  },
  connect: async (run) => {
    await Promise.all([preparePostgres(run.services), prepareRedis(run.services)]);
    await using sink = await startServer<Record<string, number>>("./smtp-sink.ts", {});
    const ports = sink.ready;
    await using slow = await startProxy(ONE_WAY_MS, run.services, ports);
    await using fast = await startProxy(0, run.services, ports);
    await runPlans(firstResultPlans(slow), slow, run);
    await runPlans(distinctPlans(slow), slow, run);
    await runPlans(operationPlans(fast), fast, run);
  },
  durable: async (run) => {
    await Promise.all([preparePostgres(run.services), prepareRedis(run.services)]);
    const bouncer = await pgBouncer(run);
    try {
      const ports = bouncer === undefined ? undefined : { bouncer: bouncer.pgbouncer.port };
      const target = { services: run.services, ports: ports ?? {} };
      await runPlans(strategyPlans("loopback", ports !== undefined), target, run);
      await using slow = await startProxy(HALF_ONE_WAY_MS, run.services, ports ?? {});
      await runPlans(strategyPlans("10 ms round trip", ports !== undefined), slow, run);
      await runPlans(durableRedisPlans(), target, run);
      await runPlans(overloadPlans(), target, run);
    } finally {
      await bouncer?.stop();
    }
  },
  sizes: ({ only, report }) => measureSizes(only, report),
  workerd: async (run) => {
    await Promise.all([preparePostgres(run.services), prepareRedis(run.services)]);
    await runPlans(workerdPlans(), { services: run.services, ports: {} }, run);
  },
};

/** With as many backends as the pool has connections. Where there is none to be had, it is left out. */
async function pgBouncer({
  services,
  say,
}: AreaRun): Promise<Awaited<ReturnType<typeof startPgBouncerAlone>> | undefined> {
  try {
    return await startPgBouncerAlone(services, POOL_CONNECTIONS);
  } catch (error) {
    say(`left out: PgBouncer: ${(error as Error).message}`);
    return undefined;
  }
}

async function runPlans(plans: readonly Plan[], { services, ports }: Target, run: AreaRun): Promise<void> {
  if (!hasBun()) run.say("left out: Bun is not installed");
  for (const plan of plans) {
    if (run.only !== undefined && !plan.scenario.includes(run.only)) continue;
    for (const scenario of await carryOut(plan, { services, ports }, run.effort, run.say)) run.report(scenario);
  }
}
