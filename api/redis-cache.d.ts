// What @landline/redis/cache declares to the public, made by `pnpm api`.

import { Deadline } from "@landline/core";
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

declare abstract class Flight {
    #private;
    readonly commands: readonly Command[];
    readonly format: ReplyFormat;
    readonly attributes: OnAttributes;
    readonly confirms?: Confirmations;
    left: number;
    over: boolean;
    tries: number;
    line: Line | undefined;
    session: Session | undefined;
    deadline: Deadline | undefined;
    refusal: RedisError | undefined;
    settled: (() => void) | undefined;
    protected readonly resolve: Resolve;
    protected readonly reject: Reject;
    constructor(commands: readonly Command[], format: ReplyFormat, resolve: Resolve, reject: Reject, attributes?: OnAttributes);
    get repeatable(): boolean;
    get plain(): boolean;
    protected abstract take(value: Reply, inexact: RedisError | undefined): void;
    reply(value: Reply, inexact: RedisError | undefined): void;
    fail(error: unknown): void;
    end(error: unknown): void;
}

declare class Line {
    #private;
    protected session: OwnSession | undefined;
    protected waiting: Set<Flight>;
    protected ended: boolean;
    constructor(session?: OwnSession, maxWaiting?: number);
    send(flight: Flight, { timeout, signal }: Patience): void;
    cut(): void;
    mayGoAgain(_flight: Flight, _error: unknown): boolean;
    protected refuse(_timeout: number): unknown;
    protected ready(): OwnSession | undefined;
    protected place(flight: Flight): void;
    protected flush: () => void;
    protected abandon(_flight: Flight, reason: unknown): void;
}

type OnAttributes = ((attributes: ReadonlyMap<Reply, Reply>) => void) | undefined;

interface Order {
    readonly command: Command;
    readonly facts: CommandFacts | undefined;
    readonly script?: Script | undefined;
}

interface OwnSession extends Session {
    readonly busy: boolean;
    hangUp(reason: unknown): void;
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

type Reject = (error: unknown) => void;

type Reply = string | number | bigint | boolean | null | Uint8Array | RedisError | readonly Reply[] | ReadonlyMap<Reply, Reply>;

interface ReplyFormat {
    readonly bytes: boolean;
    readonly integers: "number" | "bigint" | "string";
}

type ReplyShape = (reply: Reply, command: Command, format: ReplyFormat) => unknown;

type Resolve = (value: never) => void;

declare class Script {
    #private;
    readonly source: string;
    readonly readonly: boolean;
    constructor(source: string, readonly: boolean);
    sha(): Promise<string>;
}

interface Session {
    readonly facts: SessionFacts;
    readonly alive: boolean;
    readonly congested: boolean;
    exchange(flight: Flight): void;
    abandon(flight: Flight): void;
    whenRoom(room: () => void): void;
    release(): Promise<void>;
}

interface SessionFacts {
    readonly protocol: 2 | 3;
    readonly server: string | undefined;
    readonly version: string | undefined;
    readonly id: number | bigint | string | undefined;
}

export {
    CacheOptions,
    ReplyCache,
    MakeCache,
    clientCache,
};
