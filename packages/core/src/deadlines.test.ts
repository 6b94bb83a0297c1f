import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Deadlines } from "./deadlines.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("each fires once, at its time, on one timer", () => {
  const deadlines = new Deadlines();
  const fired: string[] = [];
  for (const timeout of [30, 10, 20])
    deadlines.guard(timeout, undefined, (why) => void fired.push(`${why} ${timeout}`));
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(15);
  expect(fired).toEqual(["timeout 10"]);
  vi.advanceTimersByTime(100);
  expect(fired).toEqual(["timeout 10", "timeout 20", "timeout 30"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("what is cleared does not fire, and the last one out stops the clock", async () => {
  const deadlines = new Deadlines();
  const fire = vi.fn<(why: "timeout" | "abort") => void>();
  const deadline = deadlines.guard(10, undefined, fire);
  deadline.clear();
  deadline.clear();
  for (let hop = 0; hop < 20; hop++) await Promise.resolve();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(100);
  expect(fire).not.toHaveBeenCalled();
});

test("calls one after the other leave the clock as it is", async () => {
  const timers = vi.spyOn(globalThis, "setTimeout");
  const deadlines = new Deadlines();
  const fire = vi.fn<(why: "timeout" | "abort") => void>();
  for (let call = 0; call < 5; call++) {
    deadlines.guard(10, undefined, fire).clear();
    await Promise.resolve();
  }
  expect(timers).toHaveBeenCalledTimes(1);
  for (let hop = 0; hop < 20; hop++) await Promise.resolve();
  expect(vi.getTimerCount()).toBe(0);
  expect(fire).not.toHaveBeenCalled();
  timers.mockRestore();
});

test("one listener serves a signal, and goes with the last who waits on it", () => {
  const deadlines = new Deadlines();
  const controller = new AbortController();
  const add = vi.spyOn(controller.signal, "addEventListener");
  const remove = vi.spyOn(controller.signal, "removeEventListener");
  const fire = vi.fn<(why: "timeout" | "abort") => void>();
  const all = [1, 2, 3].map(() => deadlines.guard(undefined, controller.signal, fire));
  expect(add).toHaveBeenCalledTimes(1);
  all[0]?.clear();
  expect(remove).not.toHaveBeenCalled();
  controller.abort();
  expect(fire.mock.calls).toEqual([["abort"], ["abort"]]);
  const next = new AbortController();
  const removed = vi.spyOn(next.signal, "removeEventListener");
  deadlines.guard(undefined, next.signal, fire).clear();
  expect(removed).toHaveBeenCalledTimes(1);
});

test("a signal that has aborted already fires at once", () => {
  const fire = vi.fn<(why: "timeout" | "abort") => void>();
  new Deadlines().guard(10, AbortSignal.abort(), fire);
  expect(fire).toHaveBeenCalledExactlyOnceWith("abort");
  expect(vi.getTimerCount()).toBe(0);
});

test("clear() forgets everything", () => {
  const deadlines = new Deadlines();
  const controller = new AbortController();
  const fire = vi.fn<(why: "timeout" | "abort") => void>();
  deadlines.guard(10, controller.signal, fire);
  deadlines.clear();
  controller.abort();
  vi.advanceTimersByTime(100);
  expect(fire).not.toHaveBeenCalled();
});

test("a wait longer than a timer can count neither rings early nor spins", () => {
  const deadlines = new Deadlines();
  const fire = vi.fn<(why: "timeout" | "abort") => void>();
  const timers = vi.spyOn(globalThis, "setTimeout");
  deadlines.guard(2 ** 32, undefined, fire);
  vi.advanceTimersByTime(60_000);
  expect(timers).toHaveBeenCalledTimes(1);
  expect(fire).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2 ** 32);
  expect(fire).toHaveBeenCalledWith("timeout");
  timers.mockRestore();
});
