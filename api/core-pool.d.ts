// What @landline/core/pool declares to the public, made by `pnpm api`.

declare class Pool<T> implements AsyncDisposable {
    #private;
    constructor(hooks: PoolHooks<T>, options?: PoolOptions, init?: PoolInit);
    acquire(options?: AcquireOptions): Promise<Lease<T>>;
    use<R>(work: (resource: T) => Promise<R> | R, options?: AcquireOptions): Promise<R>;
    stats(): PoolStats;
    drain(options?: {
        timeout?: number;
    }): Promise<void>;
    close(): void;
    [Symbol.asyncDispose](): Promise<void>;
}

declare class ContextLocal<T> {
    #private;
    constructor(make: () => T);
    get(): T;
    peek(): T | undefined;
}

interface AcquireOptions {
    readonly signal?: AbortSignal | undefined;
    readonly timeout?: number | undefined;
}

interface Lease<T> extends AsyncDisposable {
    readonly resource: T;
    release(): void;
    destroy(): void;
}

type PoolEvent = {
    readonly type: "create" | "created" | "acquire" | "release" | "wait";
} | {
    readonly type: "createFailed";
    readonly error: unknown;
} | {
    readonly type: "retire";
    readonly reason: RetireReason;
}
 | {
    readonly type: "leak";
    readonly age: number;
    readonly stack: string | undefined;
};

interface PoolHooks<T> {
    create(signal: AbortSignal): Promise<T>;
    destroy(resource: T, reason: RetireReason): void | Promise<void>;
    isAlive?(resource: T): boolean;
    validate?(resource: T): Promise<boolean>;
    reset?(resource: T): boolean | Promise<boolean>;
    watch?(resource: T, died: () => void): void;
}

interface PoolInit {
    readonly now?: () => number;
    readonly random?: () => number;
    readonly observe?: (event: PoolEvent) => void;
}

interface PoolOptions {
    readonly max?: number;
    readonly minIdle?: number;
    readonly maxWaiting?: number;
    readonly acquireTimeout?: number;
    readonly createTimeout?: number;
    readonly idleTimeout?: number;
    readonly maxLifetime?: number;
    readonly maxUses?: number;
    readonly validateAfterIdle?: number;
    readonly maxCreating?: number;
    readonly backoffBase?: number;
    readonly backoffMax?: number;
    readonly breakAfter?: number;
    readonly overloadTarget?: number;
    readonly overloadInterval?: number;
    readonly leakAfter?: number;
}

interface PoolStats {
    readonly idle: number;
    readonly leased: number;
    readonly creating: number;
    readonly waiting: number;
    readonly created: number;
}

type RetireReason = "closed" | "idle" | "lifetime" | "uses" | "reset" | "validate" | "broken" | "drain";

export {
    Pool,
    ContextLocal,
    type AcquireOptions,
    type Lease,
    type PoolEvent,
    type PoolHooks,
    type PoolInit,
    type PoolOptions,
    type PoolStats,
    type RetireReason,
};
