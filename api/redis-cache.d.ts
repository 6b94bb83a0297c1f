// What @landline/redis/cache declares to the public, made by `pnpm api`.

import { LandlineError } from "@landline/core";
import { Outcome } from "@landline/core";

interface CacheOptions {
    readonly maxEntries?: number;
    readonly maxBytes?: number;
}

interface ReplyCache {
    read(order: Order, format: ReplyFormat, patience: Patience, milliseconds: number): Promise<unknown> | undefined;
    push(items: readonly Reply[]): void;
    flush(): void;
}

type MakeCache = (send: (flight: Flight, patience: Patience) => void) => ReplyCache;

declare function clientCache(options?: CacheOptions): MakeCache;

type Argument = string | number | bigint | Uint8Array;

type Blocking = "b" | "f" | "m" | "k";

type Command = readonly [name: string, ...args: Argument[]];

declare class CommandFacts {
    #private;
    readonly name: string;
    readonly readonly: boolean;
    readonly blocking: Blocking | undefined;
    readonly container: boolean;
    readonly careful: boolean;
    constructor(line: string);
    get reply(): ReplyShape | undefined;
}

interface Confirmations {
    readonly kind: string;
    readonly names: readonly string[];
}

interface ExchangeSink {
    reply(value: Reply, inexact: RedisError | undefined): void;
    readonly attributes?: ((attributes: ReadonlyMap<Reply, Reply>) => void) | undefined;
    fail(error: unknown): void;
}

interface Flight extends Request, ExchangeSink {
    readonly repeatable: boolean;
    readonly plain?: boolean;
}

interface Order {
    readonly command: Command;
    readonly facts: CommandFacts | undefined;
    readonly script?: Script | undefined;
}

interface Patience {
    readonly timeout: number;
    readonly signal: AbortSignal | undefined;
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

type Reply = string | number | bigint | boolean | null | Uint8Array | RedisError | readonly Reply[] | ReadonlyMap<Reply, Reply>;

interface ReplyFormat {
    readonly bytes: boolean;
    readonly integers: "number" | "bigint" | "string";
}

type ReplyShape = (reply: Reply, command: Command, format: ReplyFormat) => unknown;

interface Request {
    readonly commands: readonly Command[];
    readonly format: ReplyFormat;
    readonly confirms?: Confirmations;
}

declare class Script {
    #private;
    readonly source: string;
    readonly readonly: boolean;
    constructor(source: string, readonly: boolean);
    sha(): Promise<string>;
}

export {
    CacheOptions,
    ReplyCache,
    MakeCache,
    clientCache,
};
