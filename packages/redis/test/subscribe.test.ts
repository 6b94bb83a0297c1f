// Subscriptions against the real server: in RESP3 beside the commands, in RESP2 on a connection of their own.

import { describe, expect, inject, it } from "vitest";
import { redis } from "../src/index.ts";
import type { Notice, Redis, Subscription } from "../src/index.ts";

const { redis: server } = inject("services");
const name = (): string => `news:${crypto.randomUUID()}`;

async function take(subscription: Subscription, count: number): Promise<Notice[]> {
  const notices: Notice[] = [];
  while (notices.length < count) {
    const { value, done } = await subscription.next();
    if (done === true) break;
    notices.push(value);
  }
  return notices;
}

async function clientIds(kv: Redis, clientName: string): Promise<string[]> {
  const list = await kv.client("LIST");
  const lines = list.split("\n").filter((line) => line.includes(` name=${clientName} `));
  return lines.map((line) => /^id=(\d+)/.exec(line)![1]!);
}

describe.each([
  ["RESP3", 3, 1],
  ["RESP2", 2, 2],
] as const)("%s", (_name, protocol, connections) => {
  it("yields what is published, in order, until the loop is left", async () => {
    await using kv = redis(server.url, { protocol });
    const channel = name();
    const subscription = kv.subscribe(channel);
    await subscription.ready;
    for (let index = 0; index < 100; index++) void kv.publish(channel, index);
    const heard: string[] = [];
    for await (const notice of subscription) {
      if (notice.type === "message") heard.push(`${notice.channel === channel} ${notice.message}`);
      if (heard.length === 100) break;
    }
    expect(heard).toEqual(Array.from({ length: 100 }, (_, index) => `true ${index}`));
    expect(await subscription.next()).toEqual({ done: true, value: undefined });
    await subscription.unsubscribe();
    expect(await kv.pubsub("NUMSUB", channel)).toEqual([channel, 0]);
  });

  it("takes no reply from a command, and gives none away", async () => {
    const clientName = `beside-${crypto.randomUUID()}`;
    await using kv = redis(server.url, { protocol, clientName });
    const [a, b] = [name(), name()];
    const asked = Array.from({ length: 50 }, async (_, index) => {
      const subscription = kv.subscribe(a, b, `${a}${index}`);
      const echo = await kv.echo(`${index}`);
      await subscription.ready;
      const gone = subscription.unsubscribe();
      const ping = await kv.ping(`after ${index}`);
      await gone;
      return [echo, ping];
    });
    await using all = kv.psubscribe(`${a}*`);
    await all.ready;
    expect(await clientIds(kv, clientName)).toHaveLength(connections);
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 50 }, (_, index) => [`${index}`, `after ${index}`]));
  });

  it("tells the pattern, and calls a function", async () => {
    await using kv = redis(server.url, { protocol });
    const channel = name();
    const heard: Notice[] = [];
    let enough!: () => void;
    const both = new Promise<void>((resolve) => (enough = resolve));
    const subscription = kv.psubscribe(`${channel}:?`, (notice) => {
      if (heard.push(notice) === 2) enough();
    });
    await subscription.ready;
    expect(await kv.publish(`${channel}:1`, "one")).toBe(1);
    await kv.publish(`${channel}:10`, "nobody");
    await kv.publish(`${channel}:2`, "two");
    await both;
    expect(heard).toEqual([
      { type: "message", pattern: `${channel}:?`, channel: `${channel}:1`, message: "one" },
      { type: "message", pattern: `${channel}:?`, channel: `${channel}:2`, message: "two" },
    ]);
  });

  it("carries bytes, in names too", async () => {
    await using kv = redis(server.url, { protocol });
    const channel = Uint8Array.of(0xff, 0, 13, 10, ...crypto.getRandomValues(new Uint8Array(8)));
    await using subscription = kv.with({ bytes: true }).subscribe(channel);
    await subscription.ready;
    const message = Uint8Array.from({ length: 256 }, (_, index) => index);
    await kv.publish(channel, message);
    expect((await subscription.next()).value).toEqual({ type: "message", channel, message });
  });

  it("shares a channel among subscribers, and leaves it with the last", async () => {
    await using kv = redis(server.url, { protocol });
    const channel = name();
    const [one, two] = [kv.subscribe(channel), kv.ssubscribe(channel)];
    const three = kv.subscribe(channel);
    await Promise.all([one.ready, two.ready, three.ready]);
    await one.unsubscribe();
    await kv.publish(channel, "all");
    await kv.spublish(channel, "shard");
    expect(await take(three, 1)).toMatchObject([{ message: "all" }]);
    expect(await take(two, 1)).toMatchObject([{ message: "shard" }]);
    await Promise.all([two.unsubscribe(), three.unsubscribe()]);
    expect(await kv.publish(channel, "nobody")).toBe(0);
    expect(await kv.spublish(channel, "nobody")).toBe(0);
  });

  it("drops the oldest for a slow reader, and says how many", async () => {
    await using kv = redis(server.url, { protocol });
    const channel = name();
    await using subscription = kv.with({ maxQueued: 2 }).subscribe(channel);
    await using last = kv.subscribe(channel);
    await last.ready;
    for (const message of ["1", "2", "3", "4", "5"]) await kv.publish(channel, message);
    await take(last, 5);
    expect(await take(subscription, 3)).toEqual([
      { type: "gap", reason: "overflow", missed: 3 },
      { type: "message", channel, message: "4" },
      { type: "message", channel, message: "5" },
    ]);
  });

  it("subscribes again after a lost connection, and tells of the gap", async () => {
    const clientName = `lost-${crypto.randomUUID()}`;
    await using kv = redis(server.url, { protocol, clientName });
    await using admin = redis(server.url);
    const channel = name();
    await using subscription = kv.subscribe(channel);
    await using pattern = kv.psubscribe(`${channel}*`);
    await Promise.all([subscription.ready, pattern.ready]);
    await kv.publish(channel, "before");
    for (const id of await clientIds(admin, clientName)) await admin.client("KILL", "ID", id);
    expect(await take(subscription, 2)).toMatchObject([{ message: "before" }, { type: "gap", reason: "reconnected" }]);
    expect(await take(pattern, 2)).toMatchObject([{ message: "before" }, { type: "gap", reason: "reconnected" }]);
    await admin.publish(channel, "after");
    expect(await take(subscription, 1)).toMatchObject([{ message: "after" }]);
    expect(await take(pattern, 1)).toMatchObject([{ message: "after" }]);
  });

  it("tells a refusal to the iterator, and leaves the connection as it was", async () => {
    const { username, password } = server.limited;
    await using kv = redis({ hostname: server.hostname, port: server.port, username, password, protocol });
    await using allowed = kv.subscribe(`limited:${name()}`);
    await allowed.ready;
    const refused = kv.subscribe(name());
    const refusal = { name: "RedisError", code: "NOPERM", command: "SUBSCRIBE" };
    await expect(refused.next()).rejects.toMatchObject(refusal);
    await expect(refused.ready).rejects.toMatchObject(refusal);
    expect((await refused.next()).done).toBe(true);
    expect(await kv.ping("still")).toBe("still");
  });

  it("ends with its signal, and with the client", async () => {
    const kv = redis(server.url, { protocol });
    const stop = new AbortController();
    const aborted = kv.with({ signal: stop.signal }).subscribe(name());
    const ended = kv.subscribe(name());
    await Promise.all([aborted.ready, ended.ready]);
    const waiting = aborted.next();
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toBe(stop.signal.reason);
    const last = ended.next();
    await kv.end();
    expect((await last).done).toBe(true);
    await expect(kv.subscribe(name()).next()).rejects.toMatchObject({ code: "CLOSED" });
    await expect(kv.with({ signal: stop.signal }).subscribe(name()).next()).rejects.toMatchObject({});
  });
});

it("refuses what is no channel before a byte is written", async () => {
  await using kv = redis(server.url);
  expect(() => kv.subscribe({} as unknown as string)).toThrow(TypeError);
  expect(() => (kv.subscribe as () => unknown)()).toThrow(TypeError);
  expect(() => kv.with({ maxQueued: 0 })).toThrow(TypeError);
});

it("tells that nobody is there, instead of waiting", async () => {
  await using kv = redis("redis://localhost:1");
  await expect(kv.subscribe("c").next()).rejects.toMatchObject({ name: "ConnectError" });
});
