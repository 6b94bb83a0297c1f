// hono-rate-limiter and rate-limit-redis on our client.

import { Hono } from "hono";
import { RedisStore as HonoStore, rateLimiter } from "hono-rate-limiter";
import { RedisStore as ExpressStore } from "rate-limit-redis";
import { afterAll, expect, inject, test } from "vitest";
import { rateLimitClient } from "../../src/adapters/rate-limit.ts";
import { redis } from "../../src/index.ts";

const kv = redis(inject("services").redis.url);
const client = rateLimitClient(kv);
afterAll(() => kv.end());

test("hono-rate-limiter lets through what it may", async () => {
  const app = new Hono();
  app.use(
    rateLimiter({
      windowMs: 60_000,
      limit: 2,
      standardHeaders: "draft-6",
      keyGenerator: (c) => c.req.header("x-who") ?? "",
      store: new HonoStore({ client, prefix: `hono-${crypto.randomUUID()}:` }),
    }),
  );
  app.get("/", (c) => c.text("hello"));
  const ask = async (who: string): Promise<number> => (await app.request("/", { headers: { "x-who": who } })).status;
  expect([await ask("a"), await ask("a"), await ask("a"), await ask("b")]).toEqual([200, 200, 429, 200]);
});

test("rate-limit-redis counts, counts down, resets, and survives a flush of its scripts", async () => {
  const store = new ExpressStore({ sendCommand: client.sendCommand, prefix: `express-${crypto.randomUUID()}:` });
  await store.init({ windowMs: 60_000 } as Parameters<typeof store.init>[0]);
  expect([await store.increment("k"), await store.increment("k")]).toMatchObject([{ totalHits: 1 }, { totalHits: 2 }]);
  await store.decrement("k");
  expect(await store.get("k")).toMatchObject({ totalHits: 1 });
  await kv.script("FLUSH");
  expect(await store.increment("k")).toMatchObject({ totalHits: 2, resetTime: expect.any(Date) });
  await store.resetKey("k");
  expect(await store.increment("k")).toMatchObject({ totalHits: 1 });
});
