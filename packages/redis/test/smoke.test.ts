// What a user tries first, on every runtime: those without vitest run this file as it is.

import { expect, inject, test } from "vitest";
import { redis, RedisError } from "../src/index.ts";
import { clientCache } from "../src/cache.ts";

const { redis: server } = inject("services");
const key = (): string => `smoke:${crypto.randomUUID()}`;

test.each([
  ["RESP3", server.url, 3],
  ["RESP2", server.url, 2],
  ["RESP3 over TLS", server.tlsUrl, 3],
  ["RESP2 over TLS", server.tlsUrl, 2],
] as const)("commands, batches and errors: %s", async (_name, url, protocol) => {
  await using kv = redis(url, { protocol });
  const [text, bytes, counter] = [key(), key(), key()];
  expect(await kv.set(text, "zéro\0€😀", "PX", 60_000)).toBe("OK");
  expect(await kv.get(text)).toBe("zéro\0€😀");
  const value = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);
  await kv.set(bytes, value, "PX", 60_000);
  expect((await kv.with({ bytes: true }).get(bytes))?.every((byte, index) => byte === index % 251)).toBe(true);
  const numbers = await Promise.all(Array.from({ length: 500 }, () => kv.incr(counter)));
  expect(numbers).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
  expect(await kv.multi().incr(counter).get(counter).exec()).toEqual([501, "501"]);
  const [wrong] = await kv.pipeline().lpush(counter, "x").exec();
  expect(wrong).toBeInstanceOf(RedisError);
  await expect(kv.call("NOSUCHCOMMAND")).rejects.toMatchObject({ outcome: "refused" });
  await kv.del(counter);
});

test("deadlines and aborts release the caller and keep the order", async () => {
  await using kv = redis(server.url);
  const name = key();
  await kv.ping();
  const stop = new AbortController();
  const slow = kv.with({ signal: stop.signal }).call("DEBUG", "SLEEP", "0.1");
  const late = kv.with({ timeout: 10 }).get(name);
  const next = kv.incr(name);
  stop.abort(new Error("enough"));
  await expect(slow).rejects.toBe(stop.signal.reason);
  await expect(late).rejects.toMatchObject({ code: "TIMEOUT" });
  expect(await next).toBe(1);
  await kv.del(name);
});

test("blocking commands, subscriptions and the cache", async () => {
  await using kv = redis(server.url, { cache: clientCache() });
  const [list, channel] = [key(), key()];
  const popped = kv.blpop(list, 5);
  await kv.rpush(list, "v");
  expect(await popped).toEqual([list, "v"]);
  await using news = kv.subscribe(channel);
  await news.ready;
  await kv.publish(channel, "hello");
  expect((await news.next()).value).toEqual({ type: "message", channel, message: "hello" });
  const cached = kv.with({ cacheFor: 60_000 });
  expect(await cached.get(list)).toBeNull();
  expect(await cached.get(list)).toBeNull();
});

test("a lost connection is replaced", async () => {
  await using kv = redis(server.url);
  await using admin = redis(server.url);
  await admin.client("KILL", "ID", await kv.client("ID"));
  expect(await kv.ping()).toBe("PONG");
});

test("nobody there, and a wrong password", async () => {
  await using none = redis("redis://localhost:1");
  await expect(none.ping()).rejects.toMatchObject({ name: "ConnectError", outcome: "unsent" });
  await using wrong = redis(server.url, { password: "not it" });
  await expect(wrong.ping()).rejects.toMatchObject({ code: "WRONGPASS", outcome: "refused" });
});
