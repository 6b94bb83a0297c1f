import { expect, test } from "vitest";
import { SlowStart } from "./slow-start.ts";

/** Work that a test ends when it likes. */
function works(gate: SlowStart, count: number): { begun: () => number; end: (good: boolean) => Promise<void> } {
  const open: { resolve: () => void; reject: (error: Error) => void }[] = [];
  let begun = 0;
  for (let index = 0; index < count; index++) {
    gate
      .run(() => {
        begun++;
        return new Promise<void>((resolve, reject) => open.push({ resolve, reject }));
      })
      .catch(() => {});
  }
  return {
    begun: () => begun,
    end: async (good) => {
      const one = open.shift();
      if (good) one?.resolve();
      else one?.reject(new Error("no"));
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  };
}

test("one at first, then twice as many after each that works, up to the most", async () => {
  const { begun, end } = works(new SlowStart(4), 12);
  expect(begun()).toBe(1);
  await end(true);
  expect(begun()).toBe(3);
  await end(true);
  expect(begun()).toBe(6);
  for (let index = 0; index < 10; index++) await end(true);
  expect(begun()).toBe(12);
});

test("after a failure it is one at a time again", async () => {
  const { begun, end } = works(new SlowStart(4), 9);
  await end(true);
  await end(true);
  const before = begun();
  for (let index = 0; index < 4; index++) await end(false);
  expect(begun()).toBe(before + 1);
});
