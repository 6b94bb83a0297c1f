// The vocabulary of RESP2 and RESP3 (redis-specifications, protocol/RESP2.md and RESP3.md): type bytes, what a reply
// looks like in JavaScript, and what an argument may be. Types and constants only.

import type { RedisError } from "../errors.ts";

export const CR = 0x0d;
export const LF = 0x0a;

export const ARRAY = 0x2a; // '*'
export const ATTRIBUTE = 0x7c; // '|'
export const BIG_NUMBER = 0x28; // '('
export const BLOB_ERROR = 0x21; // '!'
export const BOOLEAN = 0x23; // '#'
export const BULK_STRING = 0x24; // '$'
export const CHUNK = 0x3b; // ';', a part of a streamed string
export const DOUBLE = 0x2c; // ','
export const END = 0x2e; // '.', the end of a streamed aggregate
export const INTEGER = 0x3a; // ':'
export const MAP = 0x25; // '%'
export const NULL = 0x5f; // '_'
export const PUSH = 0x3e; // '>'
export const SET = 0x7e; // '~'
export const SIMPLE_ERROR = 0x2d; // '-'
export const SIMPLE_STRING = 0x2b; // '+'
export const VERBATIM = 0x3d; // '='

/** What may be sent as an argument of a command. Everything else is a `TypeError` before a byte is written. */
export type Argument = string | number | bigint | Uint8Array;

/** A command with its arguments, name first. */
export type Command = readonly [name: string, ...args: Argument[]];

/**
 * What a reply is in JavaScript. Every null is `null`; a set is an array in the server's order; a map is a `Map`, where
 * the last of equal keys wins; a big number is a `bigint`; an error inside an aggregate is an element.
 */
export type Reply =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | RedisError
  | readonly Reply[]
  | ReadonlyMap<Reply, Reply>;

/** How the values of a reply are wanted. */
export interface ReplyFormat {
  /** Bulk and verbatim strings as bytes instead of text. Status lines stay text. */
  readonly bytes: boolean;
  /**
   * Integers as `number` (beyond 2^53 an `IntegerRangeError` takes the number's place), `bigint` or decimal `string`.
   */
  readonly integers: "number" | "bigint" | "string";
}

/** Text, and integers as numbers. */
export const DEFAULT_FORMAT: ReplyFormat = { bytes: false, integers: "number" };

/** Bytes, and integers as numbers: what can be made into any other. */
export const BYTES_FORMAT: ReplyFormat = { bytes: true, integers: "number" };

/** Takes what a decoder finds, in the order of the wire. */
export interface ReplySink {
  /** How the next reply is wanted; asked when its first byte is read. */
  readonly format: ReplyFormat;
  /** A finished reply. `inexact` is the first integer in it that no number can tell. */
  reply(value: Reply, inexact: RedisError | undefined): void;
  /** An out-of-band message; it answers no command. It may come in the middle of a reply. */
  push(items: readonly Reply[]): void;
  /** Attributes of the value that follows. */
  attribute?(attributes: ReadonlyMap<Reply, Reply>): void;
}

/** Bytes in, replies out: a {@link ReplyDecoder}, or what takes its place. */
export interface Decoder {
  /** Consumes the whole chunk, and keeps nothing of it by reference. @throws what ends the connection. */
  push(chunk: Uint8Array, sink: ReplySink): void;
}

/** Makes the decoder of a connection; {@link redisParser} does. */
export interface MakeDecoder {
  (limits: Partial<DecoderLimits>, pushFormat: ReplyFormat): Decoder;
  /** The only protocol that it knows, if it does not know both. */
  readonly protocol?: 2;
}

/** Bounds of what a peer can make a decoder hold. */
export interface DecoderLimits {
  /** The longest string or line. Default 536,870,912 (512 MiB), the server's own default. */
  readonly maxFrameBytes: number;
  /** How deep aggregates may nest. Default 1024. */
  readonly maxDepth: number;
  /** How many values one reply may hold, all levels together. Default 16,777,216. */
  readonly maxElements: number;
}

export const DEFAULT_LIMITS: DecoderLimits = {
  maxFrameBytes: 512 * 1024 * 1024,
  maxDepth: 1024,
  maxElements: 16 * 1024 * 1024,
};
