// What @landline/redis/wire declares to the public, made by `pnpm api`.

import { ByteWriter } from "@landline/core/bytes";
import { LandlineError } from "@landline/core";
import { Outcome } from "@landline/core";
import { Transport } from "@landline/core";

declare function handshake(transport: Transport, options: HandshakeOptions): Promise<SessionFacts>;

interface HandshakeOptions {
    readonly protocol?: 2 | 3 | undefined;
    readonly username?: string | undefined;
    readonly password?: string | undefined;
    readonly database?: number | undefined;
    readonly clientName?: string | undefined;
}

declare class Connection implements Session {
    #private;
    readonly facts: SessionFacts;
    constructor(transport: Transport, facts: SessionFacts, options?: ConnectionOptions);
    get alive(): boolean;
    exchange(request: Request, sink: ExchangeSink): Exchange;
    release(): Promise<void>;
    abort(reason: unknown): void;
    hangUp(reason: unknown): void;
}

interface ConnectionOptions {
    readonly maxInFlight?: number | undefined;
    readonly maxWaiting?: number | undefined;
    readonly stallTimeout?: number | undefined;
    readonly limits?: Partial<DecoderLimits> | undefined;
    readonly decoder?: MakeDecoder | undefined;
    readonly onPush?: ((items: readonly Reply[]) => void) | undefined;
    readonly pushFormat?: ReplyFormat | undefined;
    readonly subscriber?: boolean | undefined;
    readonly onLost?: (() => void) | undefined;
}

interface Exchange {
    cancel(): boolean;
}

interface ExchangeSink {
    reply(value: Reply, inexact: RedisError | undefined): void;
    readonly attributes?: ((attributes: ReadonlyMap<Reply, Reply>) => void) | undefined;
    fail(error: unknown): void;
}

interface Request {
    readonly commands: readonly Command[];
    readonly format: ReplyFormat;
    readonly confirms?: Confirmations;
}

interface Session {
    readonly facts: SessionFacts;
    readonly alive: boolean;
    exchange(request: Request, sink: ExchangeSink): Exchange;
    release(): Promise<void>;
}

interface SessionFacts {
    readonly protocol: 2 | 3;
    readonly server: string | undefined;
    readonly version: string | undefined;
    readonly id: number | bigint | string | undefined;
}

declare class ReplyDecoder implements Decoder {
    #private;
    constructor(limits?: Partial<DecoderLimits>, pushFormat?: ReplyFormat);
    get idle(): boolean;
    push(chunk: Uint8Array, sink: ReplySink): void;
}

declare function checkArguments(command: readonly unknown[]): asserts command is Command;

declare function encodeCommand(command: Command, out: FrameWriter): void;

interface FrameWriter {
    readonly writer: ByteWriter;
    write(bytes: Uint8Array): void;
}

declare const DEFAULT_FORMAT: ReplyFormat;

declare const DEFAULT_LIMITS: DecoderLimits;

type Argument = string | number | bigint | Uint8Array;

type Command = readonly [name: string, ...args: Argument[]];

interface DecoderLimits {
    readonly maxFrameBytes: number;
    readonly maxDepth: number;
    readonly maxElements: number;
}

type Reply = string | number | bigint | boolean | null | Uint8Array | RedisError | readonly Reply[] | ReadonlyMap<Reply, Reply>;

interface ReplyFormat {
    readonly bytes: boolean;
    readonly integers: "number" | "bigint" | "string";
}

interface ReplySink {
    readonly format: ReplyFormat;
    reply(value: Reply, inexact: RedisError | undefined): void;
    push(items: readonly Reply[]): void;
    attribute?(attributes: ReadonlyMap<Reply, Reply>): void;
}

interface Confirmations {
    readonly kind: string;
    readonly names: readonly string[];
}

interface Decoder {
    push(chunk: Uint8Array, sink: ReplySink): void;
}

interface MakeDecoder {
    (limits: Partial<DecoderLimits>, pushFormat: ReplyFormat): Decoder;
    readonly protocol?: 2;
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

export {
    handshake,
    type HandshakeOptions,
    Connection,
    type ConnectionOptions,
    type Exchange,
    type ExchangeSink,
    type Request,
    type Session,
    type SessionFacts,
    ReplyDecoder,
    checkArguments,
    encodeCommand,
    type FrameWriter,
    DEFAULT_FORMAT,
    DEFAULT_LIMITS,
    type Argument,
    type Command,
    type DecoderLimits,
    type Reply,
    type ReplyFormat,
    type ReplySink,
};
