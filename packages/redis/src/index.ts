export { IntegerRangeError, RedisError } from "./errors.ts";
export type { Argument, Reply, ReplyFormat } from "./protocol/messages.ts";
