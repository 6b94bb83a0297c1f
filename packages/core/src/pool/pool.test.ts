import { expect, test } from "vitest";
import { LandlineError, PoolError } from "../errors.ts";
import { Pool } from "./pool.ts";
import type { PoolEvent, PoolHooks } from "./types.ts";

interface Thing {
  readonly id: number;
  alive: boolean;
}

function factory(overrides: Partial<PoolHooks<Thing>> = {}): {
  hooks: PoolHooks<Thing>;
  made: Thing[];
  destroyed: number[];
} {
  const made: Thing[] = [];
  const destroyed: number[] = [];
  return {
    made,
    destroyed,
    hooks: {
      create: () => {
        const thing = { id: made.length, alive: true };
        made.push(thing);
        return Promise.resolve(thing);
      },
      destroy: (thing) => void destroyed.push(thing.id),
      isAlive: (thing) => thing.alive,
      ...overrides,
    },
  };
}

test("what is given back is lent again, last in first out", async () => {
  const { hooks, made } = factory();
  const pool = new Pool(hooks);
  const [first, second] = await Promise.all([pool.acquire(), pool.acquire()]);
  first?.release();
  second?.release();
  const again = await pool.acquire();
  expect(again.resource).toBe(second?.resource);
  expect(made).toHaveLength(2);
  again.release();
  await pool.drain();
});

test("no more than max exist, and waiters are served in order", async () => {
  const { hooks, made } = factory();
  const pool = new Pool(hooks, { max: 2 });
  const leases = [await pool.acquire(), await pool.acquire()];
  const served: number[] = [];
  const waiting = [0, 1, 2].map(async (index) => {
    const lease = await pool.acquire();
    served.push(index);
    lease.release();
  });
  expect(pool.stats()).toMatchObject({ leased: 2, waiting: 3 });
  for (const lease of leases) lease.release();
  await Promise.all(waiting);
  expect(served).toEqual([0, 1, 2]);
  expect(made).toHaveLength(2);
});

test("a lease counts once, however often it is given back", async () => {
  const { hooks, destroyed } = factory();
  const pool = new Pool(hooks);
  const lease = await pool.acquire();
  lease.release();
  const next = await pool.acquire();
  lease.destroy();
  lease.release();
  expect(destroyed).toEqual([]);
  expect(pool.stats().leased).toBe(1);
  next.destroy();
  expect(destroyed).toEqual([0]);
});

test("a waiter that gives up costs the next one nothing", async () => {
  const { hooks } = factory();
  const pool = new Pool(hooks, { max: 1 });
  const lease = await pool.acquire();
  const controller = new AbortController();
  const reason = new Error("no longer wanted");
  const first = pool.acquire({ signal: controller.signal });
  const second = pool.acquire();
  controller.abort(reason);
  await expect(first).rejects.toBe(reason);
  lease.release();
  expect((await second).resource).toBe(lease.resource);
});

test("waiting has a deadline and a bound, and the message says what to do", async () => {
  const { hooks } = factory();
  const pool = new Pool(hooks, { max: 1, maxWaiting: 1, acquireTimeout: 10 });
  const lease = await pool.acquire();
  const waiting = pool.acquire();
  await expect(pool.acquire()).rejects.toMatchObject({ code: "POOL_FULL", outcome: "unsent" });
  const error = await waiting.catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(PoolError);
  expect(error).toMatchObject({ code: "POOL_TIMEOUT", outcome: "unsent" });
  expect((error as Error).message).toContain("raise max");
  lease.release();
});

test("each waits as long as it said, whoever came before it", async () => {
  const { hooks } = factory();
  const pool = new Pool(hooks, { max: 1, acquireTimeout: Infinity });
  const lease = await pool.acquire();
  const order: string[] = [];
  const waiting = [40, 1, 20].map((timeout) =>
    pool.acquire({ timeout }).catch((error: unknown) => order.push(`${timeout} ${(error as PoolError).code}`)),
  );
  const patient = pool.acquire();
  await Promise.all(waiting);
  expect(order).toEqual(["1 POOL_TIMEOUT", "20 POOL_TIMEOUT", "40 POOL_TIMEOUT"]);
  expect(pool.stats().waiting).toBe(1);
  lease.release();
  expect((await patient).resource).toBe(lease.resource);
});

test("minIdle of them are kept however long they are idle", async () => {
  let now = 0;
  const twoAreGone = Promise.withResolvers<void>();
  const { hooks } = factory();
  const destroyed: number[] = [];
  const destroy = ({ id }: Thing): void => {
    if (destroyed.push(id) === 2) twoAreGone.resolve();
  };
  const pool = new Pool({ ...hooks, destroy }, { minIdle: 1, idleTimeout: 5 }, { now: () => now });
  const leases = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
  now = 1;
  for (const lease of leases) lease.release();
  now = 100;
  await twoAreGone.promise;
  expect(pool.stats()).toMatchObject({ idle: 1, leased: 0 });
  // The one that was used last.
  expect((await pool.acquire()).resource.id).toBe(2);
});

test("who watches hears of everything, in order", async () => {
  const heard: string[] = [];
  let fail = true;
  const { hooks } = factory();
  const create = hooks.create.bind(hooks);
  const failing = {
    ...hooks,
    create: (signal: AbortSignal) => (fail ? Promise.reject(new Error("no")) : create(signal)),
  };
  let now = 0;
  const observe = (event: PoolEvent): void =>
    void heard.push(event.type === "retire" ? `retire ${event.reason}` : event.type);
  const pool = new Pool(failing, { max: 1 }, { observe, now: () => now });
  await pool.acquire().catch(() => {});
  fail = false;
  now = 1_000;
  const lease = await pool.acquire();
  const next = pool.acquire();
  lease.release();
  (await next).destroy();
  expect(heard.join(", ")).toBe(
    "create, wait, createFailed, create, wait, created, acquire, wait, release, acquire, release, retire broken",
  );
});

test("a close in the middle of everything answers everybody, and leaves nothing", async () => {
  const creating = Promise.withResolvers<Thing>();
  const resetting = Promise.withResolvers<boolean>();
  const { hooks, destroyed } = factory({ reset: () => resetting.promise });
  let signal: AbortSignal | undefined;
  let made = 0;
  const create = (given: AbortSignal): Promise<Thing> => {
    if (made++ === 0) return Promise.resolve({ id: 0, alive: true });
    signal = given;
    return creating.promise;
  };
  const pool = new Pool({ ...hooks, create }, { max: 2 });
  (await pool.acquire()).release();
  const waiting = [pool.acquire(), pool.acquire()];
  expect(pool.stats()).toMatchObject({ creating: 1, leased: 1, waiting: 2 });
  pool.close();
  for (const each of waiting) await expect(each).rejects.toMatchObject({ code: "POOL_CLOSED", outcome: "unsent" });
  expect(signal?.aborted).toBe(true);
  resetting.resolve(true);
  creating.resolve({ id: 1, alive: true });
  await pool.drain();
  expect(destroyed.toSorted((one, other) => one - other)).toEqual([0, 1]);
  expect(pool.stats()).toMatchObject({ creating: 0, idle: 0, leased: 0, waiting: 0 });
});

test("a failed creation reaches the one who waits, with its own error", async () => {
  const failure = new Error("no route");
  let fail = true;
  const { hooks } = factory();
  const create = hooks.create.bind(hooks);
  const pool = new Pool({ ...hooks, create: (signal) => (fail ? Promise.reject(failure) : create(signal)) });
  await expect(pool.acquire()).rejects.toBe(failure);
  fail = false;
  (await pool.acquire()).release();
  expect(pool.stats()).toMatchObject({ creating: 0, waiting: 0, idle: 1 });
});

test("a creation that takes too long fails, and what comes late is destroyed", async () => {
  const late = Promise.withResolvers<Thing>();
  const { hooks, destroyed } = factory({ create: () => late.promise });
  const pool = new Pool(hooks, { createTimeout: 10 });
  await expect(pool.acquire()).rejects.toMatchObject({ code: "TIMEOUT", outcome: "unsent" });
  late.resolve({ id: 77, alive: true });
  await late.promise;
  await Promise.resolve();
  expect(destroyed).toEqual([77]);
});

test("the dead, the old, the worn and the unreset are not lent again", async () => {
  let clean = true;
  const { hooks, destroyed } = factory({ reset: () => clean });
  let now = 0;
  const events: PoolEvent[] = [];
  const init = { now: () => now, random: () => 0, observe: (event: PoolEvent) => void events.push(event) };
  const pool = new Pool(hooks, { maxLifetime: 100, maxUses: 3, idleTimeout: Infinity }, init);
  const use = async (): Promise<Thing> => {
    const lease = await pool.acquire();
    lease.release();
    await Promise.resolve();
    return lease.resource;
  };
  const first = await use();
  first.alive = false;
  expect((await use()).id).toBe(1);
  await use();
  await use();
  expect((await use()).id).toBe(2);
  now = 101;
  expect((await use()).id).toBe(3);
  clean = false;
  await use();
  expect((await use()).id).toBe(4);
  expect(destroyed).toEqual([0, 1, 2, 3, 4]);
  const reasons = events.flatMap((event) => (event.type === "retire" ? [event.reason] : []));
  expect(reasons).toEqual(["closed", "uses", "lifetime", "reset", "reset"]);
});

test("what has been idle for long is asked before it is lent", async () => {
  let now = 0;
  const asked: number[] = [];
  const { hooks } = factory({
    validate: (thing) => {
      asked.push(thing.id);
      return Promise.resolve(thing.id > 0);
    },
  });
  const pool = new Pool(hooks, { validateAfterIdle: 10, idleTimeout: Infinity }, { now: () => now });
  (await pool.acquire()).release();
  now = 5;
  (await pool.acquire()).release();
  expect(asked).toEqual([]);
  now = 50;
  const lease = await pool.acquire();
  expect(asked).toEqual([0]);
  expect(lease.resource.id).toBe(1);
});

test("one that dies while idle goes at once", async () => {
  const died = new Map<number, () => void>();
  const { hooks, destroyed } = factory({ watch: (thing, tell) => void died.set(thing.id, tell) });
  const pool = new Pool(hooks);
  (await pool.acquire()).release();
  died.get(0)?.();
  expect(destroyed).toEqual([0]);
  expect(pool.stats().idle).toBe(0);
});

test("idle ones go after idleTimeout, without anybody asking", async () => {
  const gone = Promise.withResolvers<void>();
  const { hooks } = factory({ destroy: () => gone.resolve() });
  const pool = new Pool(hooks, { idleTimeout: 5 });
  (await pool.acquire()).release();
  await gone.promise;
  expect(pool.stats().idle).toBe(0);
});

test("close refuses who waits and who comes, and takes in what is out", async () => {
  const { hooks, destroyed } = factory();
  const pool = new Pool(hooks, { max: 1 });
  const lease = await pool.acquire();
  const waiting = pool.acquire();
  pool.close();
  await expect(waiting).rejects.toMatchObject({ code: "POOL_CLOSED" });
  await expect(pool.acquire()).rejects.toMatchObject({ code: "POOL_CLOSED" });
  expect(destroyed).toEqual([]);
  lease.release();
  expect(destroyed).toEqual([0]);
});

test("drain waits for what is lent, but not for ever", async () => {
  const { hooks, destroyed } = factory();
  const pool = new Pool(hooks);
  const lease = await pool.acquire();
  const drained = pool.drain();
  lease.release();
  await drained;
  expect(destroyed).toEqual([0]);
  const stubborn = new Pool(hooks);
  await stubborn.acquire();
  await stubborn.drain({ timeout: 5 });
  expect(destroyed).toEqual([0, 1]);
});

test("use() gives back after the work, and gives up what is in an unknown state", async () => {
  const { hooks, destroyed } = factory();
  const pool = new Pool(hooks);
  expect(await pool.use(({ id }) => id)).toBe(0);
  await expect(pool.use(() => Promise.reject(new TypeError("mine")))).rejects.toThrow("mine");
  expect(destroyed).toEqual([]);
  const lost = new LandlineError("lost", { code: "X", outcome: "unknown" });
  await expect(pool.use(() => Promise.reject(lost))).rejects.toBe(lost);
  expect(destroyed).toEqual([0]);
});

test("`await using` gives a loan back, and closes a pool", async () => {
  const { hooks, destroyed } = factory();
  {
    await using pool = new Pool(hooks);
    {
      await using lease = await pool.acquire();
      expect(lease.resource.id).toBe(0);
      expect(pool.stats()).toMatchObject({ leased: 1, idle: 0 });
    }
    expect(pool.stats()).toMatchObject({ leased: 0, idle: 1 });
    expect(destroyed).toEqual([]);
  }
  expect(destroyed).toEqual([0]);
});

test("options that are not numbers in range are refused", () => {
  const { hooks } = factory();
  for (const options of [
    { max: 0 },
    { max: "5" as never },
    { idleTimeout: -1 },
    { maxWaiting: Number.NaN },
    { maks: 1 } as never,
  ]) {
    expect(() => new Pool(hooks, options)).toThrow(TypeError);
  }
});

test("an observer that throws does no harm", async () => {
  const { hooks } = factory();
  const complain = console.error;
  console.error = () => {};
  try {
    const pool = new Pool(hooks, {}, { observe: () => JSON.parse("{") as void });
    (await pool.acquire()).release();
    expect(pool.stats().idle).toBe(1);
  } finally {
    console.error = complain;
  }
});

test("failed creations share a backoff, and one attempt at a time goes on", async () => {
  const failure = new Error("no route");
  let attempts = 0;
  let now = 0;
  const hooks = { ...factory().hooks, create: () => (attempts++, Promise.reject(failure)) };
  const init = { now: () => now, random: () => 1 };
  const pool = new Pool(hooks, { backoffBase: 50, breakAfter: 3, acquireTimeout: 5_000 }, init);
  await expect(pool.acquire()).rejects.toBe(failure);
  const next = pool.acquire();
  await Promise.resolve();
  expect(attempts).toBe(1);
  now = 50;
  await expect(next).rejects.toBe(failure);
  expect(attempts).toBe(2);
  now = 150;
  await expect(pool.acquire()).rejects.toBe(failure);
  const refused = await pool.acquire().catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "POOL_BROKEN", outcome: "unsent", cause: failure });
  expect((refused as Error).message).toContain("3 times in a row; the next attempt is made in 200 ms");
  expect(attempts).toBe(3);
  now = 350;
  await expect(pool.acquire()).rejects.toBe(failure);
  expect(attempts).toBe(4);
});

test("a success ends the backoff", async () => {
  let fail = true;
  const { hooks } = factory();
  const create = hooks.create.bind(hooks);
  const failing = {
    ...hooks,
    create: (signal: AbortSignal) => (fail ? Promise.reject(new Error("no")) : create(signal)),
  };
  let now = 0;
  const pool = new Pool(failing, {}, { now: () => now, random: () => 0 });
  await expect(pool.acquire()).rejects.toThrow("no");
  fail = false;
  now = 100;
  const leases = await Promise.all([pool.acquire(), pool.acquire()]);
  expect(leases).toHaveLength(2);
});

test("a loan that does not come back is reported once, with the place that took it", async () => {
  const reported = Promise.withResolvers<PoolEvent>();
  let reports = 0;
  const observe = (event: PoolEvent): void => {
    if (event.type !== "leak") return;
    reports++;
    reported.resolve(event);
  };
  const pool = new Pool(factory().hooks, { leakAfter: 5 }, { observe });
  const lease = await pool.acquire();
  const event = await reported.promise;
  expect(event).toMatchObject({ type: "leak" });
  expect((event as { stack?: string }).stack).toContain("pool.test");
  lease.release();
  expect(reports).toBe(1);
});
