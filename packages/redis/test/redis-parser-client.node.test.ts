// A client with redis-parser in the place of our decoder, against the real server.

import Parser from "redis-parser";
import { describe, expect, inject, it } from "vitest";
import { IntegerRangeError, redis } from "../src/index.ts";
import type { Redis } from "../src/index.ts";
import { redisParser } from "../src/redis-parser.ts";

const { redis: server } = inject("services");
const decoder = redisParser(Parser);
const key = (): string => `parser:${crypto.randomUUID()}`;

describe("redis(url, { decoder: redisParser(Parser) })", () => {
  it("speaks RESP2, and nothing else", async () => {
    await using kv = redis(server.url, { decoder });
    expect(await kv.client("INFO")).toContain("resp=2");
    expect(() => redis(server.url, { decoder, protocol: 3 })).toThrow(TypeError);
  });

  it("gives what our decoder gives", async () => {
    await using kv: Redis = redis(server.url, { decoder });
    await using ours: Redis = redis(server.url, { protocol: 2 });
    const [k, list, hash, sorted] = [key(), key(), key(), key()];
    await kv.set(k, "\uFEFFzéro\0€😀\r\n$5\r\nhello");
    await kv.rpush(list, "a", "", "é");
    await kv.hset(hash, "f", 1);
    await kv.zadd(sorted, 1.5, "m");
    const ask = (one: Redis): Promise<unknown> =>
      Promise.all([
        one.get(k),
        one.get(key()),
        one.lrange(list, 0, -1),
        one.lrange(key(), 0, -1),
        one.hgetall(hash),
        one.zrange(sorted, 0, -1, "WITHSCORES"),
        one.eval("return {1, {2, false, {'x'}}, redis.error_reply('MY own')}", 0),
        one.multi().incr(key()).get(k).exec(),
        one.pipeline().incr(k).get(k).exec(),
        one.with({ bytes: true }).get(k),
        one.with({ integers: "bigint" }).llen(list),
        one.with({ integers: "string" }).llen(list),
        one.incr(k).catch((error: unknown) => error),
      ]);
    expect(await ask(kv)).toEqual(await ask(ours));
  });

  it("never rounds an integer", async () => {
    await using kv = redis(server.url, { decoder });
    const k = key();
    await kv.set(k, 2n ** 53n);
    const error = await kv.incr(k).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IntegerRangeError);
    expect(error).toMatchObject({ value: 9007199254740993n });
    expect(await kv.with({ integers: "bigint" }).incr(k)).toBe(9007199254740994n);
  });

  it("carries large values whose chunks are recycled", async () => {
    await using kv = redis(server.url, { decoder });
    const k = key();
    const value = new Uint8Array(3_000_000).map((_, index) => index % 251);
    await kv.set(k, value, "PX", 60_000);
    expect((await kv.with({ bytes: true }).get(k))?.every((byte, index) => byte === index % 251)).toBe(true);
  });

  it("subscribes over a connection of its own", async () => {
    await using kv = redis(server.url, { decoder });
    const channel = key();
    await using news = kv.subscribe(channel);
    await news.ready;
    await kv.publish(channel, "hello");
    expect((await news.next()).value).toMatchObject({ channel, message: "hello" });
  });
});
