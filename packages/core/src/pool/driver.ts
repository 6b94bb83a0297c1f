// The driver of the pool machine: promises, hooks, one timer for idle resources and for all waiters. It belongs to one I/O
// context; the Pool has one for each.

import { waiter } from "../wait.ts";
import type { Waiter as Promised } from "../wait.ts";
import type { Waiter } from "./line.ts";
import { poolClosed, PoolMachine } from "./machine.ts";
import type { Effect, Limits, Slot } from "./machine.ts";
import type { AcquireOptions, Lease, PoolEvent, PoolHooks, PoolInit, PoolStats, RetireReason } from "./types.ts";

/** Somebody who waits for a lease. */
interface PendingLease<T> extends Waiter, Promised<Lease<T>> {
  /** Who asked, where leaks are reported. */
  readonly stack: string | undefined;
}

type Timer = ReturnType<typeof setTimeout> & { ref?(): void; unref?(): void };

/** See the head of the file; the methods are those of `Pool`. */
export class PoolDriver<T> {
  readonly #hooks: PoolHooks<T>;
  readonly #limits: Limits;
  readonly #machine: PoolMachine<T, PendingLease<T>>;
  /** Ends what is in the making when the pool does. */
  readonly #closing = new AbortController();
  readonly #destroying = new Set<Promise<void>>();
  readonly #draining = new Set<Promised<void>>();
  readonly #now: () => number;
  readonly #observe: ((event: PoolEvent) => void) | undefined;
  #timer: Timer | undefined;
  #timerAt = Infinity;
  #running = false;

  constructor(hooks: PoolHooks<T>, limits: Limits, init: PoolInit) {
    const { now = () => Date.now(), random = () => Math.random(), observe } = init;
    this.#hooks = hooks;
    this.#limits = limits;
    this.#now = now;
    this.#observe = observe;
    this.#machine = new PoolMachine(limits, {
      isAlive: (resource) => hooks.isAlive?.(resource) ?? true,
      random,
      canReset: hooks.reset !== undefined,
      canValidate: hooks.validate !== undefined,
    });
  }

  async acquire({ signal, timeout = this.#limits.acquireTimeout }: AcquireOptions = {}): Promise<Lease<T>> {
    const stack = this.#limits.leakAfter < Infinity ? new Error("the loan was taken here").stack : undefined;
    signal?.throwIfAborted();
    const now = this.#now();
    const slot = this.#machine.take(now);
    if (slot !== undefined) {
      if (this.#machine.effects.length > 0) this.#run();
      return this.#lease(slot, stack);
    }
    const cancel = (reason: unknown): void => {
      this.#machine.cancel(pending, reason);
      this.#run();
    };
    const promised = waiter<Lease<T>>({ signal }, undefined, cancel);
    const pending: PendingLease<T> = { settled: false, until: now + timeout, stack, ...promised };
    this.#machine.acquire(pending, now);
    this.#run();
    if (!pending.settled) this.#observe?.({ type: "wait" });
    return pending.promise;
  }

  stats(): PoolStats {
    return this.#machine.stats();
  }

  async drain({ timeout = 5_000 }: { timeout?: number } = {}): Promise<void> {
    this.close();
    if (this.#machine.stats().leased > 0) {
      const drained = waiter<void>({ timeout });
      this.#draining.add(drained);
      await drained.promise.catch(() => {});
    }
    this.#machine.abandon();
    this.#run();
    await Promise.all(this.#destroying);
  }

  close(): void {
    this.#machine.close();
    this.#closing.abort(poolClosed());
    this.#run();
  }

  #lease(slot: Slot<T>, stack: string | undefined): Lease<T> {
    this.#observe?.({ type: "acquire" });
    slot.stack = stack;
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
      for (const effect of machine.effects.splice(0)) this.#carryOut(effect);
    }
    this.#running = false;
    const { leased, idle, creating, waiting } = machine.stats();
    if (machine.closed && leased + creating === 0) {
      for (const drained of this.#draining) drained.resolve();
    }
    const watched = idle + waiting > 0 || (leased > 0 && this.#limits.leakAfter < Infinity);
    this.#arm(watched && !machine.closed ? machine.tick(this.#now()) : Infinity);
    // Idle resources keep no process alive; those who wait for one do.
    if (waiting > 0) this.#timer?.ref?.();
    else this.#timer?.unref?.();
    if (machine.effects.length > 0) this.#run();
  }

  #carryOut(effect: Effect<T, PendingLease<T>>): void {
    switch (effect.do) {
      case "grant":
        return effect.waiter.resolve(this.#lease(effect.slot, effect.waiter.stack));
      case "reject":
        return effect.waiter.reject(effect.error);
      case "create":
        return void this.#create();
      case "destroy":
        return this.#destroy(effect.slot.resource, effect.reason);
      case "reportLeak":
        return this.#observe?.({ type: "leak", age: effect.age, stack: effect.slot.stack });
      case "validate":
      case "reset":
        return void this.#ask(effect.slot, effect.do);
    }
  }

  async #create(): Promise<void> {
    this.#observe?.({ type: "create" });
    const timeout = this.#limits.createTimeout;
    const controller = new AbortController();
    const { signal } = controller;
    const giveUp = (reason: unknown): void => controller.abort(reason);
    const made = waiter<T>({ signal: this.#closing.signal, timeout }, () => "still no connection", giveUp, "unsent");
    const make = async (): Promise<T> => this.#hooks.create(signal);
    // What comes late is not leaked.
    make().then(
      (resource) => (signal.aborted ? this.#destroy(resource, "drain") : made.resolve(resource)),
      made.reject,
    );
    try {
      const resource = await made.promise;
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
    this.#run();
  }

  #destroy(resource: T, reason: RetireReason): void {
    this.#observe?.({ type: "retire", reason });
    const work = (async () => this.#hooks.destroy(resource, reason))().catch(() => {});
    this.#destroying.add(work);
    void work.then(() => this.#destroying.delete(work));
  }

  async #ask(slot: Slot<T>, hook: "validate" | "reset"): Promise<void> {
    let good = false;
    try {
      good = (await this.#hooks[hook]?.(slot.resource)) ?? true;
    } catch {
      // State that could not be asked for is not known, and what is not known is not reused.
    }
    this.#machine.asked(slot, hook, good, this.#now());
    this.#run();
  }

  /** Sees to it that the machine ticks at `at`; a tick too early does no harm, and costs less than a timer for each change. */
  #arm(at: number): void {
    if (at === this.#timerAt || (at < Infinity && at > this.#timerAt)) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = at;
    if (at === Infinity) return;
    const ring = (): void => {
      this.#timer = undefined;
      this.#timerAt = Infinity;
      this.#run();
    };
    this.#timer = setTimeout(ring, Math.min(Math.max(at - this.#now(), 1), 0x7fff_ffff));
  }
}
