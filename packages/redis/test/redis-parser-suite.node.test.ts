// Every suite that speaks RESP2 to the real server, once more with redis-parser in the place of our decoder.

import Parser from "redis-parser";
import { vi } from "vitest";
import type * as Index from "../src/index.ts";
import type { RedisOptions } from "../src/index.ts";

vi.mock("../src/index.ts", async (original) => {
  const real = await original<typeof Index>();
  const { redisParser } = await import("../src/redis-parser.ts");
  const decoder = redisParser(Parser);
  // In bytes its status lines are bytes too, as its documentation says; our own suite of it tells.
  const own = (options: RedisOptions = {}): RedisOptions =>
    options.protocol === 2 && options.bytes !== true ? { ...options, decoder } : options;
  const redis = (target: string | RedisOptions, options?: RedisOptions): unknown =>
    typeof target === "string" ? real.redis(target, own(options)) : real.redis(own({ ...target, ...options }));
  return { ...real, redis };
});

await import("./redis.test.ts");
await import("./commands.test.ts");
await import("./iterators.test.ts");
await import("./reserve.test.ts");
await import("./subscribe.test.ts");
await import("./cases.test.ts");
