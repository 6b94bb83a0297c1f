// Which object a session goes to, and that nothing is handed on that has been sent.

import { expect, test, vi } from "vitest";
import { durablePostgres } from "./postgres/client.ts";
import { Shards } from "./shards.ts";
import type { PoolNamespace } from "./binding.ts";

const caller = { name: "durablePostgres", binding: "env.PG" };
/** One of its own each time: what is known of the load is kept by it. */
const fresh = (): PoolNamespace => ({ idFromName: (name) => name, get: (id) => id });

function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}

/** Which of eight it is, 200 times, with what they say of their load. */
function picks(seed: number): number[] {
  const shards = new Shards(fresh(), { shards: 8 }, caller);
  const random = seeded(seed);
  return Array.from({ length: 200 }, () => {
    const shard = shards.pick(undefined, random);
    shards.begin(shard)(random());
    return shard.index;
  });
}

test("the same numbers lead to the same objects", () => {
  expect(picks(3)).toEqual(picks(3));
  expect(picks(3)).not.toEqual(picks(4));
  expect(new Set(picks(3)).size).toBe(8);
});

test("of two objects, the one that is busier gets less", () => {
  const shards = new Shards(fresh(), { shards: 2 }, caller);
  const [first, second] = shards.all;
  shards.begin(first as never)(1);
  shards.begin(second as never)(0);
  expect(Array.from({ length: 20 }, () => shards.pick().index)).toEqual(Array.from({ length: 20 }, () => 1));
});

test("a client that is made for one request knows what the ones before have heard", () => {
  const binding = fresh();
  const before = new Shards(binding, { shards: 2 }, caller);
  before.begin(before.all[1] as never)(1);
  const after = new Shards(binding, { shards: 2 }, caller);
  expect(Array.from({ length: 20 }, () => after.pick().index)).toEqual(Array.from({ length: 20 }, () => 0));
  const others = new Shards(binding, { shards: 2, name: "other" }, caller);
  expect(new Set(Array.from({ length: 60 }, () => others.pick().index)).size).toBe(2);
});

test("a request that ended in the midst of a call is forgotten with time", () => {
  vi.useFakeTimers();
  try {
    const shards = new Shards(fresh(), { shards: 2 }, caller);
    for (let call = 0; call < 50; call++) shards.begin(shards.all[0] as never);
    expect(shards.pick().index).toBe(1);
    vi.advanceTimersByTime(60_000);
    shards.begin(shards.all[1] as never)(0.01);
    expect(shards.pick().index).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("names have the region and the generation, which move a pool to new objects", () => {
  const names = (options: object): string[] => new Shards(fresh(), options, caller).all.map(({ name }) => name);
  expect(names({})).toEqual(["pool"]);
  expect(names({ shards: 2, locationHint: "weur" })).toEqual(["pool/weur/g1/0", "pool/weur/g1/1"]);
  expect(names({ name: "a", generation: 2, region: "paris" })).toEqual(["a/paris/g2/0"]);
});

test.each([
  ["is refused for want of room goes to one other object, once", "unsent", 2],
  ["may have been sent goes nowhere else", "unknown", 1],
] as const)("what %s", async (_what, outcome, times) => {
  const asked: string[] = [];
  const error = { name: "PoolError", message: "full", code: "POOL_FULL", outcome };
  const objects: PoolNamespace = {
    idFromName: (name) => name,
    get: (id) => {
      const run = (): Promise<unknown> => {
        asked.push(id as string);
        return Promise.resolve({ bytes: new Uint8Array(0), error });
      };
      return { openSession: () => Object.assign(Promise.resolve({ run }), { run }) };
    },
  };
  const sql = durablePostgres(objects, { shards: 4 });
  await expect(sql`insert into t values (1)`).rejects.toMatchObject({ code: "POOL_FULL", outcome });
  expect(asked).toHaveLength(times);
  expect(new Set(asked).size).toBe(times);
});
