// The invariants of the pool under any interleaving, on its machine with a clock of our own: each step is one event, chosen at
// random, and after each step the books that are kept here must agree with the machine.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Waiter } from "./line.ts";
import { PoolMachine } from "./machine.ts";
import type { Effect, Limits, Slot } from "./machine.ts";
import { Pool } from "./pool.ts";

interface Thing {
  alive: boolean;
  /** Given up, or not to be brought back to a known state. */
  unknown: boolean;
}

interface Caller extends Waiter {
  readonly place: number;
  readonly until: number;
  answers: number;
}

const INVARIANTS = {
  P1: "no more exist or are in the making than max and maxCreating allow",
  P2: "a resource is in one state, and the counts say which",
  P3: "no resource is lent to two",
  P4: "who waits is answered once, and by its deadline, and nobody waits beside an idle one",
  P5: "who has given up gets nothing",
  P6: "a creation outlives whoever asked for it",
  P7: "what has been given back is not given back again",
  P8: "first come, first served",
  P9: "no more wait than maxWaiting",
  P10: "nothing is lent that is dead, worn out or past its lifetime",
  P11: "what is in an unknown state is never lent again",
  P12: "a closed pool makes and lends nothing, answers everybody and gives all up",
  P13: "no timer is wanted while nothing is idle and nobody waits",
} as const;
type Invariant = keyof typeof INVARIANTS;

const LIMITS: Limits = {
  max: 1,
  maxCreating: 1,
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

/** A machine, and books of our own about everything that happens to it. */
class World {
  readonly broken = new Map<Invariant, string>();
  readonly #limits: Limits;
  readonly #machine: PoolMachine<Thing, Caller>;
  readonly #callers: Caller[] = [];
  readonly #live = new Set<Slot<Thing>>();
  readonly #leased: Slot<Thing>[] = [];
  readonly #asked: { hook: "validate" | "reset"; slot: Slot<Thing> }[] = [];
  #making = 0;
  #now = 0;
  #failing = false;
  #lastServed = -1;
  #closed = false;

  constructor(max: number, maxCreating: number) {
    this.#limits = { ...LIMITS, max, maxCreating };
    const oracle = { isAlive: ({ alive }: Thing) => alive, random: () => 0.5, canReset: true, canValidate: true };
    this.#machine = new PoolMachine<Thing, Caller>(this.#limits, oracle);
  }

  step(kind: number, number: number): void {
    const machine = this.#machine;
    this.#now += number;
    const now = this.#now;
    if (kind <= 2) this.#acquire(number);
    else if (kind === 3) {
      const caller = this.#callers[number % Math.max(1, this.#callers.length)];
      if (caller !== undefined) machine.cancel(caller, "gave up");
      this.#expect("P6", !machine.effects.some((effect) => effect.do === "destroy"), "a cancel destroys");
    } else if (kind === 4 && this.#making > 0) {
      this.#making--;
      this.#failing = false;
      this.#live.add(machine.created({ alive: true, unknown: false }, now));
    } else if (kind === 5 && this.#making > 0) {
      this.#making--;
      this.#failing = true;
      machine.createFailed("no route", now);
    } else if (kind === 6) this.#release(number);
    else if (kind === 7) {
      const asked = pick(this.#asked, number);
      if (asked === undefined) return;
      const good = number % 4 !== 0;
      if (!good) asked.slot.resource.unknown = true;
      machine.asked(asked.slot, asked.hook, good, now);
    } else if (kind === 8) {
      const slot = [...this.#live][number % Math.max(1, this.#live.size)];
      if (slot === undefined) return;
      slot.resource.alive = false;
      machine.died(slot);
    } else {
      machine.tick(now);
      this.#carryOut();
      const late = this.#callers.some(({ answers, until }) => answers === 0 && until <= now);
      this.#expect("P4", !late, "somebody waits past the deadline");
    }
    this.#carryOut();
    this.#compare();
  }

  end(): void {
    const machine = this.#machine;
    const now = this.#now;
    this.#closed = true;
    machine.close();
    this.#carryOut();
    this.#expect("P12", machine.stats().idle + machine.stats().waiting === 0, "idle or waiting after close");
    this.#expect("P12", machine.take(now) === undefined, "lent after close");
    this.#acquire(0);
    for (; this.#making > 0; this.#making--) this.#live.add(machine.created({ alive: true, unknown: false }, now));
    for (const { hook, slot } of this.#asked.splice(0)) machine.asked(slot, hook, true, now);
    for (const slot of this.#leased.splice(0, 1)) machine.released(slot, false, now);
    this.#carryOut();
    this.#expect("P12", this.#live.size === this.#leased.length, "what came back after close was kept");
    machine.abandon();
    this.#carryOut();
    this.#expect("P12", this.#live.size === 0, "something is left");
    for (const { answers } of this.#callers) this.#expect("P12", answers === 1, `answered ${answers} times in the end`);
  }

  #acquire(number: number): void {
    const slot = this.#machine.take(this.#now);
    if (slot !== undefined) return this.#lent(slot);
    const place = this.#callers.length;
    const caller = { settled: false, answers: 0, place, until: this.#now + 15 + number * 3 };
    this.#callers.push(caller);
    this.#machine.acquire(caller, this.#now);
  }

  #release(number: number): void {
    const slot = pick(this.#leased, number);
    if (slot === undefined) return;
    const broken = number % 5 === 0;
    slot.resource.unknown ||= broken;
    this.#machine.released(slot, broken, this.#now);
    const before = this.#machine.effects.length;
    this.#machine.released(slot, true, this.#now);
    this.#expect("P7", this.#machine.effects.length === before, "the second return does something");
  }

  #lent(slot: Slot<Thing>): void {
    const { resource, diesAt, uses } = slot;
    this.#expect("P3", !this.#leased.includes(slot), "lent twice");
    this.#expect("P10", resource.alive && diesAt > this.#now && uses <= this.#limits.maxUses, "lent unfit");
    this.#expect("P11", !resource.unknown, "lent in an unknown state");
    this.#leased.push(slot);
  }

  #carryOut(): void {
    for (const effect of this.#machine.effects.splice(0)) this.#done(effect);
  }

  #done(effect: Effect<Thing, Caller>): void {
    this.#expect("P12", !this.#closed || effect.do === "reject" || effect.do === "destroy", `${effect.do} after close`);
    if (effect.do === "create") this.#making++;
    else if (effect.do === "destroy") this.#expect("P2", this.#live.delete(effect.slot), "destroyed twice");
    else if (effect.do === "validate" || effect.do === "reset")
      this.#asked.push({ hook: effect.do, slot: effect.slot });
    else if (effect.do === "reject") effect.waiter.answers++;
    else if (effect.do === "grant") {
      const { place } = effect.waiter;
      this.#expect("P5", effect.waiter.answers++ === 0, "granted to one who has been answered");
      this.#expect("P8", place > this.#lastServed, "served before one who came earlier");
      this.#lastServed = place;
      // A resource is granted in the moment in which it is made, before the machine has told of it.
      this.#live.add(effect.slot);
      this.#lent(effect.slot);
    }
  }

  #compare(): void {
    const { idle, leased, creating, waiting } = this.#machine.stats();
    const { max, maxCreating, maxWaiting } = this.#limits;
    const live = this.#live.size;
    this.#expect("P1", live + this.#making <= max && this.#making <= maxCreating, `${live} and ${this.#making}`);
    const out = this.#leased.length + this.#asked.filter(({ slot }) => this.#live.has(slot)).length;
    this.#expect("P2", leased === out && idle === live - out, `${idle} idle, ${leased} out; ${live} and ${out} here`);
    this.#expect("P6", creating === this.#making, `${creating} are made, ${this.#making} were asked for`);
    this.#expect("P9", waiting <= maxWaiting, `${waiting} wait`);
    const unanswered = this.#callers.filter(({ answers }) => answers === 0).length;
    this.#expect("P4", waiting === unanswered, `${waiting} wait, ${unanswered} are not answered`);
    for (const { answers, settled } of this.#callers) this.#expect("P4", answers === Number(settled), "answered twice");
    const validating = this.#asked.filter(({ hook }) => hook === "validate").length;
    const canServe = idle > 0 || (live + this.#making < max && this.#making < maxCreating);
    const alone = waiting > this.#making + validating && !this.#failing && canServe;
    this.#expect("P4", !alone, "somebody waits beside an idle one");
    if (idle + waiting > 0) return;
    this.#expect("P13", this.#machine.tick(this.#now) === Infinity, "a timer for nothing");
  }

  #expect(invariant: Invariant, holds: boolean, otherwise: string): void {
    if (!holds && !this.broken.has(invariant)) this.broken.set(invariant, `${otherwise} at ${this.#now}`);
  }
}

function pick<X>(list: X[], number: number): X | undefined {
  return list.length === 0 ? undefined : list.splice(number % list.length, 1)[0];
}

test.each(Object.entries(INVARIANTS) as [Invariant, string][])("%s: %s, in any order of events", (invariant) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(9), fc.nat(20)), { maxLength: 200, size: "max" }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      (steps, max, maxCreating) => {
        const world = new World(max, maxCreating);
        for (const [kind, number] of steps) world.step(kind, number);
        world.end();
        expect(world.broken.get(invariant)).toBeUndefined();
      },
    ),
    { numRuns: 200 },
  );
});

test("P9: under lasting overload the longest waits are refused and the rest is served in time", () => {
  interface Arrival extends Waiter {
    readonly cameAt: number;
  }
  const limits = {
    ...LIMITS,
    maxWaiting: Infinity,
    idleTimeout: Infinity,
    maxLifetime: Infinity,
    maxUses: Infinity,
    validateAfterIdle: Infinity,
    overloadTarget: 20,
    overloadInterval: 100,
  };
  const oracle = { isAlive: () => true, random: () => 0, canReset: false, canValidate: false };
  const machine = new PoolMachine<Thing, Arrival>(limits, oracle);
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
        if (effect.do === "create") machine.created({ alive: true, unknown: false }, now);
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

test("P10: connections that were made together do not die together", async () => {
  let now = 0;
  const hooks = {
    create: () => Promise.resolve({ alive: true, unknown: false }),
    destroy: () => {},
  };
  const retired: number[] = [];
  const init = {
    now: () => now,
    random: () => 0.5,
    observe: (event: { type: string }) => void (event.type === "retire" && retired.push(now)),
  };
  const pool = new Pool(hooks, { max: 8, maxCreating: 8, idleTimeout: Infinity, maxLifetime: 60_000 }, init);
  const leases = await Promise.all(Array.from({ length: 8 }, () => pool.acquire()));
  for (const lease of leases) lease.release();
  for (; now <= 60_000; now += 100) (await pool.acquire()).release();
  const perSecond = Map.groupBy(retired, (at) => Math.floor(at / 1_000));
  expect(retired.length).toBeGreaterThanOrEqual(8);
  expect(Math.max(...[...perSecond.values()].map(({ length }) => length))).toBeLessThanOrEqual(Math.ceil(8 / 4));
});
