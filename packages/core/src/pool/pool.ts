// The pool as users see it. Its state is kept per I/O context: on Workers a socket belongs to the request (or the Durable
// Object) that opened it, and a pool at module scope must never lend one to another.

import { isLandlineError } from "../errors.ts";
import { ContextLocal } from "../context-local.ts";
import { PoolDriver } from "./driver.ts";
import { poolClosed } from "./machine.ts";
import type { Limits } from "./machine.ts";
import type { AcquireOptions, Lease, PoolEvent, PoolHooks, PoolInit, PoolOptions, PoolStats } from "./types.ts";

const DEFAULTS: Limits = {
  max: 10,
  minIdle: 0,
  maxWaiting: 1000,
  acquireTimeout: 10_000,
  createTimeout: 10_000,
  idleTimeout: 30_000,
  maxLifetime: 600_000,
  maxUses: Infinity,
  validateAfterIdle: 1_000,
  maxCreating: 4,
  backoffBase: 100,
  backoffMax: 10_000,
  breakAfter: 5,
  overloadTarget: Infinity,
  overloadInterval: 1_000,
  leakAfter: Infinity,
};

const AT_LEAST_ONE: readonly string[] = ["max", "maxCreating", "maxUses", "breakAfter"];

/**
 * Bounded reuse of anything with a lifecycle. Makes nothing, starts no timer and draws no randomness before the first
 * `acquire()`, so that it may be made at module scope of a Worker; there each request has its own resources and limits.
 *
 * @example
 * const pool = new Pool({ create: () => dial("cache.example:6379"), destroy: (transport) => void transport.close() }, { max: 5 });
 * await using lease = await pool.acquire();
 * lease.resource.write(bytes);
 */
export class Pool<T> implements AsyncDisposable {
  readonly #drivers: ContextLocal<PoolDriver<T>>;
  #closed = false;

  /** @throws TypeError when an option is not a number in its range. */
  constructor(hooks: PoolHooks<T>, options: PoolOptions = {}, init: PoolInit = {}) {
    const limits = checkedLimits(options);
    const watched = init.observe === undefined ? init : { ...init, observe: quietly(init.observe) };
    this.#drivers = new ContextLocal(() => new PoolDriver(hooks, limits, watched));
  }

  /**
   * Borrows a resource. Give the lease back exactly once, or let `await using` do it.
   * @throws PoolError `POOL_TIMEOUT`, `POOL_FULL`, `POOL_BROKEN`, `POOL_OVERLOADED`, `POOL_CLOSED`; what `create` threw; the signal's own reason.
   */
  acquire(options: AcquireOptions = {}): Promise<Lease<T>> {
    if (this.#closed) return Promise.reject(poolClosed());
    return this.#drivers.get().acquire(options);
  }

  /** Borrows for the time of `work`. A throw that ends connections (`outcome: "unknown"`) gives the resource up. */
  async use<R>(work: (resource: T) => Promise<R> | R, options: AcquireOptions = {}): Promise<R> {
    const lease = await this.acquire(options);
    try {
      const result = await work(lease.resource);
      lease.release();
      return result;
    } catch (error) {
      if (isLandlineError(error) && error.outcome === "unknown") lease.destroy();
      else lease.release();
      throw error;
    }
  }

  /** Counts of the current I/O context. */
  stats(): PoolStats {
    return this.#drivers.get().stats();
  }

  /** Lends no more, and waits until everything lent has come back; after `timeout` ms (default 5,000) gives it up. */
  async drain(options: { timeout?: number } = {}): Promise<void> {
    this.#closed = true;
    await this.#drivers.peek()?.drain(options);
  }

  /** Lends no more and closes what is idle, without waiting; what is lent is closed when it comes back. */
  close(): void {
    this.#closed = true;
    this.#drivers.peek()?.close();
  }

  /** Like {@link close}: costs no round trip. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}

/** An observer that throws must not stop the pool. */
function quietly(observe: (event: PoolEvent) => void): (event: PoolEvent) => void {
  return (event) => {
    try {
      observe(event);
    } catch (error) {
      console.error("a pool observer threw", error);
    }
  };
}

function checkedLimits(options: PoolOptions): Limits {
  const limits: Record<string, unknown> = { ...DEFAULTS };
  for (const [name, value = limits[name]] of Object.entries(options)) {
    const least = AT_LEAST_ONE.includes(name) ? 1 : 0;
    if (!(name in DEFAULTS)) throw new TypeError(`a pool has no option ${name}`);
    if (typeof value !== "number" || !(value >= least)) throw new TypeError(`${name} must be a number from ${least}`);
    limits[name] = value;
  }
  return limits as unknown as Limits;
}
