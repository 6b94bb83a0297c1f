// @landline/redis with its defaults.

import { redis } from "@landline/redis";
import type { Contestant } from "../harness/contestant.ts";
import { BATCH, KEY, LIST, trialOf, urlOf } from "./workload.ts";

export const contestant: Contestant = (scenario, { services }) =>
  trialOf(scenario, () => {
    const kv = redis(urlOf(scenario, services));
    return {
      get: () => kv.get(KEY),
      batch: () => {
        const pipeline = kv.pipeline();
        for (let i = 0; i < BATCH; i++) pipeline.get(KEY);
        return pipeline.exec() as Promise<readonly unknown[]>;
      },
      range: () => kv.lrange(LIST, 0, -1),
      close: () => kv.end(),
    };
  });
