export { Pool } from "./pool.ts";
export { ContextLocal } from "../context-local.ts";
export type {
  AcquireOptions,
  Lease,
  PoolEvent,
  PoolHooks,
  PoolInit,
  PoolOptions,
  PoolStats,
  RetireReason,
} from "./types.ts";
