// The pool as a pure state machine: no I/O, no promise, no clock, no timer of its own. Events go in with the time they
// happened at; effects come out, and the driver (driver.ts) carries them out and reports what came of them.
//
//   create ──▶ (making) ──▶ leased ──▶ reset ──▶ idle ──▶ validate ──▶ leased
//                              └─────────┴────────┴─────────┴──▶ retired
//
// What holds at any moment: slots + making ≤ max; a slot is in one state; a waiter is answered once; waiters are served in
// order; no waiter waits while a slot is idle; nothing is handed out after close.
//
// Failed creations share one backoff: until it is over nothing is made, then one at a time. After breakAfter failures in a
// row, waiters that no slot can serve are refused at once instead of waiting for the next attempt.

import { PoolError, unsent } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import { Line } from "./line.ts";
import type { Waiter } from "./line.ts";
import { Overload } from "./overload.ts";
import type { PoolOptions, PoolStats, RetireReason } from "./types.ts";

const SECOND = 1_000;

/** A resource and its life. */
export interface Slot<T> {
  readonly resource: T;
  /** `reset` and `validate`: the hook is under way. */
  state: "idle" | "leased" | "reset" | "validate" | "retired";
  readonly createdAt: number;
  readonly diesAt: number;
  idleSince: number;
  uses: number;
  leasedAt: number;
  /** Whether this loan has been reported as a leak. */
  leaked: boolean;
  /** The place that took it, where leaks are reported. */
  stack: string | undefined;
}

/** What the driver is to do. */
export type Effect<T, W extends Waiter> =
  | { readonly do: "create" }
  | { readonly do: "grant"; readonly waiter: W; readonly slot: Slot<T> }
  | { readonly do: "reject"; readonly waiter: W; readonly error: unknown }
  | { readonly do: "validate" | "reset"; readonly slot: Slot<T> }
  | { readonly do: "reportLeak"; readonly slot: Slot<T>; readonly age: number }
  | { readonly do: "destroy"; readonly slot: Slot<T>; readonly reason: RetireReason };

/** Options with every default filled in. */
export type Limits = Required<PoolOptions>;

/** What the machine may ask of the world: a look at a resource, and a number from 0 to 1 for the jitter of lifetimes. */
export interface Oracle<T> {
  isAlive(resource: T): boolean;
  random(): number;
  readonly canReset: boolean;
  readonly canValidate: boolean;
}

/** See the head of the file. Each method returns nothing; `effects` holds what is to be done, in order. */
export class PoolMachine<T, W extends Waiter> {
  effects: Effect<T, W>[] = [];
  readonly #limits: Limits;
  readonly #oracle: Oracle<T>;
  readonly #slots = new Set<Slot<T>>();
  /** Last in, first out: what is used seldom grows old and goes. */
  readonly #idle: Slot<T>[] = [];
  readonly #line = new Line<W>();
  readonly #overload: Overload;
  #making = 0;
  #validating = 0;
  #created = 0;
  #closed = false;
  #failures = 0;
  #lastFailure: unknown;
  /** When the next one may be made, after a failure. */
  #retryAt = 0;

  constructor(limits: Limits, oracle: Oracle<T>) {
    this.#limits = limits;
    this.#oracle = oracle;
    this.#overload = new Overload(limits.overloadTarget, limits.overloadInterval);
  }

  get closed(): boolean {
    return this.#closed;
  }

  stats(): PoolStats {
    const { size } = this.#slots;
    return {
      idle: this.#idle.length,
      leased: size - this.#idle.length,
      creating: this.#making,
      waiting: this.#line.length,
      created: this.#created,
    };
  }

  /** The quick way: an idle slot that may be lent as it is, now leased; else `undefined`, and `acquire` is to be called. */
  take(now: number): Slot<T> | undefined {
    if (this.#closed) return undefined;
    const slot = this.#popIdle(now);
    if (slot === undefined) return undefined;
    if (!this.#isStale(slot, now)) return this.#lend(slot, now);
    this.#idle.push(slot);
    return undefined;
  }

  /** Somebody wants a resource. */
  acquire(waiter: W, now: number): void {
    if (this.#closed) return this.#reject(waiter, poolClosed());
    if (this.#line.length >= this.#limits.maxWaiting) {
      return this.#reject(waiter, this.#error("POOL_FULL", "too many wait"));
    }
    waiter.since = now;
    this.#line.add(waiter);
    const slot = this.#validating < this.#line.length ? this.#popIdle(now) : undefined;
    if (slot === undefined) return this.#pump(now);
    if (!this.#isStale(slot, now)) return this.#give(slot, now);
    this.#validating++;
    this.#ask(slot, "validate");
  }

  /** A waiter gave up. What was in the making for it goes on, for the next one. */
  cancel(waiter: W, error: unknown): void {
    if (waiter.settled) return;
    this.#reject(waiter, error);
    this.#line.left();
  }

  created(resource: T, now: number): Slot<T> {
    this.#making--;
    this.#created++;
    const slot: Slot<T> = {
      resource,
      state: "leased",
      createdAt: now,
      diesAt: this.#deathOfNew(now),
      idleSince: now,
      uses: 0,
      leasedAt: now,
      leaked: false,
      stack: undefined,
    };
    this.#failures = 0;
    this.#slots.add(slot);
    this.#give(slot, now);
    this.#pump(now);
    return slot;
  }

  /** The end of its lifetime less a random tenth, and away from the others', so that few die in any one second. */
  #deathOfNew(now: number): number {
    const { max, maxLifetime } = this.#limits;
    const earliest = now + maxLifetime / 2;
    const crowd = Math.ceil(max / 4);
    let at = now + maxLifetime * (1 - this.#oracle.random() / 10);
    if (at === Infinity) return at;
    const near = (slot: Slot<T>): boolean => Math.abs(slot.diesAt - at) < SECOND;
    while (at - SECOND > earliest && [...this.#slots].filter(near).length >= crowd) at -= SECOND;
    return at;
  }

  /** Making one failed: the first waiter learns why, and the next attempt waits. */
  createFailed(error: unknown, now: number): void {
    this.#making--;
    this.#failures++;
    this.#lastFailure = error;
    const { backoffBase, backoffMax } = this.#limits;
    const longest = Math.min(backoffMax, backoffBase * 2 ** (this.#failures - 1));
    // Half of it is random, so that many pools that lost one server do not come back in step.
    this.#retryAt = now + longest * (0.5 + this.#oracle.random() / 2);
    const waiter = this.#line.next();
    if (waiter !== undefined) this.#reject(waiter, error);
    this.#pump(now);
  }

  /** What a hook said of a slot. */
  asked(slot: Slot<T>, hook: "validate" | "reset", good: boolean, now: number): void {
    if (slot.state !== hook) return;
    if (!good) return this.#replace(slot, hook, now);
    if (hook === "validate") this.#validating--;
    this.#give(slot, now);
  }

  /** A lease ended. `broken`: the holder says that the state is not known. */
  released(slot: Slot<T>, broken: boolean, now: number): void {
    if (slot.state !== "leased") return;
    const reason = broken ? "broken" : this.#unfit(slot, now);
    if (reason !== undefined) this.#replace(slot, reason, now);
    else if (this.#oracle.canReset) this.#ask(slot, "reset");
    else this.#give(slot, now);
  }

  /** A resource ended by itself. One that is lent is noticed when it comes back. */
  died(slot: Slot<T>): void {
    if (slot.state !== "idle") return;
    this.#idle.splice(this.#idle.indexOf(slot), 1);
    this.#retire(slot, "closed");
  }

  /** Does what is due by now. Returns when to look again, or `Infinity`. */
  tick(now: number): number {
    let next = Math.min(this.#retireIdle(now), this.#expire(now));
    if (this.#line.length > 0 && this.#failures > 0) {
      if (this.#retryAt <= now) this.#pump(now);
      else next = Math.min(next, this.#retryAt);
    }
    return Math.min(next, this.#reportLeaks(now));
  }

  /** Those who have waited for long enough are told so. */
  #expire(now: number): number {
    const line = this.#line;
    for (const waiter of line.expired(now)) {
      const waited = Math.round(now - (waiter.since ?? now));
      this.cancel(waiter, this.#error("POOL_TIMEOUT", `none came free within ${waited} ms`));
    }
    return line.expires;
  }

  #retireIdle(now: number): number {
    const { idleTimeout, minIdle } = this.#limits;
    let surplus = this.#idle.length - minIdle;
    let next = Infinity;
    // The longest idle are at the front.
    for (const slot of [...this.#idle]) {
      const idleUntil = surplus > 0 ? slot.idleSince + idleTimeout : Infinity;
      const until = Math.min(idleUntil, slot.diesAt);
      if (until > now) {
        next = Math.min(next, until);
        continue;
      }
      this.#idle.splice(this.#idle.indexOf(slot), 1);
      surplus--;
      this.#retire(slot, slot.diesAt <= now ? "lifetime" : "idle");
    }
    return next;
  }

  #reportLeaks(now: number): number {
    const { leakAfter } = this.#limits;
    if (leakAfter === Infinity) return Infinity;
    let next = Infinity;
    for (const slot of this.#slots) {
      if (slot.state !== "leased" || slot.leaked) continue;
      const age = now - slot.leasedAt;
      if (age < leakAfter) {
        next = Math.min(next, slot.leasedAt + leakAfter);
        continue;
      }
      slot.leaked = true;
      this.effects.push({ do: "reportLeak", slot, age });
    }
    return next;
  }

  /** Lends no more: waiters are refused, idle slots go, lent ones go when they come back. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#rejectAll(poolClosed);
    for (const slot of this.#idle.splice(0)) this.#retire(slot, "drain");
  }

  /** Gives up everything, lent slots too. */
  abandon(): void {
    this.close();
    for (const slot of [...this.#slots]) this.#retire(slot, "drain");
  }

  #isStale(slot: Slot<T>, now: number): boolean {
    return this.#oracle.canValidate && now - slot.idleSince >= this.#limits.validateAfterIdle;
  }

  #ask(slot: Slot<T>, hook: "validate" | "reset"): void {
    slot.state = hook;
    this.effects.push({ do: hook, slot });
  }

  #give(slot: Slot<T>, now: number): void {
    const reason = this.#unfit(slot, now);
    if (reason !== undefined) return this.#replace(slot, reason, now);
    const waiter = this.#nextInLine(now);
    if (waiter === undefined) {
      slot.state = "idle";
      slot.idleSince = now;
      this.#idle.push(slot);
      return;
    }
    waiter.settled = true;
    this.effects.push({ do: "grant", waiter, slot: this.#lend(slot, now) });
  }

  #lend(slot: Slot<T>, now: number): Slot<T> {
    slot.state = "leased";
    slot.leasedAt = now;
    slot.leaked = false;
    slot.uses++;
    return slot;
  }

  /** The next waiter, after those who waited for too long under lasting overload. */
  #nextInLine(now: number): W | undefined {
    for (;;) {
      const waiter = this.#line.next();
      if (waiter === undefined) {
        this.#overload.end();
        return undefined;
      }
      const waited = now - (waiter.since ?? now);
      if (!this.#overload.refuses(waited, now)) return waiter;
      this.#reject(waiter, this.#error("POOL_OVERLOADED", `none came free within ${Math.round(waited)} ms`));
    }
  }

  #popIdle(now: number): Slot<T> | undefined {
    for (;;) {
      const slot = this.#idle.pop();
      if (slot === undefined) return undefined;
      const reason = this.#unfit(slot, now);
      if (reason === undefined) return slot;
      this.#retire(slot, reason);
    }
  }

  #unfit(slot: Slot<T>, now: number): RetireReason | undefined {
    if (this.#closed) return "drain";
    if (!this.#oracle.isAlive(slot.resource)) return "closed";
    if (slot.diesAt <= now) return "lifetime";
    return slot.uses >= this.#limits.maxUses ? "uses" : undefined;
  }

  #replace(slot: Slot<T>, reason: RetireReason, now: number): void {
    this.#retire(slot, reason);
    this.#pump(now);
  }

  #retire(slot: Slot<T>, reason: RetireReason): void {
    if (slot.state === "validate") this.#validating--;
    slot.state = "retired";
    this.#slots.delete(slot);
    this.effects.push({ do: "destroy", slot, reason });
  }

  /** Starts making as many as waiters want and the limits allow. */
  #pump(now: number): void {
    if (this.#closed) return;
    const { max, maxCreating, breakAfter } = this.#limits;
    const failing = this.#failures > 0;
    if (failing && now < this.#retryAt) {
      const hopeless = this.#failures >= breakAfter && this.#slots.size === 0 && this.#making === 0;
      if (hopeless) this.#rejectAll(() => this.#brokenError(now));
      return;
    }
    const wanted = this.#line.length - this.#making - this.#validating;
    const room = Math.min(max - this.#slots.size, failing ? 1 : maxCreating) - this.#making;
    for (let left = Math.min(wanted, room); left > 0; left--) {
      this.#making++;
      this.effects.push({ do: "create" });
    }
  }

  #rejectAll(error: () => PoolError): void {
    for (let waiter = this.#line.next(); waiter !== undefined; waiter = this.#line.next())
      this.#reject(waiter, error());
  }

  #brokenError(now: number): PoolError {
    const wait = Math.max(0, Math.round(this.#retryAt - now));
    const message = `none could be made, ${this.#failures} times in a row; the next attempt is made in ${wait} ms`;
    return unsent(PoolError, "POOL_BROKEN", message, this.#lastFailure);
  }

  #error(code: ErrorCode, what: string): PoolError {
    const { leased, creating, waiting } = this.stats();
    const counts = `${leased} in use, ${creating} being made, ${waiting} waiting`;
    return unsent(PoolError, code, `${what} (${counts}): raise max, or hold each for less time`);
  }

  #reject(waiter: W, error: unknown): void {
    waiter.settled = true;
    this.effects.push({ do: "reject", waiter, error });
  }
}

/** What everybody who wants something of a closed pool is told. */
export function poolClosed(): PoolError {
  return unsent(PoolError, "POOL_CLOSED", "the pool is closed");
}
