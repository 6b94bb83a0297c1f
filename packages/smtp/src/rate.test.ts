import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RateLimit } from "./rate.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("no stretch of time ever holds more than the limit, however they come", async () => {
  const limit = new RateLimit(3, 1000);
  const starts: number[] = [];
  const begin = Date.now();
  const go = async (): Promise<void> => {
    await limit.turn();
    starts.push(Date.now() - begin);
  };
  const all = Array.from({ length: 7 }, go);
  await vi.advanceTimersByTimeAsync(1500);
  all.push(go(), go());
  await vi.advanceTimersByTimeAsync(10_000);
  all.push(go(), go(), go(), go());
  await vi.advanceTimersByTimeAsync(10_000);
  await Promise.all(all);
  expect(starts.slice(0, 9)).toEqual([0, 0, 0, 1000, 1000, 1000, 2000, 2000, 2000]);
  expect(starts.slice(9)).toEqual([11_500, 11_500, 11_500, 12_500]);
});

test("a timer that rings early is set again", async () => {
  let now = 0;
  const limit = new RateLimit(1, 100, () => now);
  await limit.turn();
  let done = false;
  const second = limit.turn().then(() => (done = true));
  now = 99.5;
  await vi.advanceTimersByTimeAsync(100);
  expect(done).toBe(false);
  now = 100;
  await vi.advanceTimersByTimeAsync(1);
  await second;
});
