// The driver of the pool machine: promises, hooks, one timer for idle resources, one for all waiters. It belongs to one I/O
// context; the Pool has one for each.

import { Deadlines } from "../deadlines.ts";
import { PoolError } from "../errors.ts";
import { creation } from "./creation.ts";
import type { Creation } from "./creation.ts";
import type { Waiter } from "./line.ts";
import { poolClosed, PoolMachine } from "./machine.ts";
import type { Effect, Limits, Slot } from "./machine.ts";
import type { AcquireOptions, Lease, PoolEvent, PoolHooks, PoolInit, PoolStats, RetireReason } from "./types.ts";

/** Somebody who waits for a lease. */
interface PendingLease<T> extends Waiter, PromiseWithResolvers<Lease<T>> {
  /** Who asked, where leaks are reported. */
  readonly stack: string | undefined;
}

/** See the head of the file; the methods are those of `Pool`. */
export class PoolDriver<T> {
  readonly #hooks: PoolHooks<T>;
  readonly #limits: Limits;
  readonly #machine: PoolMachine<T, PendingLease<T>>;
  readonly #deadlines = new Deadlines();
  readonly #making = new Set<Creation<T>>();
  readonly #destroying = new Set<Promise<void>>();
  readonly #holders = new WeakMap<Slot<T>, string | undefined>();
  readonly #now: () => number;
  readonly #observe: ((event: PoolEvent) => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Infinity;
  #running = false;
  #emptied: (() => void)[] = [];

  constructor(hooks: PoolHooks<T>, limits: Limits, init: PoolInit) {
    this.#hooks = hooks;
    this.#limits = limits;
    this.#now = init.now ?? (() => Date.now());
    this.#observe = init.observe;
    this.#machine = new PoolMachine(this.#limits, {
      isAlive: (resource) => hooks.isAlive?.(resource) ?? true,
      random: init.random ?? (() => Math.random()),
      canReset: hooks.reset !== undefined,
      canValidate: hooks.validate !== undefined,
    });
  }

  /**
   * Borrows a resource. Give the lease back exactly once, or let `await using` do it.
   * @throws PoolError `POOL_TIMEOUT`, `POOL_FULL`, `POOL_CLOSED`; what `create` threw; the signal's own reason.
   */
  async acquire(options: AcquireOptions = {}): Promise<Lease<T>> {
    const { signal, timeout = this.#limits.acquireTimeout } = options;
    const stack = this.#limits.leakAfter < Infinity ? new Error("the loan was taken here").stack : undefined;
    signal?.throwIfAborted();
    const slot = this.#machine.take(this.#now());
    if (slot !== undefined) {
      if (this.#machine.effects.length > 0) this.#run();
      this.#observe?.({ type: "acquire" });
      return this.#lease(slot, stack);
    }
    const waiter: PendingLease<T> = { settled: false, stack, ...Promise.withResolvers<Lease<T>>() };
    this.#machine.acquire(waiter, this.#now());
    this.#run();
    if (waiter.settled) return waiter.promise;
    this.#observe?.({ type: "wait" });
    const deadline = this.#deadlines.guard(timeout, signal, (why) => {
      this.#machine.cancel(waiter, why === "abort" ? signal?.reason : this.#timeoutError(timeout));
      this.#run();
    });
    try {
      return await waiter.promise;
    } finally {
      deadline.clear();
    }
  }

  stats(): PoolStats {
    return this.#machine.stats();
  }

  /** Lends no more, and waits until everything lent has come back; after `timeout` ms (default 5,000) gives it up. */
  async drain({ timeout = 5_000 }: { timeout?: number } = {}): Promise<void> {
    this.close();
    if (this.#machine.stats().leased > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeout);
        this.#emptied.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    this.#machine.abandon();
    this.#run();
    await Promise.all(this.#destroying);
  }

  /** Lends no more and closes what is idle, without waiting; what is lent is closed when it comes back. */
  close(): void {
    this.#machine.close();
    for (const making of this.#making) making.giveUp(poolClosed());
    this.#run();
  }

  #lease(slot: Slot<T>, stack: string | undefined): Lease<T> {
    if (stack !== undefined) this.#holders.set(slot, stack);
    let over = false;
    const end = (broken: boolean): void => {
      if (over) return;
      over = true;
      this.#observe?.({ type: "release" });
      this.#machine.released(slot, broken, this.#now());
      this.#run();
    };
    return {
      resource: slot.resource,
      release: () => end(false),
      destroy: () => end(true),
      [Symbol.asyncDispose]: () => Promise.resolve(end(false)),
    };
  }

  /** Carries out effects until there are none; an effect may cause others. */
  #run(): void {
    if (this.#running) return;
    this.#running = true;
    const machine = this.#machine;
    while (machine.effects.length > 0) {
      const effects = machine.effects;
      machine.effects = [];
      for (const effect of effects) this.#carryOut(effect);
    }
    this.#running = false;
    const { leased, idle, creating, waiting } = machine.stats();
    if (leased === 0 && creating === 0 && machine.closed) {
      for (const resolve of this.#emptied.splice(0)) resolve();
    }
    const watched = idle > 0 || waiting > 0 || (leased > 0 && this.#limits.leakAfter < Infinity);
    if (watched && !machine.closed) this.#arm();
    else this.#disarm();
  }

  #carryOut(effect: Effect<T, PendingLease<T>>): void {
    switch (effect.do) {
      case "grant":
        this.#observe?.({ type: "acquire" });
        return effect.waiter.resolve(this.#lease(effect.slot, effect.waiter.stack));
      case "reject":
        return effect.waiter.reject(effect.error);
      case "create":
        return void this.#create();
      case "destroy":
        return this.#destroy(effect.slot.resource, effect.reason);
      case "reportLeak":
        return this.#observe?.({ type: "leak", age: effect.age, stack: this.#holders.get(effect.slot) });
      case "validate":
        return void this.#ask(effect.slot, this.#hooks.validate, (slot, good, now) =>
          this.#machine.validated(slot, good, now),
        );
      case "reset":
        return void this.#ask(effect.slot, this.#hooks.reset, (slot, good, now) =>
          this.#machine.wasReset(slot, good, now),
        );
    }
  }

  async #create(): Promise<void> {
    this.#observe?.({ type: "create" });
    const making = creation(this.#hooks, this.#limits.createTimeout, this.#deadlines, (late) =>
      this.#destroy(late, "drain"),
    );
    this.#making.add(making);
    try {
      const resource = await making.made;
      this.#observe?.({ type: "created" });
      const slot = this.#machine.created(resource, this.#now());
      this.#hooks.watch?.(resource, () => {
        this.#machine.died(slot);
        this.#run();
      });
    } catch (error) {
      this.#observe?.({ type: "createFailed", error });
      this.#machine.createFailed(error, this.#now());
    }
    this.#making.delete(making);
    this.#run();
  }

  #destroy(resource: T, reason: RetireReason): void {
    this.#observe?.({ type: "retire", reason });
    const work = (async () => this.#hooks.destroy(resource, reason))().catch(() => {});
    this.#destroying.add(work);
    void work.then(() => this.#destroying.delete(work));
  }

  async #ask(
    slot: Slot<T>,
    hook: ((resource: T) => boolean | Promise<boolean>) | undefined,
    tell: (slot: Slot<T>, good: boolean, now: number) => void,
  ): Promise<void> {
    let good = false;
    try {
      good = (await hook?.call(this.#hooks, slot.resource)) ?? true;
    } catch {
      // State that could not be asked for is not known, and what is not known is not reused.
    }
    tell(slot, good, this.#now());
    this.#run();
  }

  #arm(): void {
    const at = this.#machine.tick(this.#now());
    if (this.#machine.effects.length > 0) return this.#run();
    if (at === this.#timerAt) return;
    if (at > this.#timerAt && this.#timer !== undefined) return;
    this.#disarm();
    if (at === Infinity) return;
    this.#timerAt = at;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#timerAt = Infinity;
        this.#run();
      },
      Math.min(Math.max(at - this.#now(), 1), 0x7fff_ffff),
    );
    // Idle resources keep no process alive.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }

  #timeoutError(timeout: number): PoolError {
    const { leased, creating, waiting } = this.stats();
    return new PoolError(
      `no connection came free within ${timeout} ms (${leased} in use, ${creating} being made, ${waiting} waiting); raise max, or hold leases for less time`,
      { code: "POOL_TIMEOUT", outcome: "unsent" },
    );
  }
}
