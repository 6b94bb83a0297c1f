// The words of the pool: what it lends, the hooks it calls, its options, its counts. Types only.

/** Why a resource was given up. */
export type RetireReason = "closed" | "idle" | "lifetime" | "uses" | "reset" | "validate" | "broken" | "drain";

/** What a pool needs to know of the things it lends. Only `create` and `destroy` are required. */
export interface PoolHooks<T> {
  /** Makes one. `signal` aborts when `createTimeout` passes or the pool closes; a late success is destroyed, not leaked. */
  create(signal: AbortSignal): Promise<T>;
  /** Gets rid of one. What it throws is ignored. */
  destroy(resource: T, reason: RetireReason): void | Promise<void>;
  /** A synchronous look before each loan and each return. Default: always alive. */
  isAlive?(resource: T): boolean;
  /** Asked before a loan when the resource has been idle for `validateAfterIdle` ms. A throw or `false` retires it. */
  validate?(resource: T): Promise<boolean>;
  /** Brings a returned resource back to a known state. A throw or `false` retires it: unknown state is never reused. */
  reset?(resource: T): boolean | Promise<boolean>;
  /** Tells the pool of a resource that dies while idle: call `died` then. */
  watch?(resource: T, died: () => void): void;
}

/** Limits and times. All times are in milliseconds. */
export interface PoolOptions {
  /** How many may exist at once, those being made included. Default 10. */
  readonly max?: number;
  /** How many idle ones are kept whatever `idleTimeout` says. Default 0. */
  readonly minIdle?: number;
  /** How many callers may wait; more are refused at once. Default 1000. */
  readonly maxWaiting?: number;
  /** How long a caller waits. Default 10,000. */
  readonly acquireTimeout?: number;
  /** How long making one may take. Default 10,000. */
  readonly createTimeout?: number;
  /** How long one may be idle. Default 30,000; `Infinity` for ever. */
  readonly idleTimeout?: number;
  /** How old one may grow, less a random tenth. Default 600,000; `Infinity` for ever. */
  readonly maxLifetime?: number;
  /** How often one may be lent. Default `Infinity`. */
  readonly maxUses?: number;
  /** Idle time after which `validate` is asked. Default 1,000. */
  readonly validateAfterIdle?: number;
  /** How many may be in the making at once. Default 4. */
  readonly maxCreating?: number;
  /** How long to wait after a failed creation before the next, at most; doubles with each failure in a row. Default 100. */
  readonly backoffBase?: number;
  /** What that wait grows to. Default 10,000. */
  readonly backoffMax?: number;
  /** After so many failures in a row, callers are refused at once while the wait lasts. Default 5; `Infinity` for never. */
  readonly breakAfter?: number;
  /**
   * Under lasting overload, callers who have waited for more than twice this are refused, so that the rest is served in
   * time (CoDel). Default `Infinity`: never.
   */
  readonly overloadTarget?: number;
  /** How long the wait must have been over `overloadTarget` to count as lasting. Default 1,000. */
  readonly overloadInterval?: number;
  /** A loan that is out for longer is reported as a `leak`, with the place that took it. Default `Infinity`: never. */
  readonly leakAfter?: number;
}

/** A moment in the life of a pool, for observers. */
export type PoolEvent =
  | { readonly type: "create" | "created" | "acquire" | "release" | "wait" }
  | { readonly type: "createFailed"; readonly error: unknown }
  | { readonly type: "retire"; readonly reason: RetireReason }
  /** A loan is out for `age` ms; `stack` tells who took it. It stays out: this is a report, not a remedy. */
  | { readonly type: "leak"; readonly age: number; readonly stack: string | undefined };

/** Counts at one moment. */
export interface PoolStats {
  readonly idle: number;
  readonly leased: number;
  readonly creating: number;
  readonly waiting: number;
  /** Made since the pool exists. */
  readonly created: number;
}

/** A loan. Give it back exactly once; further calls do nothing. */
export interface Lease<T> extends AsyncDisposable {
  readonly resource: T;
  /** Gives it back; it is reset, and lent again if that works. */
  release(): void;
  /** Gives it up: its state is not known. */
  destroy(): void;
}

/** What a test may replace, and who watches. */
export interface PoolInit {
  /** Milliseconds. Default `Date.now`. */
  readonly now?: () => number;
  /** A number from 0 to 1. Default `Math.random`. */
  readonly random?: () => number;
  readonly observe?: (event: PoolEvent) => void;
}

/** Options of `Pool.acquire`. */
export interface AcquireOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; default the pool's `acquireTimeout`. */
  readonly timeout?: number | undefined;
}
