// What each public import may cost a user: bytes after esbuild's minification and gzip -9, for workerd, with all that it
// imports. Each figure is that of the last change, rounded up a little. A change that needs more says here and in its
// commit what for; one that needs less takes the difference back.

/** One import and its price. */
export interface Budget {
  /** What a user writes. */
  readonly code: string;
  /** Bytes, gzip -9. */
  readonly gzip: number;
  /** What the design asks for, where that is not reached. */
  readonly goal?: number;
}

export const budgets: readonly Budget[] = [
  { code: `export { connect } from "@landline/core"`, gzip: 2_350 },
  { code: `export { connect, dial } from "@landline/core"`, gzip: 8_400, goal: 5_000 },
  {
    code: `export { connect, dial } from "@landline/core"; export { Pool } from "@landline/core/pool"; export * from "@landline/core/bytes"`,
    gzip: 12_400,
    goal: 9_000,
  },
  { code: `export { LandlineError, ProtocolError } from "@landline/core"`, gzip: 300 },
  { code: `export { Pool } from "@landline/core/pool"`, gzip: 4_900 },
  { code: `export * from "@landline/core/bytes"`, gzip: 1_900 },
  { code: `export { nodeSocket } from "@landline/core/node-socket"`, gzip: 10_800 },
  { code: `export * from "@landline/core/testing"`, gzip: 5_300 },
  { code: `export * from "@landline/core/tracing"`, gzip: 1_100 },
  // Node only.
  { code: `export * from "@landline/core/testing/proxy"`, gzip: 3_400 },
  { code: `export { postgres } from "@landline/postgres"`, gzip: 39_100 },
  { code: `export * from "@landline/postgres/wire"`, gzip: 34_900 },
  { code: `export * from "@landline/postgres/sqlstate"`, gzip: 4_100 },
  { code: `export { durablePostgres } from "@landline/durable/postgres"`, gzip: 22_000 },
  { code: `export { PostgresPool } from "@landline/durable/postgres"`, gzip: 26_200 },
  { code: `export { redis } from "@landline/redis"`, gzip: 28_500 },
  { code: `export * from "@landline/redis/wire"`, gzip: 7_200 },
  { code: `export { smtp } from "@landline/smtp"`, gzip: 32_400, goal: 24_000 },
  { code: `export * from "@landline/smtp/message"`, gzip: 9_450, goal: 6_000 },
  { code: `export * from "@landline/smtp/wire"`, gzip: 15_700, goal: 13_700 },
  { code: `export { loginWith } from "@landline/smtp/auth"`, gzip: 4_500 },
  { code: `export { dkim } from "@landline/smtp/dkim"`, gzip: 4_650 },
];
