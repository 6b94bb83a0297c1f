// unstorage on our driver.

import { createStorage, prefixStorage, type StorageValue } from "unstorage";
import { afterAll, expect, inject, test } from "vitest";
import { unstorageDriver } from "../../src/adapters/unstorage.ts";
import { redis } from "../../src/index.ts";

const kv = redis(inject("services").redis.url);
const base = `un*storage[${crypto.randomUUID()}]`;
const storage = createStorage({ driver: unstorageDriver(kv, { base }) });

afterAll(async () => {
  await storage.clear();
  await storage.dispose();
  await kv.end();
});

test("keeps, tells and forgets items", async () => {
  expect(await storage.getItem("a:b")).toBeNull();
  await storage.setItem("a:b", { n: 1, list: ["ä", null] });
  await storage.setItem("a:text", "plain");
  expect(await storage.getItem("a:b")).toEqual({ n: 1, list: ["ä", null] });
  expect(await storage.getItem("a:text")).toBe("plain");
  expect([await storage.hasItem("a:b"), await storage.hasItem("a:c")]).toEqual([true, false]);
  await storage.removeItem("a:b");
  expect(await storage.hasItem("a:b")).toBe(false);
});

test("several at once", async () => {
  await storage.setItems<StorageValue>([
    { key: "m:1", value: { n: 1 } },
    { key: "m:2", value: "two" },
  ]);
  expect(await storage.getItems(["m:1", "m:2", "m:3"])).toEqual([
    { key: "m:1", value: { n: 1 } },
    { key: "m:2", value: "two" },
    { key: "m:3", value: null },
  ]);
  expect(await storage.getItems([])).toEqual([]);
});

test("bytes as they are", async () => {
  await storage.setItemRaw("raw", Uint8Array.of(0, 255, 13, 10));
  expect(await storage.getItemRaw("raw")).toEqual(Uint8Array.of(0, 255, 13, 10));
  expect(await storage.getItemRaw("nothing")).toBeNull();
});

test("lists and clears what is under a base, and nothing beside it", async () => {
  await kv.set(`${base.replace("*", "X")}:foreign`, "stays", "EX", 60);
  await storage.clear();
  const users = prefixStorage(storage, "users");
  await users.setItem("1", "x");
  await users.setItem("2:deep", "y");
  await storage.setItem("other", "z");
  expect((await storage.getKeys()).toSorted()).toEqual(["other", "users:1", "users:2:deep"]);
  expect((await users.getKeys()).toSorted()).toEqual(["1", "2:deep"]);
  await storage.getMount().driver.clear?.("users:", {});
  expect(await storage.getKeys()).toEqual(["other"]);
  expect(await kv.get(`${base.replace("*", "X")}:foreign`)).toBe("stays");
});

test("times to live are the server's", async () => {
  await storage.setItem("short", "x", { ttl: 60 });
  expect(await kv.ttl(`${base}:short`)).toBeGreaterThan(50);
  const brief = createStorage({ driver: unstorageDriver(kv, { base, ttl: 30 }) });
  await brief.setItem("brief", "x");
  expect(await kv.ttl(`${base}:brief`)).toBeLessThanOrEqual(30);
  expect(() => unstorageDriver(kv, { ttl: -1 })).toThrow(TypeError);
});
