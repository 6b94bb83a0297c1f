// What the compiler promises. Nothing here is sent: the types are checked by tsc, the calls are never made.

import { expectTypeOf, it } from "vitest";
import { redis } from "./index.ts";
import type { Redis, RedisError, Reply } from "./index.ts";

it("types replies by command, options and view", () => {
  const kv = redis("redis://localhost");
  expectTypeOf(kv).toExtend<Redis>();
  expectTypeOf(kv.get).returns.toEqualTypeOf<Promise<string | null>>();
  expectTypeOf(kv.call).returns.toEqualTypeOf<Promise<Reply>>();
  const view = kv.with({ bytes: true, integers: "bigint" });
  expectTypeOf(view.get).returns.toEqualTypeOf<Promise<Uint8Array | null>>();
  expectTypeOf(view.incr).returns.toEqualTypeOf<Promise<bigint>>();
  expectTypeOf(view.hgetall).returns.toEqualTypeOf<Promise<Map<Uint8Array, Uint8Array>>>();
  expectTypeOf(view.with({ bytes: false, timeout: 5 }).get).returns.toEqualTypeOf<Promise<string | null>>();
  expectTypeOf(view.with({ timeout: 5 }).incr).returns.toEqualTypeOf<Promise<bigint>>();
  expectTypeOf(redis({ hostname: "h", integers: "string" }).ttl).returns.toEqualTypeOf<Promise<string>>();
});

it("types options of commands, and the tuple of a batch", () => {
  const kv = redis("redis://localhost");
  const use = async (): Promise<void> => {
    expectTypeOf(await kv.set("k", "v", "EX", 10)).toEqualTypeOf<"OK">();
    expectTypeOf(await kv.set("k", 1, "NX", "PX", 10)).toEqualTypeOf<"OK" | null>();
    expectTypeOf(await kv.set("k", "v", "GET")).toEqualTypeOf<string | null>();
    expectTypeOf(await kv.zrange("k", 0, -1, "REV", "WITHSCORES")).toEqualTypeOf<[string, number][]>();
    expectTypeOf(await kv.zrange("k", 0, -1, "BYSCORE", "LIMIT", 0, 1)).toEqualTypeOf<string[]>();
    expectTypeOf(await kv.lpop("k", 2)).toEqualTypeOf<string[] | null>();
    const [n, v, scores] = await kv.multi().incr("n").get("k").zrange("z", 0, -1, "WITHSCORES").exec();
    expectTypeOf(n).toEqualTypeOf<number | RedisError>();
    expectTypeOf(v).toEqualTypeOf<string | null | RedisError>();
    expectTypeOf(scores).toEqualTypeOf<[string, number][] | RedisError>();
    expectTypeOf(await kv.zadd("z", "NX", "INCR", 1, "m")).toEqualTypeOf<number | null>();
    expectTypeOf(await kv.zadd("z", "NX", 1, "m", 2, "n")).toEqualTypeOf<number>();
    expectTypeOf(await kv.zpopmin("z", 2)).toEqualTypeOf<[string, number][]>();
    expectTypeOf((await kv.xinfo("STREAM", "s")).groups).toEqualTypeOf<number>();
    expectTypeOf((await kv.xinfo("STREAM", "s", "FULL")).groups[0]?.consumers).toExtend<unknown[] | undefined>();
    expectTypeOf(await kv.xread("COUNT", 1, "STREAMS", "s", 0)).toEqualTypeOf<Record<
      string,
      [string, string[]][]
    > | null>();
    expectTypeOf(await kv.config("GET", "max*")).toEqualTypeOf<Record<string, string>>();
    expectTypeOf(await kv.object("ENCODING", "k")).toEqualTypeOf<string | null>();
    // @ts-expect-error There is no such subcommand.
    await kv.object("ENCODINGS", "k");
    // @ts-expect-error The batch has three results.
    const [, , , none] = await kv.pipeline().incr("n").get("k").del("k").exec();
    expectTypeOf(none).toEqualTypeOf<undefined>();
    // @ts-expect-error A unit needs a time.
    await kv.set("k", "v", "EX");
    // @ts-expect-error An object is no value.
    await kv.set("k", { a: 1 });
    // @ts-expect-error No key at all.
    await kv.del();
  };
  expectTypeOf(use).returns.toEqualTypeOf<Promise<void>>();
});
