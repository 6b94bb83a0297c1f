export { redis } from "./client.ts";
export type { ListenArguments, Redis, ShapeOf, TextShape } from "./client.ts";
export type { CallOptions, FormatOptions, RedisOptions } from "./options.ts";
export type { Commands } from "./generated/commands.ts";
export type { Fields, Key, Numeric, Shape, Value } from "./command-types.ts";
export type { Gap, Message, Notice, Subscription } from "./subscription.ts";
export type { Batch, Results } from "./batch.ts";
export { IntegerRangeError, RedisError } from "./errors.ts";
export type { Argument, DecoderLimits, Reply } from "./protocol/messages.ts";
