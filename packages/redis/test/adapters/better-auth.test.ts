// better-auth with its sessions and rate limits in Redis.

import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { afterAll, expect, inject, test } from "vitest";
import { secondaryStorage } from "../../src/adapters/better-auth.ts";
import { redis } from "../../src/index.ts";

const kv = redis(inject("services").redis.url);
const prefix = `auth-${crypto.randomUUID()}:`;
const storage = secondaryStorage(kv, { prefix });
const auth = betterAuth({
  baseURL: "http://localhost:8787",
  secret: "a secret that is long enough for the tests of this project",
  database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
  secondaryStorage: storage,
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: true, storage: "secondary-storage", window: 60, max: 3 },
});

afterAll(async () => {
  for await (const key of kv.scanIterator({ match: `${prefix}*` })) await kv.del(key);
  await kv.end();
});

test("sessions are kept there, and forgotten", async () => {
  const { headers } = await auth.api.signUpEmail({
    body: { email: "ada@example.com", password: "correct horse battery", name: "Ada" },
    returnHeaders: true,
  });
  const cookie = headers.get("set-cookie")?.split(";")[0] ?? "";
  const session = await auth.api.getSession({ headers: new Headers({ cookie }) });
  expect(session?.user.email).toBe("ada@example.com");
  const kept = await kv.get(`${prefix}${session?.session.token}`);
  expect(JSON.parse(kept ?? "{}")).toMatchObject({ user: { email: "ada@example.com" } });
  expect(await kv.ttl(`${prefix}${session?.session.token}`)).toBeGreaterThan(0);
  await auth.api.signOut({ headers: new Headers({ cookie }) });
  expect(await auth.api.getSession({ headers: new Headers({ cookie }) })).toBeNull();
});

test("its rate limit counts there", async () => {
  const statuses: number[] = [];
  for (let request = 0; request < 5; request++) {
    const headers = { "x-forwarded-for": "203.0.113.7" };
    statuses.push((await auth.handler(new Request("http://localhost:8787/api/auth/ok", { headers }))).status);
  }
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
});

test("a counter lives from its beginning; a value is taken once", async () => {
  expect([await storage.increment("n", 60), await storage.increment("n", 600)]).toEqual([1, 2]);
  expect(await kv.ttl(`${prefix}n`)).toBeLessThanOrEqual(60);
  await storage.set("once", "x", 60);
  expect([await storage.getAndDelete("once"), await storage.getAndDelete("once")]).toEqual(["x", null]);
  await storage.set("ever", "x");
  expect(await kv.ttl(`${prefix}ever`)).toBe(-1);
  await storage.delete("ever");
  expect(await storage.get("ever")).toBeNull();
});
