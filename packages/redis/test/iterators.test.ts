// Scripts, scans and consumer groups, against the real server.

import { describe, expect, inject, it } from "vitest";
import { redis, script } from "../src/index.ts";
import type { Entry, Redis } from "../src/index.ts";

const { redis: server } = inject("services");
const key = (): string => `iterators:${crypto.randomUUID()}`;

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe.each([3, 2] as const)("RESP%i", (protocol) => {
  const open = (): Redis => redis(server.url, { protocol });

  describe("scripts", () => {
    it("are sent once, and again where the server has forgotten them", async () => {
      await using kv = open();
      const [name, list] = [key(), key()];
      const text = `return {redis.call('INCRBY', KEYS[1], ARGV[1]), '${name}'}`;
      const add = script(text);
      await expect(kv.evalsha(await add.sha(), 1, name, 1)).rejects.toMatchObject({ code: "NOSCRIPT" });
      expect(await kv.run(add, [name], [5])).toEqual([5, name]);
      expect(await kv.evalsha(await add.sha(), 1, name, 1)).toEqual([6, name]);
      expect(await kv.run(add, [name], [1])).toEqual([7, name]);
      expect(await kv.script("EXISTS", await add.sha())).toEqual([1]);
      expect(await kv.multi().run(add, [name], [1]).rpush(list, "x").exec()).toEqual([[8, name], 1]);
      const fresh = script(`return '${key()}'`, { readonly: true });
      const [alone, error] = await kv.pipeline().run(fresh).run(script("return redis.call('GET')")).exec();
      expect(alone).toContain("iterators:");
      expect(error).toMatchObject({ name: "RedisError", command: "EVAL" });
      expect(await kv.run(fresh)).toBe(alone);
    });

    it("go by their hash in a pipeline too, and again, whole, where the server has forgotten them", async () => {
      const clientName = `scripts-${crypto.randomUUID()}`;
      await using kv = redis(server.url, { protocol, clientName });
      const name = key();
      const add = script(`return {redis.call('INCRBY', KEYS[1], ARGV[1]), '${name}'}`);
      const look = script(`return redis.call('GET', KEYS[1]) .. '${name}'`, { readonly: true });
      const lastCommand = async (): Promise<unknown> => {
        await using admin = redis(server.url);
        return /cmd=(\S+)/.exec(
          (await admin.client("LIST")).split("\n").find((line) => line.includes(clientName))!,
        )?.[1];
      };
      expect(await kv.pipeline().run(add, [name], [1]).get(name).exec()).toEqual([[1, name], "1"]);
      expect(await kv.pipeline().get(name).run(add, [name], [1]).exec()).toEqual(["1", [2, name]]);
      expect(await lastCommand()).toBe("evalsha");
      await kv.script("FLUSH");
      const replies = await kv.pipeline().run(add, [name], [1]).get(name).run(look, [name]).exec();
      expect(replies).toEqual([[3, name], "2", `2${name}`]);
      expect(await lastCommand()).toBe("eval");
      expect(await kv.pipeline().run(add, [name], [1]).run(look, [name]).exec()).toEqual([[4, name], `4${name}`]);
      await kv.script("FLUSH");
      // A transaction has no second try, and sends the whole.
      expect(await kv.multi().run(add, [name], [1]).get(name).exec()).toEqual([[5, name], "5"]);
    });

    it("run once, whatever they answer", async () => {
      await using kv = open();
      const name = key();
      const failing = script("redis.call('INCR', KEYS[1]) return redis.error_reply('NOSCRIPT of my own')");
      await expect(kv.run(failing, [name])).rejects.toMatchObject({ code: "NOSCRIPT" });
      await expect(kv.run(failing, [name])).rejects.toMatchObject({ code: "NOSCRIPT" });
      expect(await kv.get(name)).toBe("2");
      const writing = script("return redis.call('INCR', KEYS[1])", { readonly: true });
      await expect(kv.run(writing, [name])).rejects.toMatchObject({ name: "RedisError" });
      await expect(kv.run(writing, [{} as unknown as string])).rejects.toBeInstanceOf(TypeError);
      expect(() => script("")).toThrow(TypeError);
    });

    it("may be functions of the server", async () => {
      await using kv = open();
      const library = `lib${crypto.randomUUID().replaceAll("-", "")}`;
      const code = `#!lua name=${library}\nredis.register_function{function_name='${library}', callback=function(keys, args) return {keys[1], args[1]} end, flags={'no-writes'}}`;
      expect(await kv.function("LOAD", code)).toBe(library);
      expect(await kv.fcall(library, 1, "k", "a")).toEqual(["k", "a"]);
      expect(await kv.fcall_ro(library, 1, "k", "b")).toEqual(["k", "b"]);
      const [told] = await kv.function("LIST", "LIBRARYNAME", library, "WITHCODE");
      expect(told).toMatchObject({ library_name: library, library_code: code, functions: [{ name: library }] });
      expect(await kv.function("DELETE", library)).toBe("OK");
    });
  });

  describe("scans", () => {
    it("yield everything", async () => {
      await using kv = open();
      const prefix = key();
      const names = Array.from({ length: 250 }, (_, index) => `${prefix}:${index}`);
      await kv.mset(names[0]!, 0, ...names.slice(1).flatMap((name) => [name, 0]));
      const [hash, set, sorted] = [`${prefix}:h`, `${prefix}:s`, `${prefix}:z`];
      await kv.hset(hash, "f", 0, ...names.flatMap((name) => [name, "v"]));
      await kv.sadd(set, "m", ...names);
      await kv.zadd(sorted, 1.5, "m", ...names.flatMap((name, index) => [index, name]));
      const options = { match: `${prefix}*`, count: 20 };
      const found = await collect(kv.scanIterator({ ...options, type: "string" }));
      expect([...new Set(found)].toSorted()).toEqual(names.toSorted());
      expect(new Map(await collect(kv.hscanIterator(hash)))).toEqual(
        new Map([["f", "0"], ...names.map((name) => [name, "v"] as const)]),
      );
      expect(new Set(await collect(kv.sscanIterator(set, options)))).toEqual(new Set(names));
      expect(new Map(await collect(kv.zscanIterator(sorted, { count: 7 })))).toEqual(
        new Map([["m", 1.5], ...names.map((name, index) => [name, index] as const)]),
      );
      expect(await collect(kv.sscanIterator(key()))).toEqual([]);
      await expect(collect(kv.sscanIterator(hash))).rejects.toMatchObject({ code: "WRONGTYPE" });
      const bytes = await collect(kv.with({ bytes: true }).zscanIterator(sorted, { match: "m" }));
      expect(bytes).toEqual([[new TextEncoder().encode("m"), 1.5]]);
      for await (const name of kv.scanIterator(options)) {
        expect(name.startsWith(prefix)).toBe(true);
        break;
      }
    });
  });

  describe("groups", () => {
    it("yield what is new, and what was not acknowledged again to the next of its name", async () => {
      await using kv = open();
      const stream = key();
      for (let index = 1; index <= 5; index++) await kv.xadd(stream, `${index}-0`, "n", index, "__proto__", "p");
      const seen: string[] = [];
      for await (const entry of kv.group(stream, "g", "a", { create: "0", count: 2 })) {
        seen.push(entry.id);
        expect(Object.entries(entry.fields)).toEqual([
          ["n", entry.id.slice(0, 1)],
          ["__proto__", "p"],
        ]);
        if (entry.id !== "2-0") await entry.ack();
        if (entry.id === "3-0") break;
      }
      expect(seen).toEqual(["1-0", "2-0", "3-0"]);
      await kv.xdel(stream, "2-0");
      const again: string[] = [];
      for await (const entry of kv.group(stream, "g", "a", { create: "0" })) {
        again.push(entry.id);
        await entry.ack();
        if (again.length === 2) break;
      }
      expect(again).toEqual(["4-0", "5-0"]);
      // What had been deleted was acknowledged on the way.
      expect((await kv.xpending(stream, "g"))[0]).toBe(0);
    });

    it("take over what another consumer has abandoned, and wait for what is new", async () => {
      await using kv = open();
      const stream = key();
      await kv.xadd(stream, "1-0", "f", "v");
      for await (const entry of kv.group(stream, "g", "gone", { create: "0" })) {
        expect(entry.id).toBe("1-0");
        break;
      }
      const stop = new AbortController();
      const consumer = kv
        .with({ bytes: true, signal: stop.signal })
        .group(stream, "g", "b", { claimIdle: 1, block: 20 });
      const claimed = (await consumer.next()).value as Entry<Map<Uint8Array, Uint8Array>>;
      expect(claimed.id).toBe("1-0");
      expect([...claimed.fields.values()]).toEqual([new TextEncoder().encode("v")]);
      await claimed.ack();
      const waiting = consumer.next();
      await kv.xadd(stream, "2-0", "f", "w");
      expect((await waiting).value).toMatchObject({ id: "2-0" });
      const never = consumer.next();
      stop.abort(new Error("enough"));
      await expect(never).rejects.toBe(stop.signal.reason);
      expect((await consumer.next()).done).toBe(true);
    });

    it("go on after a lost connection, and lose nothing", async () => {
      const clientName = `group-${crypto.randomUUID()}`;
      await using kv = redis(server.url, { protocol, clientName });
      await using admin = redis(server.url);
      const stream = key();
      const consumer = kv.group(stream, "g", "c", { create: "$" });
      const first = consumer.next();
      const blocked = async (): Promise<string | undefined> => {
        const lines = (await admin.client("LIST")).split("\n");
        const line = lines.find((one) => one.includes(clientName) && one.includes("cmd=xreadgroup"));
        return /^id=(\d+)/.exec(line ?? "")?.[1];
      };
      let id = await blocked();
      while (id === undefined) id = await blocked();
      await admin.client("KILL", "ID", id);
      await admin.xadd(stream, "1-0", "f", "v");
      expect((await first).value).toMatchObject({ id: "1-0", fields: { f: "v" } });
      await admin.xadd(stream, "2-0", "f", "v");
      expect((await consumer.next()).value).toMatchObject({ id: "2-0" });
      await consumer.return();
      expect((await kv.xpending(stream, "g"))[0]).toBe(2);
    });

    it("tell that there is no such group", async () => {
      await using kv = open();
      await expect(kv.group(key(), "g", "c").next()).rejects.toMatchObject({ code: "NOGROUP" });
    });
  });
});
