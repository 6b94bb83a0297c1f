// ioredis. Settings, from its README (github.com/redis/ioredis): `enableAutoPipelining` is off by default; ioredis-auto.ts
// turns it on ("Autopipelining": "performance can improve by 35-50%"). Batches go by `pipeline()`.

import { Redis } from "ioredis";
import type { Contestant } from "../harness/contestant.ts";
import { BATCH, KEY, LIST, trialOf, urlOf } from "./workload.ts";

/** ioredis with or without implicit pipelining. */
export function ioredisWith(enableAutoPipelining: boolean): Contestant {
  return (scenario, { services }) =>
    trialOf(scenario, () => {
      const client = new Redis(urlOf(scenario, services), { enableAutoPipelining });
      return {
        get: () => client.get(KEY),
        batch: async () => {
          const pipeline = client.pipeline();
          for (let i = 0; i < BATCH; i++) pipeline.get(KEY);
          return (await pipeline.exec()) ?? [];
        },
        range: () => client.lrange(LIST, 0, -1),
        close: () => client.quit(),
      };
    });
}

export const contestant: Contestant = ioredisWith(false);
