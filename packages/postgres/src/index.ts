export { postgres } from "./client.ts";
export type { Sql } from "./client.ts";
export type { Tag } from "./tag.ts";
export type { Answers, BeginOptions, TransactionSql } from "./begin.ts";
export type { ReservedSql } from "./reserve.ts";
export type { BatchOptions } from "./batch.ts";
export type { AuthMethod, HyperdriveBinding, PostgresOptions, PostgresTls } from "./options.ts";
export { Query } from "./query.ts";
export type { Description } from "./query.ts";
export { Result } from "./result.ts";
export { RowError } from "./schema.ts";
export type { RowSchema, SchemaIssue } from "./schema.ts";
export { Listener } from "./listener.ts";
export type { ListenOptions, Subscription } from "./listener.ts";
export type { Gap, Notification } from "./listen.ts";
export type { Helper } from "./sql.ts";
export type { Typed } from "./types/parameter.ts";
export type { TypeOptions } from "./types/registry.ts";
export type { Column } from "./protocol/messages.ts";
export { PostgresError, TransactionError } from "./errors.ts";
export type { ServerReport } from "./errors.ts";
export {
  isCheckViolation,
  isDeadlock,
  isExclusionViolation,
  isForeignKeyViolation,
  isLockNotAvailable,
  isNotNullViolation,
  isQueryCanceled,
  isSerializationFailure,
  isUniqueViolation,
} from "./conditions.ts";
