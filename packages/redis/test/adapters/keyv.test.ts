// Keyv on our store.

import Keyv from "keyv";
import { afterAll, expect, inject, test } from "vitest";
import { KeyvStore } from "../../src/adapters/keyv.ts";
import { redis } from "../../src/index.ts";

const kv = redis(inject("services").redis.url);
const namespace = `keyv-${crypto.randomUUID()}`;
const errors: unknown[] = [];

function cacheOf(name: string): Keyv {
  const keyv = new Keyv({ store: new KeyvStore(kv), namespace: name });
  keyv.on("error", (error: unknown) => errors.push(error));
  return keyv;
}

const cache = cacheOf(namespace);
afterAll(async () => {
  await cache.clear();
  await cache.disconnect();
  await kv.end();
});

test("keeps values of every kind", async () => {
  const value = { text: "ä\"'", n: 1.5, nested: [null, true] };
  expect(await cache.set("a", value)).toBe(true);
  expect(await cache.get("a")).toEqual(value);
  expect(await cache.get("missing")).toBeUndefined();
  expect([await cache.has("a"), await cache.has("missing")]).toEqual([true, false]);
  expect([await cache.delete("a"), await cache.delete("a")]).toEqual([true, false]);
});

test("several at once", async () => {
  await cache.setMany<unknown>([
    { key: "m1", value: 1 },
    { key: "m2", value: "two" },
  ]);
  expect(await cache.getMany(["m1", "m2", "m3"])).toEqual([1, "two", undefined]);
  expect(await cache.hasMany(["m1", "m3"])).toEqual([true, false]);
  await cache.deleteMany(["m1", "m2"]);
  expect(await cache.getMany(["m1", "m2"])).toEqual([undefined, undefined]);
});

test("deadlines are the server's, and a past one is no entry", async () => {
  await cache.set("short", "x", 60_000);
  expect(await kv.pttl(`${namespace}::short`)).toBeGreaterThan(50_000);
  const store = new KeyvStore(kv);
  store.namespace = namespace;
  await store.set("short", '"again"', Date.now() - 1);
  expect(await cache.get("short")).toBeUndefined();
});

test("a namespace is iterated and cleared alone", async () => {
  const other = cacheOf(`${namespace}-other`);
  await cache.set("mine", 1);
  await other.set("theirs", 2);
  const seen: unknown[] = [];
  for await (const entry of cache.iterator()) seen.push(entry);
  expect(seen).toEqual([["mine", 1]]);
  await cache.clear();
  expect([await cache.get("mine"), await other.get("theirs")]).toEqual([undefined, 2]);
  await other.clear();
});

test("without a namespace the database is not emptied by accident", async () => {
  await expect(new KeyvStore(kv).clear()).rejects.toThrow(/namespace/);
  await expect(new KeyvStore(kv).set("k", { not: "text" })).rejects.toThrow(TypeError);
});

test("nothing of all that was told as an error", () => {
  expect(errors).toEqual([]);
});
