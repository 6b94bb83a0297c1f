export { Pool } from "./pool.ts";
export type { AcquireOptions, PoolInit } from "./pool.ts";
export type { Lease, PoolEvent, PoolHooks, PoolOptions, PoolStats, RetireReason } from "./types.ts";
