// redis (node-redis). Settings, from its documentation (github.com/redis/node-redis, docs/client-configuration.md):
// "Auto-Pipelining" is always on; `RESP: 3`; batches by `multi().execAsPipeline()`.

import { createClient } from "redis";
import type { Contestant } from "../harness/contestant.ts";
import { BATCH, KEY, LIST, trialOf, urlOf } from "./workload.ts";

export const contestant: Contestant = (scenario, { services }) =>
  trialOf(scenario, async () => {
    const client = createClient({ url: urlOf(scenario, services), RESP: 3 });
    client.on("error", (error) => console.error(error));
    await client.connect();
    return {
      get: () => client.get(KEY),
      batch: () => {
        const multi = client.multi();
        for (let i = 0; i < BATCH; i++) multi.get(KEY);
        return multi.execAsPipeline();
      },
      range: () => client.lRange(LIST, 0, -1),
      close: () => client.destroy(),
    };
  });
