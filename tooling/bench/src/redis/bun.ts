// Bun's own client, Bun.RedisClient. Settings, from bun.com/docs/runtime/redis: `enableAutoPipelining: true` is the default
// ("The client automatically pipelines commands"), and the only way to send many at once.

import type { Contestant } from "../harness/contestant.ts";
import { BATCH, KEY, LIST, trialOf, urlOf } from "./workload.ts";

interface BunRedis {
  connect(): Promise<unknown>;
  get(key: string): Promise<string | null>;
  send(command: string, args: readonly string[]): Promise<readonly unknown[]>;
  close(): void;
}
declare const Bun: { RedisClient: new (url: string, options: object) => BunRedis };

export const contestant: Contestant = (scenario, { services }) =>
  trialOf(scenario, async () => {
    const client = new Bun.RedisClient(urlOf(scenario, services), { enableAutoPipelining: true });
    await client.connect();
    return {
      get: () => client.get(KEY),
      batch: () => {
        const replies: Promise<unknown>[] = [];
        for (let i = 0; i < BATCH; i++) replies.push(client.get(KEY));
        return Promise.all(replies);
      },
      range: () => client.send("LRANGE", [LIST, "0", "-1"]),
      close: () => client.close(),
    };
  });
