// The limiter, the cache and the board, in workerd against the real server.

import { env } from "cloudflare:workers";
import { redis } from "@landline/redis";
import { expect, onTestFinished, test } from "vitest";
import { BOARD, CHANNEL } from "../src/board.ts";
import { LIMIT, WINDOW, visitorOf } from "../src/limit.ts";
import { Visitor } from "./client.ts";
import type { Events } from "./client.ts";

interface Problem {
  readonly error: { readonly code: string };
}

const player = (): string => `player ${crypto.randomUUID().slice(0, 8)}`;
const topic = (): string => `topic-${crypto.randomUUID().slice(0, 8)}`;

async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as Problem).error.code;
}

async function watch(): Promise<Events> {
  const events = await new Visitor().watch();
  onTestFinished(() => events.leave().catch(() => {}));
  return events;
}

test("a visitor gets as many places as there are, however many requests come at once, and no other visitor pays for it", async () => {
  const [visitor, other] = [new Visitor(), new Visitor()];
  const responses = await Promise.all(Array.from({ length: LIMIT + 5 }, () => visitor.score(player(), 1)));
  const done = responses.filter(({ status }) => status === 201);
  expect(done.map(({ headers }) => Number(headers.get("ratelimit-remaining"))).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: LIMIT }, (_, index) => index),
  );
  const refused = responses.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(5);
  for (const response of refused) {
    const seconds = Number(response.headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(WINDOW / 1_000);
    expect(await codeOf(response)).toBe("rate_limited");
  }
  expect((await other.score(player(), 1)).status).toBe(201);
});

test("the window slides: a place is free as soon as the oldest request is as old as the window", async () => {
  const visitor = new Visitor();
  for (let index = 0; index < LIMIT; index++) await visitor.score(player(), 1);
  expect((await visitor.score(player(), 1)).status).toBe(429);
  await using kv = redis(env.REDIS_URL);
  const key = `limit:${visitor.address}`;
  const [oldest] = await kv.zrange(key, 0, 0);
  // As if it had come a window earlier.
  await kv.zincrby(key, -WINDOW, oldest!);
  expect((await visitor.score(player(), 1)).status).toBe(201);
  expect((await visitor.score(player(), 1)).status).toBe(429);
  expect(await kv.pttl(key)).toBeGreaterThan(0);
});

test("an IPv6 visitor is his /64, in whichever form it is written", () => {
  const of = (address: string): string =>
    visitorOf(new Request("https://app.example/", { headers: { "cf-connecting-ip": address } }));
  expect(of("192.0.2.7")).toBe("192.0.2.7");
  expect(of("2001:db8:0:1::7")).toBe("2001:db8:0:1::/64");
  expect(of("2001:0DB8:0000:0001:ffff:0:0:9")).toBe("2001:db8:0:1::/64");
  expect(of("2001:db8::1")).toBe("2001:db8:0:0::/64");
});

test("a report is made once for all who ask at once, and then comes from the cache", async () => {
  const path = `/api/reports?topic=${topic()}`;
  const responses = await Promise.all(Array.from({ length: 10 }, () => new Visitor().fetch(path)));
  const bodies = await Promise.all(responses.map((response) => response.text()));
  expect(new Set(bodies).size).toBe(1);
  expect(responses.filter(({ headers }) => headers.get("x-cache") === "miss")).toHaveLength(1);
  const again = await new Visitor().fetch(path);
  expect(again.headers.get("x-cache")).toBe("hit");
  expect(await again.text()).toBe(bodies[0]);
});

test("a stale report is shown, and made anew behind the answer", async () => {
  const name = topic();
  const path = `/api/reports?topic=${name}`;
  await using kv = redis(env.REDIS_URL);
  const old = { topic: name, madeAt: "2020-01-01T00:00:00.000Z" };
  await kv.set(`report:${name}`, JSON.stringify({ value: old, freshUntil: 1 }), "PX", 60_000);
  const stale = await new Visitor().fetch(path);
  expect(stale.headers.get("x-cache")).toBe("stale");
  expect(await stale.json()).toEqual({ report: old });
  const fresh = await new Visitor().fetch(path);
  expect(fresh.headers.get("x-cache")).toBe("hit");
  expect(await fresh.json()).not.toEqual({ report: old });
  expect(await kv.exists(`report:${name}:lock`)).toBe(0);
});

test("the board shows the best first, and the page escapes what players call themselves", async () => {
  const evil = `<b>${player()}`;
  await using kv = redis(env.REDIS_URL);
  await kv.zadd(BOARD, 900_000, evil);
  onTestFinished(async () => {
    await using own = redis(env.REDIS_URL);
    await own.zrem(BOARD, evil);
  });
  const second = player();
  expect(await (await new Visitor().score(second, 5)).json()).toEqual({ score: { player: second, score: 5 } });
  expect(await (await new Visitor().score(second, 5)).json()).toEqual({ score: { player: second, score: 10 } });
  const { scores } = (await (await new Visitor().fetch("/api/board")).json()) as { scores: { score: number }[] };
  expect(scores[0]).toEqual({ player: evil, score: 900_000 });
  expect(scores.map(({ score }) => score)).toEqual(scores.map(({ score }) => score).toSorted((a, b) => b - a));
  const page = await new Visitor().fetch("/");
  expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
  const text = await page.text();
  expect(text).toContain(evil.replace("<b>", "&#60;b&#62;"));
  expect(text).not.toContain(evil);
});

test("fifty viewers hear of each score over one connection, which is given up when the last one leaves", async () => {
  const viewers = await Promise.all(Array.from({ length: 50 }, () => new Visitor().watch()));
  for (const viewer of viewers) expect(await viewer.next()).toEqual({ name: "sync", data: {} });
  const name = player();
  await new Visitor().score(name, 7);
  const hear = async (viewer: Events): Promise<unknown> => {
    for (;;) {
      const event = await viewer.next();
      if (event === undefined || (event.data as { player?: string }).player === name) return event;
    }
  };
  for (const viewer of viewers) expect(await hear(viewer)).toEqual({ name: "score", data: { player: name, score: 7 } });
  await using kv = redis(env.REDIS_URL);
  const listeners = async (): Promise<number> =>
    (await kv.client("LIST")).split("name=redis-rate-limit-live ").length - 1;
  expect(await listeners()).toBe(1);
  for (const viewer of viewers) await viewer.leave();
  await expect.poll(listeners).toBe(0);
});

test("when the connection is lost, the viewers are told to look again, and go on hearing", async () => {
  const viewer = await watch();
  expect(await viewer.next()).toMatchObject({ name: "sync" });
  await using kv = redis(env.REDIS_URL);
  const line = (await kv.client("LIST")).split("\n").find((one) => one.includes("name=redis-rate-limit-live "));
  await kv.client("KILL", "ID", Number(/id=(\d+)/.exec(line!)![1]));
  expect(await viewer.next()).toMatchObject({ name: "sync" });
  await kv.publish(CHANNEL, JSON.stringify({ player: "p", score: 1 }));
  expect(await viewer.next()).toEqual({ name: "score", data: { player: "p", score: 1 } });
});

test.each([
  ["POST", "/api/scores", "not json", 400, "invalid_json"],
  ["POST", "/api/scores", "[]", 400, "invalid_json"],
  ["POST", "/api/scores", JSON.stringify({ player: "", points: 1 }), 400, "invalid_player"],
  ["POST", "/api/scores", JSON.stringify({ player: "p", points: 1.5 }), 400, "invalid_points"],
  ["POST", "/api/scores", JSON.stringify({ player: "p", points: "1" }), 400, "invalid_points"],
  ["POST", "/api/scores", "x".repeat(2_000), 413, "too_large"],
  ["GET", "/api/scores", undefined, 405, "method_not_allowed"],
  ["GET", "/api/reports?topic=../etc", undefined, 400, "invalid_topic"],
  ["GET", "/nothing", undefined, 404, "not_found"],
])("%s %s with %j is %i", async (method, path, body, status, code) => {
  const response = await new Visitor().fetch(path, { method, ...(body === undefined ? {} : { body }) });
  expect(response.status).toBe(status);
  expect(await codeOf(response)).toBe(code);
});

test("without Redis nobody is let through uncounted", async () => {
  const visitor = new Visitor(undefined, { REDIS_URL: "redis://user:secret@localhost:1" });
  const response = await visitor.score(player(), 1);
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("5");
  const text = await response.text();
  expect(text).toContain("unavailable");
  expect(text).not.toContain("secret");
});
