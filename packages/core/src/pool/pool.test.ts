import fc from "fast-check";
import { expect, test } from "vitest";
import { LandlineError, PoolError } from "../errors.ts";
import type { Waiter } from "./line.ts";
import { PoolMachine } from "./machine.ts";
import type { Slot } from "./machine.ts";
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

test("in any order of events the limits hold, nobody is answered twice, and nobody waits beside an idle one", () => {
  interface Caller extends Waiter {
    answers: number;
    readonly place: number;
  }
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(9), fc.nat(20)), { maxLength: 200 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      (steps, max, maxCreating) => {
        const limits = {
          max,
          maxCreating,
          minIdle: 0,
          maxWaiting: 6,
          acquireTimeout: 1,
          createTimeout: 1,
          idleTimeout: 50,
          maxLifetime: 400,
          maxUses: 20,
          validateAfterIdle: 10,
          backoffBase: 2,
          backoffMax: 40,
          breakAfter: 4,
          overloadTarget: 30,
          overloadInterval: 50,
          leakAfter: Infinity,
        };
        const oracle = { isAlive: (thing: Thing) => thing.alive, random: () => 0.5, canReset: true, canValidate: true };
        const machine = new PoolMachine<Thing, Caller>(limits, oracle);
        const callers: Caller[] = [];
        const leased: Slot<Thing>[] = [];
        const idleOrGone: Slot<Thing>[] = [];
        const pending: { do: "validate" | "reset"; slot: Slot<Thing> }[] = [];
        const gone = new Set<Slot<Thing>>();
        let making = 0;
        let live = 0;
        let now = 0;
        let failures = 0;
        let lastServed = -1;
        let closed = false;
        const carryOut = (): void => {
          for (const effect of machine.effects.splice(0)) {
            // Nothing is made or lent after close.
            if (closed) expect(["reject", "destroy"]).toContain(effect.do);
            if (effect.do === "create") making++;
            else if (effect.do === "reject") effect.waiter.answers++;
            else if (effect.do === "destroy") {
              expect(gone.has(effect.slot)).toBe(false);
              gone.add(effect.slot);
              live--;
            } else if (effect.do === "grant") {
              effect.waiter.answers++;
              expect(effect.waiter.place).toBeGreaterThan(lastServed);
              lastServed = effect.waiter.place;
              expect(effect.slot.diesAt).toBeGreaterThan(now);
              expect(leased).not.toContain(effect.slot);
              leased.push(effect.slot);
            } else if (effect.do === "validate" || effect.do === "reset") {
              pending.push({ do: effect.do, slot: effect.slot });
            }
          }
        };
        const pick = <X>(list: X[], number: number): X | undefined =>
          list.length === 0 ? undefined : list.splice(number % list.length, 1)[0];
        for (const [kind, number] of steps) {
          now += number;
          if (kind <= 2) {
            const slot = machine.take(now);
            if (slot === undefined) {
              const caller = { settled: false, answers: 0, place: callers.length };
              callers.push(caller);
              machine.acquire(caller, now);
            } else {
              expect(slot.diesAt).toBeGreaterThan(now);
              expect(slot.resource.alive).toBe(true);
              expect(leased).not.toContain(slot);
              leased.push(slot);
            }
          } else if (kind === 3) {
            const caller = callers[number % Math.max(1, callers.length)];
            if (caller !== undefined) machine.cancel(caller, "gave up");
          } else if (kind === 4 && making > 0) {
            making--;
            live++;
            failures = 0;
            idleOrGone.push(machine.created({ id: now, alive: true }, now));
          } else if (kind === 5 && making > 0) {
            making--;
            machine.createFailed("no route", now);
            failures++;
          } else if (kind === 6) {
            const slot = pick(leased, number);
            if (slot !== undefined) {
              const broken = number % 5 === 0;
              machine.released(slot, broken, now);
              // What is in an unknown state, or worn out, is not in the pool any more.
              const unfit = broken || !slot.resource.alive || slot.diesAt <= now || slot.uses >= limits.maxUses;
              expect(slot.state).toBe(unfit ? "retired" : "reset");
              // Given back again it changes nothing.
              const effects = machine.effects.length;
              machine.released(slot, true, now);
              expect(machine.effects).toHaveLength(effects);
            }
          } else if (kind === 7) {
            const asked = pick(pending, number);
            if (asked?.do === "reset") machine.asked(asked.slot, "reset", number % 4 !== 0, now);
            else if (asked !== undefined) machine.asked(asked.slot, "validate", number % 4 !== 0, now);
          } else if (kind === 8) {
            const slot = idleOrGone[number % Math.max(1, idleOrGone.length)];
            if (slot !== undefined) {
              slot.resource.alive = false;
              machine.died(slot);
            }
          } else machine.tick(now);
          carryOut();
          const stats = machine.stats();
          expect(live + making).toBeLessThanOrEqual(max);
          expect(making).toBeLessThanOrEqual(maxCreating);
          expect(stats.idle + stats.leased).toBe(live);
          expect(stats.waiting).toBeLessThanOrEqual(6);
          expect(stats.waiting).toBe(callers.filter(({ answers }) => answers === 0).length);
          expect(callers.every(({ answers, settled }) => answers === (settled ? 1 : 0))).toBe(true);
          const asking = pending.filter(({ do: what }) => what === "validate").length;
          if (stats.waiting > making + asking && failures === 0)
            expect(stats.idle === 0 && (live + making === max || making === maxCreating)).toBe(true);
        }
        closed = true;
        machine.close();
        carryOut();
        expect(callers.every(({ answers }) => answers === 1)).toBe(true);
        expect(machine.stats()).toMatchObject({ idle: 0, waiting: 0 });
        // Whoever comes now is refused; what is still made, asked or out goes as it comes back.
        const late = { settled: false, answers: 0, place: callers.length };
        expect(machine.take(now)).toBeUndefined();
        machine.acquire(late, now);
        for (; making > 0; making--) {
          live++;
          machine.created({ id: now, alive: true }, now);
        }
        for (const { do: what, slot } of pending) {
          if (what === "reset") machine.asked(slot, "reset", true, now);
          else machine.asked(slot, "validate", true, now);
        }
        for (const slot of leased.splice(0, 1)) machine.released(slot, false, now);
        carryOut();
        expect(late.answers).toBe(1);
        expect(live).toBe(leased.length);
        machine.abandon();
        carryOut();
        expect(live).toBe(0);
      },
    ),
    { numRuns: 500 },
  );
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

test("connections that were made together do not die together", async () => {
  let now = 0;
  const { hooks } = factory();
  const retired: number[] = [];
  const init = {
    now: () => now,
    random: () => 0.5,
    observe: (event: PoolEvent) => void (event.type === "retire" && retired.push(now)),
  };
  const pool = new Pool(hooks, { max: 8, maxCreating: 8, idleTimeout: Infinity, maxLifetime: 60_000 }, init);
  const leases = await Promise.all(Array.from({ length: 8 }, () => pool.acquire()));
  for (const lease of leases) lease.release();
  for (; now <= 60_000; now += 100) (await pool.acquire()).release();
  const perSecond = Map.groupBy(retired, (at) => Math.floor(at / 1_000));
  expect(retired.length).toBeGreaterThanOrEqual(8);
  expect(Math.max(...[...perSecond.values()].map(({ length }) => length))).toBeLessThanOrEqual(Math.ceil(8 / 4));
});

test("under lasting overload the longest waits are refused and the rest is served in time", () => {
  interface Caller extends Waiter {
    readonly cameAt: number;
  }
  const limits = {
    max: 1,
    minIdle: 0,
    maxWaiting: Infinity,
    acquireTimeout: Infinity,
    createTimeout: Infinity,
    idleTimeout: Infinity,
    maxLifetime: Infinity,
    maxUses: Infinity,
    validateAfterIdle: Infinity,
    maxCreating: 1,
    backoffBase: 0,
    backoffMax: 0,
    breakAfter: Infinity,
    overloadTarget: 20,
    overloadInterval: 100,
    leakAfter: Infinity,
  };
  const oracle = { isAlive: () => true, random: () => 0, canReset: false, canValidate: false };
  const machine = new PoolMachine<Thing, Caller>(limits, oracle);
  let busy: Slot<Thing> | undefined;
  let freeAt = 0;
  const waits: number[] = [];
  let refused = 0;
  // A second of work comes in every half second: 10 ms each, one at a time, one every 5 ms.
  for (let now = 0; now < 20_000; now++) {
    if (now % 5 === 0) machine.acquire({ settled: false, cameAt: now }, now);
    if (busy !== undefined && now >= freeAt) {
      const done = busy;
      busy = undefined;
      machine.released(done, false, now);
    }
    for (let effects = machine.effects.splice(0); effects.length > 0; effects = machine.effects.splice(0)) {
      for (const effect of effects) {
        if (effect.do === "create") machine.created({ id: 0, alive: true }, now);
        else if (effect.do === "reject") refused++;
        else if (effect.do === "grant") {
          busy = effect.slot;
          freeAt = now + 10;
          waits.push(now - effect.waiter.cameAt);
        }
      }
    }
  }
  // Goodput stays what the one resource can do, and after the first interval nobody waits for long.
  expect(waits.length).toBeGreaterThan(0.95 * 2_000);
  expect(refused).toBeGreaterThan(1_500);
  expect(Math.max(...waits.slice(100))).toBeLessThanOrEqual(60);
});
