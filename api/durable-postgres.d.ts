// What @landline/durable/postgres declares to the public, made by `pnpm api`.

import { Connector } from "@landline/core";
import { DurableObject } from "cloudflare:workers";
import { LandlineError } from "@landline/core";
import { Observer } from "@landline/core";
import { Outcome } from "@landline/core";
import { PostgresOptions } from "@landline/postgres";
import { Socket } from "@landline/core";
import { Sql } from "@landline/postgres";
import { TypeOptions } from "@landline/postgres";

declare function durablePostgres(binding: PoolNamespace, options?: DurablePostgresOptions): Sql;

interface DurablePostgresOptions extends ShardOptions {
    readonly queryTimeout?: number | undefined;
    readonly runTimeout?: number | undefined;
    readonly types?: TypeOptions | undefined;
    readonly observe?: Observer | undefined;
}

declare function poolConnector(binding: PoolNamespace, options?: ShardOptions): Connector;

declare abstract class PostgresPool<Env = unknown> extends DurableObject<Env> {
    #private;
    constructor(ctx: ConstructorParameters<typeof DurableObject<Env>>[0], env: Env);
    abstract options(env: Env): PostgresPoolOptions;
    connect(socket: Socket): Promise<void>;
    stats(): Promise<Readonly<Record<string, number>>>;
    openSession(version: number): RemoteSession;
}

interface PostgresPoolOptions extends Omit<PostgresOptions, "pooling" | "maxStatements" | "queryTimeout" | "types" | "onNotice"> {
    readonly budget?: {
        readonly connections: number;
        readonly shards: number;
    } | undefined;
    readonly runTimeout?: number | undefined;
    readonly leaseIdleTimeout?: number | undefined;
    readonly leaseTimeout?: number | undefined;
    readonly streamTimeout?: number | undefined;
    readonly maxStatements?: number | undefined;
    readonly maxReplyBytes?: number | undefined;
}

interface ShardOptions {
    readonly name?: string | undefined;
    readonly shards?: number | undefined;
    readonly region?: string | undefined;
    readonly generation?: number | undefined;
    readonly locationHint?: LocationHint | undefined;
}

type LocationHint = "wnam" | "enam" | "sam" | "weur" | "eeur" | "apac" | "oc" | "afr" | "me";

interface PoolNamespace {
    idFromName(name: string): unknown;
    get(id: unknown, options?: {
        locationHint?: LocationHint;
    }): unknown;
}

declare class DurableError extends LandlineError {
    readonly name: string;
}

interface EarReply {
    readonly ear?: RemoteEar;
    readonly readable?: ReadableStream<Uint8Array>;
    readonly error?: ErrorData;
}

interface ErrorData {
    readonly name: string;
    readonly message: string;
    readonly code: string;
    readonly outcome: Outcome;
    readonly fields?: Readonly<Record<string, unknown>>;
}

interface LeaseReply {
    readonly lease?: RemoteLease;
    readonly error?: ErrorData;
    readonly load?: number;
}

interface RemoteEar {
    listen(channels: readonly string[]): Promise<ErrorData | undefined>;
    unlisten(channel: string): Promise<void>;
    close(): Promise<void>;
    [Symbol.dispose]?(): void;
}

interface RemoteLease {
    send(frames: Uint8Array): Promise<Reply>;
    stream(frames: Uint8Array): Promise<StreamReply>;
    write(frames: Uint8Array): Promise<ErrorData | undefined>;
    fate(): Promise<ErrorData | undefined>;
    cancel(): Promise<ErrorData | undefined>;
    release(): Promise<void>;
    [Symbol.dispose]?(): void;
}

interface RemoteSession {
    run(id: number, frames: Uint8Array, timeout: number): Promise<Reply>;
    cancel(id: number): Promise<ErrorData | undefined>;
    lease(id: number, timeout: number): Promise<LeaseReply>;
    hear(): Promise<EarReply>;
    [Symbol.dispose]?(): void;
}

interface Reply {
    readonly bytes: Uint8Array;
    readonly error?: ErrorData;
    readonly load?: number;
}

interface StreamReply {
    readonly readable?: ReadableStream<Uint8Array>;
    readonly error?: ErrorData;
}

export {
    durablePostgres,
    type DurablePostgresOptions,
    poolConnector,
    PostgresPool,
    type PostgresPoolOptions,
    type ShardOptions,
    type LocationHint,
    type PoolNamespace,
    DurableError,
};
