// Which object a session goes to, and that nothing is handed on that has been sent.

import { expect, test } from "vitest";
import { durablePostgres } from "./postgres/client.ts";
import { Shards } from "./shards.ts";
import type { PoolNamespace } from "./binding.ts";

const caller = { name: "durablePostgres", binding: "env.PG" };
const namespace: PoolNamespace = { idFromName: (name) => name, get: (id) => id };

function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}

/** Which of eight it is, 200 times, with what they say of their load. */
function picks(seed: number): number[] {
  const shards = new Shards(namespace, { shards: 8 }, caller);
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
  const shards = new Shards(namespace, { shards: 2 }, caller);
  const [first, second] = shards.all;
  shards.begin(first as never)(1);
  shards.begin(second as never)(0);
  expect(Array.from({ length: 20 }, () => shards.pick().index)).toEqual(Array.from({ length: 20 }, () => 1));
});

test("names have the region and the generation, which move a pool to new objects", () => {
  const names = (options: object): string[] => new Shards(namespace, options, caller).all.map(({ name }) => name);
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
