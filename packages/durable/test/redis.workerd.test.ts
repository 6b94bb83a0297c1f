// The Redis pool object against a real server, in workerd: separate requests, one object.

import { exports } from "cloudflare:workers";
import { redis } from "@landline/redis";
import { expect, inject, test } from "vitest";
import type { RedisAsked } from "./redis-worker.ts";

const { url } = inject("services").redis;

interface Answered {
  readonly value?: unknown;
  readonly error?: Readonly<Record<string, unknown>>;
}

async function ask(
  name: string,
  asked: Omit<RedisAsked, "name" | "options"> & { readonly options?: Partial<RedisAsked["options"]> },
): Promise<Answered> {
  const options = { url, clientName: `pool-${name}`, ...asked.options };
  const body = JSON.stringify({ ...asked, name, options });
  const response = await exports.default.fetch("http://worker/redis", { method: "POST", body });
  return (await response.json()) as Answered;
}

/** Connections of an object, as the server sees them. */
async function connections(name: string): Promise<string[]> {
  await using kv = redis(url);
  const list = (await kv.call("CLIENT", "LIST")) as string;
  return list.split("\n").filter((line) => line.includes(` name=pool-${name} `));
}

async function eventually<T>(look: () => Promise<T>, good: (seen: T) => boolean): Promise<T> {
  const until = Date.now() + 8_000;
  for (;;) {
    const seen = await look();
    if (good(seen) || Date.now() > until) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("many commands of many requests share one connection, and each gets its own answer", async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => ask("shared", { act: "many", key: "shared", times: 200 })),
  );
  for (const answer of answers) expect(answer).toEqual({ value: 200 });
  expect(await connections("shared")).toHaveLength(1);
});

test("transactions of many requests go over it whole", async () => {
  await using kv = redis(url);
  await kv.del("multi");
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => ask("multi", { act: "multi", key: "multi", times: 10 })),
  );
  const pairs = answers.flatMap(({ value }) => value as [number, number][]);
  for (const [first, second] of pairs) expect(second).toBe(first + 1);
  expect(await kv.get("multi")).toBe("100");
  expect(await connections("multi")).toHaveLength(1);
});

test("what the server says no to crosses with its class, code and command", async () => {
  await ask("refused", { act: "many", key: "refused" });
  const { error } = await ask("refused", { act: "call", command: ["LPUSH", "refused", "x"] });
  expect(error).toMatchObject({ name: "RedisError", code: "WRONGTYPE", outcome: "refused", landline: true });
});

test("a blocking command has a connection of its own, which is used again", async () => {
  const options = { max: 1 };
  expect(await ask("block", { act: "block", key: "block", options })).toEqual({ value: ["block", "element"] });
  expect(await ask("block", { act: "block", key: "block", options })).toEqual({ value: ["block", "element"] });
  const { value } = await ask("block", { act: "stats", options });
  expect(value).toMatchObject({ shared: 1, created: 2 });
});

test("a reservation watches, and its connection comes back clean", async () => {
  const options = { max: 1 };
  const watched = { value: { code: "ABORTED", value: "changed" } };
  expect(await ask("watch", { act: "watch", key: "watch", options })).toEqual(watched);
  expect(await ask("watch", { act: "watch", key: "watch", options })).toEqual(watched);
});

test("subscriptions hear what is published", async () => {
  const listening = ask("sub", { act: "subscribe", key: "sub-news", times: 2 });
  await using kv = redis(url);
  let over = false;
  void listening.finally(() => (over = true));
  while (!over) {
    await kv.publish("sub-news", "hello");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(await listening).toEqual({ value: ["hello", "hello"] });
  const left = await eventually(
    () => connections("sub"),
    (found) => found.every((line) => line.includes(" sub=0 ")),
  );
  for (const line of left) expect(line).toContain(" sub=0 ");
});

test("a command that nobody knows goes, over a connection of its own", async () => {
  const { error } = await ask("unknown", { act: "call", command: ["NO.SUCH", "thing"] });
  expect(error).toMatchObject({ name: "RedisError", code: "ERR", outcome: "refused" });
  const { value } = await ask("unknown", { act: "stats" });
  expect(value).toMatchObject({ commands: 0 });
});

test("a server that is not there is a ConnectError, and unsent", async () => {
  const { error } = await ask("nowhere", { act: "call", options: { url: "redis://a:hidden@localhost:1" } });
  expect(error).toMatchObject({ name: "ConnectError", outcome: "unsent" });
  expect(JSON.stringify(error)).not.toContain("hidden");
});

test("an object that is reset, and a connection that is killed, leave nothing that hangs", async () => {
  await ask("killed", { act: "many", key: "killed" });
  await using kv = redis(url);
  const [line = ""] = await connections("killed");
  await kv.call("CLIENT", "KILL", "ID", /id=(\d+)/.exec(line)?.[1] ?? "");
  await eventually(
    () => connections("killed"),
    (found) => found.length === 0,
  );
  expect(await ask("killed", { act: "many", key: "killed", times: 3 })).toEqual({ value: 3 });
  expect(await ask("killed", { act: "reset" })).toEqual({ value: "reset" });
  expect(await ask("killed", { act: "many", key: "killed", times: 3 })).toEqual({ value: 3 });
});

test("idle connections are closed, so that the object can hibernate", async () => {
  await ask("asleep", { act: "many", key: "asleep", options: { pool: { idleTimeout: 100 } } });
  const left = await eventually(
    () => connections("asleep"),
    (found) => found.length === 0,
  );
  expect(left).toEqual([]);
});
