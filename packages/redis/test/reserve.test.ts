// Commands that block, and connections of one's own, against the real server.

import { describe, expect, inject, it } from "vitest";
import { RedisError, redis } from "../src/index.ts";

const { redis: server } = inject("services");
const key = (): string => `reserve:${crypto.randomUUID()}`;

describe.each([3, 2] as const)("RESP%i", (protocol) => {
  it("does not hold up others while a command blocks", async () => {
    await using kv = redis(server.url, { protocol });
    const [list, sorted, stream] = [key(), key(), key()];
    const blocked = Promise.all([
      kv.blpop(list, 0),
      kv.bzpopmin(sorted, 0),
      kv.xread("BLOCK", 0, "STREAMS", stream, "$"),
      kv.call("BRPOP", `${list}2`, 0),
    ]);
    expect(await kv.ping("meanwhile")).toBe("meanwhile");
    await using other = redis(server.url);
    const push = async (): Promise<void> => {
      // XREAD must be waiting before the entry comes.
      while (!/ flags=b[^\n]* cmd=xread /.test(await other.client("LIST"))) await other.ping();
      await Promise.all([
        other.rpush(list, "a"),
        other.zadd(sorted, 1.5, "m"),
        other.xadd(stream, "1-1", "f", "v"),
        other.rpush(`${list}2`, "b"),
      ]);
    };
    const [results] = await Promise.all([blocked, push()]);
    expect(results).toEqual([[list, "a"], [sorted, "m", 1.5], { [stream]: [["1-1", ["f", "v"]]] }, [`${list}2`, "b"]]);
  });

  it("waits as long as the command says, and then tells that nothing came", async () => {
    await using kv = redis(server.url, { protocol, commandTimeout: 1_000 });
    expect(await kv.blpop(key(), 0.01)).toBeNull();
    expect(await kv.bzmpop(0.01, 1, key(), "MIN")).toBeNull();
    expect(await kv.xread("BLOCK", 10, "STREAMS", key(), "$")).toBeNull();
    await expect(kv.call("BLPOP", key(), "soon")).rejects.toBeInstanceOf(RedisError);
  });

  it("gives a blocked command up with its signal, and pops nothing for it any more", async () => {
    const clientName = `stop-${crypto.randomUUID()}`;
    await using kv = redis(server.url, { protocol, clientName });
    const blocked = async (): Promise<boolean> =>
      (await kv.client("LIST")).split("\n").some((line) => line.includes(clientName) && line.includes("cmd=blpop"));
    const list = key();
    const stop = new AbortController();
    const popped = kv.with({ signal: stop.signal }).blpop(list, 0);
    while (!(await blocked())) await kv.ping();
    const reason = new Error("enough");
    stop.abort(reason);
    await expect(popped).rejects.toBe(reason);
    while (await blocked()) await kv.ping();
    await kv.rpush(list, "kept");
    expect(await kv.lpop(list)).toBe("kept");
  });

  it("gives blocked commands up when the client ends", async () => {
    const kv = redis(server.url, { protocol });
    const popped = kv.blpop(key(), 0).catch((error: unknown) => error);
    await kv.ping();
    while (!(await kv.client("LIST")).includes("cmd=blpop")) await kv.ping();
    await kv.end();
    expect(await popped).toMatchObject({ name: "ClosedError", code: "CLOSED", outcome: "unknown" });
    await expect(kv.blpop(key(), 0)).rejects.toMatchObject({ code: expect.stringMatching(/CLOSED/) });
  });

  it("carries a transaction out only if what was watched has not changed", async () => {
    await using kv = redis(server.url, { protocol });
    const k = key();
    await kv.set(k, 1);
    await using own = await kv.reserve();
    expect(await own.watch(k)).toBe("OK");
    const next = Number(await own.get(k)) + 1;
    expect(await own.multi().set(k, next).get(k).exec()).toEqual(["OK", "2"]);
    await own.watch(k);
    await kv.set(k, 10);
    await expect(own.multi().set(k, 3).exec()).rejects.toMatchObject({ code: "ABORTED", outcome: "refused" });
    await own.watch(k);
    await kv.set(k, 11);
    await own.unwatch();
    expect(await own.multi().incr(k).exec()).toEqual([12]);
  });

  it("lends a connection again, with nothing watched", async () => {
    await using kv = redis(server.url, { protocol, pool: { max: 1 } });
    const k = key();
    const first = await kv.reserve();
    const id = await first.client("ID");
    await first.watch(k);
    first.release();
    first.release();
    await expect(first.ping()).rejects.toMatchObject({ code: "CLOSED", outcome: "unsent" });
    await kv.set(k, 1);
    await using second = await kv.reserve();
    expect(await second.client("ID")).toBe(id);
    expect(await second.multi().incr(k).exec()).toEqual([2]);
    await expect(kv.with({ timeout: 20 }).reserve()).rejects.toMatchObject({ code: "POOL_TIMEOUT" });
  });

  it("ends a reserved connection whose command is given up, and that one only", async () => {
    await using kv = redis(server.url, { protocol });
    await using own = await kv.reserve();
    const late = own.with({ timeout: 20 }).call("DEBUG", "SLEEP", "0.1");
    const behind = own.ping();
    await expect(late).rejects.toMatchObject({ name: "TimeoutError", outcome: "unknown" });
    await expect(behind).rejects.toMatchObject({ name: "ClosedError", outcome: "unknown" });
    await expect(own.ping()).rejects.toMatchObject({ outcome: "unsent" });
    expect(await kv.ping()).toBe("PONG");
  });

  it("waits for replicas on the connection that wrote", async () => {
    await using kv = redis(server.url, { protocol });
    await expect(kv.wait(0, 10)).rejects.toBeInstanceOf(TypeError);
    await using own = await kv.reserve();
    await own.set(key(), 1, "PX", 1000);
    expect(await own.wait(0, 10)).toBe(0);
    expect(await own.wait(1, 10)).toBe(0);
    expect(await own.with({ bytes: true }).echo("e")).toEqual(new TextEncoder().encode("e"));
    expect(await own.pipeline().echo("a").echo("b").exec()).toEqual(["a", "b"]);
    await expect(own.call("SELECT", 3)).rejects.toBeInstanceOf(TypeError);
    await expect(own.call("WATCH", "k")).rejects.toBeInstanceOf(TypeError);
  });
});
