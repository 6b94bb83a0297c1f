// The app, request by request, against a real server.

import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";

async function get(path: string): Promise<{ status: number; body: unknown }> {
  const response = await exports.default.fetch(`http://app${path}`);
  return { status: response.status, body: await response.json() };
}

const sample = { milliseconds: expect.any(Number) as number, backend: expect.any(Number) as number };

test("by the object, requests meet the same backend; by themselves, each has its own", async () => {
  const backends = async (strategy: string): Promise<number> => {
    const seen = new Set<number>();
    for (let request = 0; request < 4; request++) {
      const { status, body } = await get(`/api/${strategy}`);
      expect({ status, body }).toEqual({ status: 200, body: sample });
      seen.add((body as { backend: number }).backend);
    }
    return seen.size;
  };
  expect(await backends("durable")).toBe(1);
  expect(await backends("direct")).toBe(4);
});

test("what is not configured, and what is not there, says so", async () => {
  expect(await get("/api/pooler")).toEqual({ status: 501, body: { error: "POOLER_URL is not set" } });
  expect((await get("/api/nothing")).status).toBe(404);
});

test("the object tells how many connections it has", async () => {
  await get("/api/durable");
  expect((await get("/api/stats")).body).toMatchObject({ idle: 1, leased: 0, waiting: 0 });
});

test("the doctor examines everything, whatever it finds", async () => {
  const { body } = await get("/doctor");
  expect(body).toHaveLength(5);
  for (const finding of body as { check: string; good: boolean; found: string }[])
    expect(finding).toMatchObject({ good: true });
});
