// What the object does when nobody wants anything of it, by its defaults, on a clock of the test's own.

import { Pool } from "@landline/core/pool";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { parsePoolOptions } from "./options.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const IDLE = 30_000;
const KEPT_AWAKE = 15 * 60_000;

function poolOf(options: object): { pool: Pool<object>; open: Set<object> } {
  const open = new Set<object>();
  const create = (): Promise<object> => {
    const made = {};
    open.add(made);
    return Promise.resolve(made);
  };
  const pool = new Pool(
    { create, destroy: (made) => void open.delete(made) },
    parsePoolOptions({ url: "postgres://a:b@localhost/c", ...options }).pool,
  );
  return { pool, open };
}

test("30 seconds after the last use, all connections are closed and no timer is armed", async () => {
  const { pool, open } = poolOf({});
  const leases = await Promise.all([1, 2, 3].map(() => pool.acquire()));
  for (const lease of leases) lease.release();
  await vi.advanceTimersByTimeAsync(IDLE - 1);
  expect(open.size).toBe(3);
  await vi.advanceTimersByTimeAsync(1);
  expect(open.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("no connection that is in use again and again gets as old as what keeps its object awake", async () => {
  for (const options of [{}, { pool: { maxLifetime: 14 * 60_000 } }]) {
    const { pool, open } = poolOf(options);
    const born = new Map<object, number>();
    let oldest = 0;
    for (let second = 0; second < 3_600; second++) {
      const lease = await pool.acquire();
      for (const made of open) if (!born.has(made)) born.set(made, Date.now());
      oldest = Math.max(oldest, Date.now() - (born.get(lease.resource) as number));
      lease.release();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(oldest).toBeGreaterThan(IDLE);
    expect(oldest).toBeLessThan(KEPT_AWAKE);
    pool.close();
  }
  expect(() => poolOf({ pool: { maxLifetime: KEPT_AWAKE } })).toThrow(/maxLifetime/);
});
