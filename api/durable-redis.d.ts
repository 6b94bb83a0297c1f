// What @landline/durable/redis declares to the public, made by `pnpm api`.

import { DurableObject } from "cloudflare:workers";
import { LandlineError } from "@landline/core";
import { Outcome } from "@landline/core";
import { Redis } from "@landline/redis";
import { RedisOptions } from "@landline/redis";
import { ShapeOf } from "@landline/redis";

declare function durableRedis<const O extends DurableRedisOptions = DurableRedisOptions>(binding: PoolNamespace, options?: O): Redis<ShapeOf<O>>;

interface DurableRedisOptions extends ShardOptions, Pick<RedisOptions, "bytes" | "integers" | "commandTimeout" | "observe"> {
}

declare abstract class RedisPool<Env = unknown> extends DurableObject<Env> {
    #private;
    constructor(ctx: ConstructorParameters<typeof DurableObject<Env>>[0], env: Env);
    abstract options(env: Env): RedisPoolOptions;
    openSession(version: number): RemoteSession;
    stats(): Promise<Readonly<Record<string, number>>>;
}

interface RedisPoolOptions extends Omit<RedisOptions, "bytes" | "integers" | "commandTimeout" | "cache" | "failFast"> {
    readonly max?: number | undefined;
    readonly runTimeout?: number | undefined;
    readonly leaseIdleTimeout?: number | undefined;
    readonly leaseTimeout?: number | undefined;
    readonly maxReplyBytes?: number | undefined;
}

type LocationHint = "wnam" | "enam" | "sam" | "weur" | "eeur" | "apac" | "oc" | "afr" | "me";

interface PoolNamespace {
    idFromName(name: string): unknown;
    get(id: unknown, options?: {
        locationHint?: LocationHint;
    }): unknown;
}

interface ShardOptions {
    readonly name?: string | undefined;
    readonly shards?: number | undefined;
    readonly region?: string | undefined;
    readonly generation?: number | undefined;
    readonly locationHint?: LocationHint | undefined;
}

declare class DurableError extends LandlineError {
    readonly name: string;
}

interface ErrorData {
    readonly name: string;
    readonly message: string;
    readonly code: string;
    readonly outcome: Outcome;
    readonly fields?: Readonly<Record<string, unknown>>;
}

interface Facts {
    readonly protocol: 2 | 3;
    readonly server: string | undefined;
    readonly version: string | undefined;
}

interface LeaseReply {
    readonly lease?: RemoteLease;
    readonly facts?: Facts;
    readonly readable?: ReadableStream<Uint8Array>;
    readonly error?: ErrorData;
}

interface RemoteLease {
    write(commands: Uint8Array): Promise<ErrorData | undefined>;
    release(): Promise<void>;
    [Symbol.dispose]?(): void;
}

interface RemoteSession {
    run(commands: Uint8Array, count: number, timeout: number): Promise<Reply>;
    lease(timeout: number, subscriber: boolean): Promise<LeaseReply>;
    [Symbol.dispose]?(): void;
}

interface Reply {
    readonly bytes: Uint8Array;
    readonly error?: ErrorData;
    readonly load?: number;
}

export {
    durableRedis,
    type DurableRedisOptions,
    RedisPool,
    type RedisPoolOptions,
    type LocationHint,
    type PoolNamespace,
    type ShardOptions,
    DurableError,
};
