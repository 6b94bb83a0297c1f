// A value of 512 MiB, the largest that a server takes, out or in as bytes: how much memory the process takes meanwhile.

import { redis } from "@landline/redis";
import type { Contestant } from "../harness/contestant.ts";

const SIZE = 512 * 1024 * 1024;
const KEY = "bench:512MiB";
const PATIENT = { commandTimeout: 60_000 };

export const contestant: Contestant = async (scenario, { services: { redis: server } }) => {
  await using admin = redis(server.url, PATIENT);
  // The server makes it: it costs this process nothing.
  await admin.setrange(KEY, SIZE - 1, "x");
  const kv = redis(server.url, PATIENT);
  await kv.ping();
  return {
    async run() {
      const before = process.memoryUsage.rss();
      const start = performance.now();
      if (scenario === "large out") {
        // Filled, so that all of it is memory.
        await kv.set(KEY, new Uint8Array(SIZE).fill(0x78));
      } else {
        const value = await kv.with({ bytes: true }).get(KEY);
        if (value?.length !== SIZE) throw new Error(`got ${value?.length} bytes`);
      }
      const peak = process.resourceUsage().maxRSS * 1024 - before;
      return { operations: 1, elapsedMs: performance.now() - start, peak: peak / SIZE };
    },
    async close() {
      await kv.del(KEY);
      await kv.end();
    },
  };
};
