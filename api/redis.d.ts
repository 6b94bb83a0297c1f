// What @landline/redis declares to the public, made by `pnpm api`.

import { Connector } from "@landline/core";
import { LandlineError } from "@landline/core";
import { Outcome } from "@landline/core";
import { TlsOptions } from "@landline/core";

declare function redis<const O extends RedisOptions = RedisOptions>(url: string, options?: O): Redis<ShapeOf<O>>;
declare function redis<const O extends RedisOptions>(options: O): Redis<ShapeOf<O>>;

interface Redis<S extends Shape = TextShape> extends Commands<S, undefined>, AsyncDisposable {
    call(name: string, ...args: Argument[]): Promise<Reply>;
    with<const O extends CallOptions>(options: O): Redis<ShapeOf<O, S>>;
    pipeline(): Batch<S, []>;
    multi(): Batch<S, []>;
    end(): Promise<void>;
    close(): Promise<void>;
}

type ShapeOf<O extends FormatOptions, S extends Shape = TextShape> = {
    readonly string: O extends {
        readonly bytes: infer B extends boolean;
    } ? B extends true ? Uint8Array : string : S["string"];
    readonly integer: O extends {
        readonly integers: infer I extends keyof Integers;
    } ? Integers[I] : S["integer"];
};

interface TextShape extends Shape {
    readonly string: string;
    readonly integer: number;
}

interface CallOptions extends FormatOptions {
    readonly timeout?: number;
    readonly signal?: AbortSignal | undefined;
}

interface FormatOptions {
    readonly bytes?: boolean;
    readonly integers?: "number" | "bigint" | "string";
}

interface RedisOptions extends FormatOptions, TlsOptions, Pick<ConnectionOptions, "maxInFlight" | "maxWaiting" | "limits"> {
    readonly url?: string;
    readonly hostname?: string;
    readonly port?: number;
    readonly username?: string;
    readonly password?: string;
    readonly database?: number;
    readonly clientName?: string;
    readonly tls?: "on" | "off";
    readonly protocol?: 2 | 3;
    readonly connectTimeout?: number;
    readonly commandTimeout?: number;
    readonly connect?: Connector;
}

interface Commands<S extends Shape, Q> {
    ping(): Out<S, Q, "PONG">;
    ping(message: Value): Out<S, Q, S["string"]>;
    publish(channel: Key, message: Value): Out<S, Q, S["integer"]>;
    get(key: Key): Out<S, Q, S["string"] | null>;
    getdel(key: Key): Out<S, Q, S["string"] | null>;
    mget(...keys: [Key, ...Key[]]): Out<S, Q, (S["string"] | null)[]>;
    set(key: Key, value: Value, ...expiry: Expiry): Out<S, Q, "OK">;
    set(key: Key, value: Value, condition: "NX" | "XX", ...expiry: Expiry): Out<S, Q, "OK" | null>;
    set(key: Key, value: Value, get: "GET", ...expiry: Expiry): Out<S, Q, S["string"] | null>;
    set(key: Key, value: Value, condition: "NX" | "XX", get: "GET", ...expiry: Expiry): Out<S, Q, S["string"] | null>;
    mset(key: Key, value: Value, ...more: Argument[]): Out<S, Q, "OK">;
    incr(key: Key): Out<S, Q, S["integer"]>;
    incrby(key: Key, increment: Numeric): Out<S, Q, S["integer"]>;
    decr(key: Key): Out<S, Q, S["integer"]>;
    decrby(key: Key, decrement: Numeric): Out<S, Q, S["integer"]>;
    del(...keys: [Key, ...Key[]]): Out<S, Q, S["integer"]>;
    unlink(...keys: [Key, ...Key[]]): Out<S, Q, S["integer"]>;
    exists(...keys: [Key, ...Key[]]): Out<S, Q, S["integer"]>;
    expire(key: Key, seconds: Numeric, ...condition: [] | [Condition]): Out<S, Q, S["integer"]>;
    pexpire(key: Key, milliseconds: Numeric, ...condition: [] | [Condition]): Out<S, Q, S["integer"]>;
    persist(key: Key): Out<S, Q, S["integer"]>;
    ttl(key: Key): Out<S, Q, S["integer"]>;
    pttl(key: Key): Out<S, Q, S["integer"]>;
    type(key: Key): Out<S, Q, string>;
    scan(cursor: Numeric, ...options: Argument[]): Out<S, Q, [cursor: string, keys: S["string"][]]>;
    hset(key: Key, field: Key, value: Value, ...more: Argument[]): Out<S, Q, S["integer"]>;
    hget(key: Key, field: Key): Out<S, Q, S["string"] | null>;
    hmget(key: Key, ...fields: [Key, ...Key[]]): Out<S, Q, (S["string"] | null)[]>;
    hgetall(key: Key): Out<S, Q, Fields<S>>;
    hdel(key: Key, ...fields: [Key, ...Key[]]): Out<S, Q, S["integer"]>;
    hincrby(key: Key, field: Key, increment: Numeric): Out<S, Q, S["integer"]>;
    hlen(key: Key): Out<S, Q, S["integer"]>;
    lpush(key: Key, ...elements: [Value, ...Value[]]): Out<S, Q, S["integer"]>;
    rpush(key: Key, ...elements: [Value, ...Value[]]): Out<S, Q, S["integer"]>;
    lrange(key: Key, start: Numeric, stop: Numeric): Out<S, Q, S["string"][]>;
    lpop(key: Key): Out<S, Q, S["string"] | null>;
    lpop(key: Key, count: Numeric): Out<S, Q, S["string"][] | null>;
    rpop(key: Key): Out<S, Q, S["string"] | null>;
    rpop(key: Key, count: Numeric): Out<S, Q, S["string"][] | null>;
    ltrim(key: Key, start: Numeric, stop: Numeric): Out<S, Q, "OK">;
    llen(key: Key): Out<S, Q, S["integer"]>;
    sadd(key: Key, ...members: [Value, ...Value[]]): Out<S, Q, S["integer"]>;
    srem(key: Key, ...members: [Value, ...Value[]]): Out<S, Q, S["integer"]>;
    smembers(key: Key): Out<S, Q, S["string"][]>;
    sismember(key: Key, member: Value): Out<S, Q, S["integer"]>;
    scard(key: Key): Out<S, Q, S["integer"]>;
    zadd(key: Key, score: number | bigint, member: Value, ...more: Argument[]): Out<S, Q, S["integer"]>;
    zadd(key: Key, increment: "INCR", score: Numeric, member: Value): Out<S, Q, number | null>;
    zadd(key: Key, option: ZaddOption, score: number | bigint, member: Value, ...more: Argument[]): Out<S, Q, S["integer"]>;
    zadd(key: Key, option: ZaddOption, increment: "INCR", score: Numeric, member: Value): Out<S, Q, number | null>;
    zrange(key: Key, start: Numeric, stop: Numeric, ...options: [...RangeOption[], "WITHSCORES"]): Out<S, Q, [member: S["string"], score: number][]>;
    zrange(key: Key, start: Numeric, stop: Numeric, ...options: RangeOption[]): Out<S, Q, S["string"][]>;
    zincrby(key: Key, increment: Numeric, member: Value): Out<S, Q, number>;
    zscore(key: Key, member: Value): Out<S, Q, number | null>;
    zrem(key: Key, ...members: [Value, ...Value[]]): Out<S, Q, S["integer"]>;
    zremrangebyscore(key: Key, min: Numeric, max: Numeric): Out<S, Q, S["integer"]>;
    zcard(key: Key): Out<S, Q, S["integer"]>;
    eval(script: string, numkeys: Numeric, ...keysAndArgs: Argument[]): Out<S, Q, Reply>;
    evalsha(sha1: string, numkeys: Numeric, ...keysAndArgs: Argument[]): Out<S, Q, Reply>;
}

type Fields<S extends Shape> = S["string"] extends string ? Record<string, string> : Map<Uint8Array, Uint8Array>;

type Key = string | Uint8Array;

type Numeric = number | bigint | string;

interface Shape {
    readonly string: string | Uint8Array;
    readonly integer: number | bigint | string;
}

type Value = Argument;

interface Batch<S extends Shape, Q extends readonly unknown[]> extends Commands<S, Q> {
    readonly length: number;
    call(name: string, ...args: Argument[]): Batch<S, [...Q, Reply]>;
    exec(): Promise<Results<Q>>;
}

type Results<Q extends readonly unknown[]> = {
    -readonly [K in keyof Q]: Q[K] | RedisError;
};

declare class IntegerRangeError extends RedisError {
    readonly name: string;
    readonly value: bigint;
    constructor(value: bigint);
}

declare class RedisError extends LandlineError {
    readonly name: string;
    command: string | undefined;
    constructor(message: string, init?: {
        code?: string;
        outcome?: Outcome;
        command?: string;
        cause?: unknown;
    });
}

type Argument = string | number | bigint | Uint8Array;

interface DecoderLimits {
    readonly maxFrameBytes: number;
    readonly maxDepth: number;
    readonly maxElements: number;
}

type Reply = string | number | bigint | boolean | null | Uint8Array | RedisError | readonly Reply[] | ReadonlyMap<Reply, Reply>;

type Condition = "NX" | "XX" | "GT" | "LT";

interface ConnectionOptions {
    readonly maxInFlight?: number | undefined;
    readonly maxWaiting?: number | undefined;
    readonly stallTimeout?: number | undefined;
    readonly limits?: Partial<DecoderLimits> | undefined;
    readonly onPush?: ((items: readonly Reply[]) => void) | undefined;
}

type Expiry = [unit: "EX" | "PX" | "EXAT" | "PXAT", time: number | bigint] | [keep: "KEEPTTL"] | [];

interface Integers {
    readonly number: number;
    readonly bigint: bigint;
    readonly string: string;
}

type Out<S extends Shape, Q, R> = Q extends readonly unknown[] ? Batch<S, [...Q, R]> : Promise<R>;

type RangeOption = "BYSCORE" | "BYLEX" | "REV" | "LIMIT" | number;

type ZaddOption = "NX" | "XX" | "GT" | "LT" | "CH";

export {
    redis,
    type Redis,
    type ShapeOf,
    type TextShape,
    type CallOptions,
    type FormatOptions,
    type RedisOptions,
    type Commands,
    type Fields,
    type Key,
    type Numeric,
    type Shape,
    type Value,
    type Batch,
    type Results,
    IntegerRangeError,
    RedisError,
    type Argument,
    type DecoderLimits,
    type Reply,
};
