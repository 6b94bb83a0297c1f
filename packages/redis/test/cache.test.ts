// Client-side caching, against the real server: what one client remembers, and what another's writes do to it.

import { describe, expect, inject, it } from "vitest";
import { clientCache } from "../src/cache.ts";
import { redis } from "../src/index.ts";
import type { Redis } from "../src/index.ts";

const { redis: server } = inject("services");
const key = (): string => `cache:${crypto.randomUUID()}`;
const FOR = { cacheFor: 60_000 };

/** Whether a read was answered without a round trip: before a PING that was sent before it. */
async function isLocal(kv: Redis, read: () => Promise<unknown>): Promise<boolean> {
  let back = false;
  const ping = kv.ping().then(() => (back = true));
  await read();
  const local = !back;
  await ping;
  return local;
}

/** Reads until there is the new value: the server's word of a change may come behind its reply to whoever made it. */
async function until<T>(kv: Redis, read: () => Promise<T>, wanted: T): Promise<void> {
  while ((await read()) !== wanted) await kv.ping();
}

describe("the client's cache", () => {
  it("asks the server once, and again when another client has written", async () => {
    await using kv = redis(server.url, { cache: clientCache() });
    await using other = redis(server.url);
    const k = key();
    await other.set(k, "one");
    const view = kv.with(FOR);
    expect(await view.get(k)).toBe("one");
    expect(await isLocal(kv, () => view.get(k))).toBe(true);
    expect(await isLocal(kv, () => kv.get(k))).toBe(false);
    await other.set(k, "two");
    await until(kv, () => view.get(k), "two");
    await other.del(k);
    await until(kv, () => view.get(k), null);
    // Its own writes, too.
    await kv.set(k, "three");
    await until(kv, () => view.get(k), "three");
    expect(await kv.get(k)).toBe("three");
  });

  it("keeps no value longer than the key has to live, or the view trusts it", async () => {
    await using kv = redis(server.url, { cache: clientCache() });
    const [short, untracked] = [key(), key()];
    const view = kv.with(FOR);
    await kv.set(short, "v", "PX", 60);
    expect(await view.get(short)).toBe("v");
    await until(kv, () => view.get(short), null);
    await kv.set(untracked, "v");
    const brief = kv.with({ cacheFor: 1 });
    expect(await brief.get(untracked)).toBe("v");
    const before = Date.now();
    while (Date.now() - before < 3);
    expect(await isLocal(kv, () => brief.get(untracked))).toBe(false);
  });

  it("forgets everything when the connection is lost, and when all keys are deleted", async () => {
    const clientName = `cache-${crypto.randomUUID()}`;
    await using kv = redis(`${server.url}/7`, { clientName, cache: clientCache() });
    await using admin = redis(`${server.url}/7`);
    const k = key();
    const view = kv.with(FOR);
    await admin.set(k, "one");
    expect(await view.get(k)).toBe("one");
    const id = (await kv.client("ID")) as number;
    await admin.client("KILL", "ID", id);
    await admin.set(k, "two");
    await until(kv, () => view.get(k), "two");
    await admin.flushdb();
    await until(kv, () => view.get(k), null);
  });

  it("gives each reader a value of his own, in his form", async () => {
    await using kv = redis(server.url, { cache: clientCache() });
    const [list, hash] = [key(), key()];
    await kv.rpush(list, "a", "b");
    await kv.hset(hash, "f", "v");
    const view = kv.with(FOR);
    const first = await view.lrange(list, 0, -1);
    first.push("mine");
    expect(await view.lrange(list, 0, -1)).toEqual(["a", "b"]);
    const bytes = view.with({ bytes: true });
    const [one] = await bytes.lrange(list, 0, -1);
    one![0] = 0x7a;
    expect(await bytes.lrange(list, 0, 0)).toEqual([new TextEncoder().encode("a")]);
    expect(await view.hgetall(hash)).toEqual({ f: "v" });
    expect(await view.hgetall(hash)).toEqual({ f: "v" });
    await expect(view.lrange(hash, 0, -1)).rejects.toMatchObject({ code: "WRONGTYPE", command: "LRANGE" });
    expect(await view.ping()).toBe("PONG");
    expect(await view.llen(list)).toBe(2);
    expect(await view.with({ integers: "bigint" }).llen(list)).toBe(2n);
  });

  it("has bounds", async () => {
    await using kv = redis(server.url, { cache: clientCache({ maxEntries: 2, maxBytes: 4_096 }) });
    const names = [key(), key(), key()];
    const view = kv.with(FOR);
    for (const name of names) await kv.set(name, "v");
    for (const name of names) await view.get(name);
    const large = key();
    await kv.set(large, "x".repeat(4_000));
    await view.get(large);
    expect(await isLocal(kv, () => view.get(names[2]!))).toBe(true);
    expect(await isLocal(kv, () => view.get(names[1]!))).toBe(true);
    // It had made room for the third; and the large one was never kept.
    expect(await isLocal(kv, () => view.get(names[0]!))).toBe(false);
    expect(await isLocal(kv, () => view.get(large))).toBe(false);
    expect(() => clientCache({ maxEntries: 0 })).toThrow(TypeError);
    expect(() => kv.with({ cacheFor: 0 })).toThrow(TypeError);
  });

  it("leaves the reads to the server in RESP2", async () => {
    const k = key();
    await using kv = redis(server.url, { protocol: 2, cache: clientCache() });
    await kv.set(k, "one");
    const view = kv.with(FOR);
    expect(await view.get(k)).toBe("one");
    await kv.set(k, "two");
    expect(await view.get(k)).toBe("two");
  });

  it("takes deadlines, signals and the end of the client as any command does", async () => {
    const kv = redis(server.url, { cache: clientCache() });
    const k = key();
    await kv.set(k, "v");
    const view = kv.with(FOR);
    expect(await view.get(k)).toBe("v");
    const signal = AbortSignal.abort(new Error("too late"));
    await expect(view.with({ signal }).get(k)).rejects.toBe(signal.reason);
    await expect(view.get({} as unknown as string)).rejects.toBeInstanceOf(TypeError);
    await kv.end();
    await expect(view.get(k)).rejects.toMatchObject({ code: "CLOSED" });
  });
});
