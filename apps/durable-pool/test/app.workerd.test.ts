// The app, request by request, against a real server.

import type { Sql } from "@landline/postgres";
import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Env } from "../src/env.ts";
import app from "../src/index.ts";
import { clientOf } from "../src/strategies.ts";

const worker = app as { fetch(request: Request, env: Env): Promise<Response> };

async function get(path: string): Promise<{ status: number; body: unknown }> {
  const response = await exports.default.fetch(`http://app${path}`);
  return { status: response.status, body: await response.json() };
}

const sample = { milliseconds: expect.any(Number) as number, backend: expect.any(Number) as number };

const REQUESTS = 6;

test("the three ways answer alike; by a pool, requests meet the same backends, and by themselves each has its own", async () => {
  const backends = async (strategy: string): Promise<number> => {
    const seen = new Set<number>();
    for (let request = 0; request < REQUESTS; request++) {
      const { status, body } = await get(`/api/${strategy}`);
      expect({ status, body }).toEqual({ status: 200, body: sample });
      seen.add((body as { backend: number }).backend);
    }
    return seen.size;
  };
  expect(await backends("durable")).toBe(1);
  expect(await backends("pooler")).toBeLessThanOrEqual(2);
  expect(await backends("direct")).toBe(REQUESTS);
});

test("all three do the same transaction, and it is undone alike", async () => {
  for (const strategy of ["direct", "pooler", "durable"] as const) {
    await using sql = clientOf(strategy, env) as Sql;
    const table = `pool_app_${strategy}`;
    const undone = sql.begin(async (tx) => {
      await tx.unsafe(`create table ${table} (n int)`);
      const [row] = await tx<{ n: number }>`select ${41}::int + 1 as n`;
      throw new Error(`${row?.n}`);
    });
    await expect(undone).rejects.toThrow("42");
    const [found] = await sql`select to_regclass(${table}) as place`;
    expect(found).toEqual({ place: null });
  }
});

test("what is not configured, and what is not there, says so", async () => {
  const response = await worker.fetch(new Request("http://app/api/pooler"), { ...env, POOLER_URL: "" });
  expect(response.status).toBe(501);
  expect(await response.json()).toEqual({ error: "POOLER_URL is not set" });
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
