// What @landline/redis/redis-parser declares to the public, made by `pnpm api`.

import { LandlineError } from "@landline/core";
import { Outcome } from "@landline/core";

type RedisParserClass = new (options: {
    returnBuffers: boolean;
    stringNumbers: boolean;
    returnReply(value: unknown): void;
    returnError(error: Error): void;
    returnFatalError(error: Error): void;
}) => {
    execute(chunk: never): void;
};

declare function redisParser(Parser: RedisParserClass): MakeDecoder;

interface Decoder {
    push(chunk: Uint8Array, sink: ReplySink): void;
}

interface DecoderLimits {
    readonly maxFrameBytes: number;
    readonly maxDepth: number;
    readonly maxElements: number;
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

export {
    RedisParserClass,
    redisParser,
};
