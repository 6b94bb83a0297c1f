// iovalkey, the fork of ioredis for Valkey. Settings, from its README (github.com/valkey-io/iovalkey):
// `enableAutoPipelining: true`, its faster way; batches go by `pipeline()`.

import { Redis } from "iovalkey";
import type { Contestant } from "../harness/contestant.ts";
import { BATCH, KEY, LIST, trialOf, urlOf } from "./workload.ts";

export const contestant: Contestant = (scenario, { services }) =>
  trialOf(scenario, () => {
    const client = new Redis(urlOf(scenario, services), { enableAutoPipelining: true });
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
