export { durablePostgres } from "./client.ts";
export type { DurablePostgresOptions } from "./client.ts";
export { poolConnector, PostgresPool } from "./pool-object.ts";
export type { PostgresPoolOptions } from "./options.ts";
export type { ShardOptions } from "../shards.ts";
export type { LocationHint, PoolNamespace } from "../binding.ts";
export { DurableError } from "../durable-error.ts";
