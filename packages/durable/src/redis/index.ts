export { durableRedis } from "./client.ts";
export type { DurableRedisOptions } from "./client.ts";
export { RedisPool } from "./pool-object.ts";
export type { RedisPoolOptions } from "./options.ts";
export type { LocationHint, PoolNamespace } from "../binding.ts";
export type { ShardOptions } from "../shards.ts";
export { DurableError } from "../durable-error.ts";
