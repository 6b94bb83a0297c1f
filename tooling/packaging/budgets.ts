// What each public import may cost a user: bytes after esbuild's minification and gzip -9, for workerd, with all that it
// imports. Each figure is that of the last change, rounded up a little. A change that needs more says here and in its
// commit what for; one that needs less takes the difference back.

/** One import and its price. */
export interface Budget {
  /** What a user writes. */
  readonly code: string;
  /** Left out of the account: packages that others need as well. */
  readonly without?: readonly string[];
  /** Bytes, gzip -9. */
  readonly gzip: number;
  /** What the design asks for, where that is not reached. */
  readonly goal?: number;
}

export const budgets: readonly Budget[] = [
  { code: `export { connect } from "@landline/core"`, gzip: 1_850 },
  { code: `export { connect, dial } from "@landline/core"`, gzip: 5_000 },
  {
    code: `export { connect, dial } from "@landline/core"; export { Pool } from "@landline/core/pool"; export * from "@landline/core/bytes"`,
    gzip: 9_000,
  },
  { code: `export { LandlineError, ProtocolError } from "@landline/core"`, gzip: 300 },
  { code: `export { Pool } from "@landline/core/pool"`, gzip: 4_400 },
  { code: `export * from "@landline/core/bytes"`, gzip: 1_400 },
  { code: `export * from "@landline/core/testing"`, gzip: 4_950 },
  // The upgrade of postgres on Workers, a deadline for handshakes, an end that must not come.
  { code: `export { nodeSocket } from "@landline/core/node-socket"`, gzip: 8_400 },
  { code: `export * from "@landline/core/tracing"`, gzip: 800 },
  // Node only.
  { code: `export * from "@landline/core/testing/proxy"`, gzip: 2_950 },
  // And what is told of cursors, COPY, batches, COMMIT and LISTEN; a cancellation that is sent again (90 bytes, also below).
  { code: `export { postgres } from "@landline/postgres"`, without: ["@landline/core"], gzip: 30_700, goal: 13_000 },
  { code: `export { postgres } from "@landline/postgres"`, gzip: 39_100 },
  // What by-name types cost beside the client, which has most of it already.
  { code: `export * from "@landline/postgres/types"`, gzip: 10_300 },
  { code: `export * from "@landline/postgres/geometric"`, gzip: 1_800 },
  { code: `export { environment } from "@landline/postgres/environment"`, gzip: 2_500 },
  { code: `export * from "@landline/postgres/wire"`, gzip: 34_950 },
  // The facade with all that is on it, what is told of its queries included, and what its core is: a Client.
  // And what is told of cursors there, and of what others have made that runs on a client.
  { code: `export { Pool, Cursor } from "@landline/postgres/pg"`, gzip: 29_500 },
  { code: `export { Client } from "@landline/postgres/pg"`, gzip: 27_050 },
  { code: `export { drizzle } from "@landline/postgres/drizzle"`, without: ["drizzle-orm"], gzip: 3_100 },
  { code: `export { prismaAdapter } from "@landline/postgres/prisma"`, without: ["@landline/core"], gzip: 4_100 },
  { code: `export * from "@landline/postgres/sqlstate"`, gzip: 4_000 },
  // COPY as streams, LISTEN and several objects, and what is told of it; beside the client itself, which is most of it.
  { code: `export { durablePostgres } from "@landline/durable/postgres"`, gzip: 26_400 },
  // And the sockets of unmodified drivers, prepared statements, LISTEN for many.
  { code: `export { PostgresPool } from "@landline/durable/postgres"`, gzip: 32_250 },
  { code: `export { durableRedis } from "@landline/durable/redis"`, gzip: 24_950 },
  { code: `export { RedisPool } from "@landline/durable/redis"`, gzip: 22_700 },
  { code: `export { durableSmtp } from "@landline/durable/smtp"`, gzip: 11_750 },
  { code: `export { outbox } from "@landline/durable/smtp"`, gzip: 10_800 },
  { code: `export { SmtpOutbox } from "@landline/durable/smtp"`, gzip: 31_800 },
  { code: `export { redis } from "@landline/redis"`, gzip: 26_500 },
  { code: `export { redis } from "@landline/redis"`, without: ["@landline/core"], gzip: 17_950, goal: 8_000 },
  // All commands: their names, what is known of them, their replies in one form.
  { code: `export { factsOf } from "@landline/redis/wire"`, without: ["@landline/core"], gzip: 3_700 },
  {
    code: `export { logIn, handshake, Connection, ReplyDecoder, encodeCommand } from "@landline/redis/wire"`,
    without: ["@landline/core"],
    gzip: 6_550,
  },
  { code: `export { clientCache } from "@landline/redis/cache"`, without: ["@landline/core"], gzip: 2_000 },
  { code: `export { redisParser } from "@landline/redis/redis-parser"`, without: ["@landline/core"], gzip: 1_400 },
  { code: `export * from "@landline/redis/wire"`, gzip: 26_450 },
  { code: `export { unstorageDriver } from "@landline/redis/unstorage"`, gzip: 850 },
  { code: `export { KeyvStore } from "@landline/redis/keyv"`, gzip: 900 },
  { code: `export { secondaryStorage } from "@landline/redis/better-auth"`, gzip: 360 },
  { code: `export { rateLimitClient } from "@landline/redis/rate-limit"`, gzip: 240 },
  { code: `export { landline } from "@landline/smtp/nodemailer"`, gzip: 700 },
  { code: `export { smtp } from "@landline/smtp"`, gzip: 28_350, goal: 24_000 },
  { code: `export * from "@landline/smtp/message"`, gzip: 9_000 },
  { code: `export * from "@landline/smtp/wire"`, gzip: 11_450 },
  { code: `export * from "@landline/smtp/wire"`, without: ["@landline/core"], gzip: 6_650, goal: 6_000 },
  // The composer beside the wire.
  {
    code: `export * from "@landline/smtp/wire"; export * from "@landline/smtp/message"`,
    without: ["@landline/core"],
    gzip: 14_550,
    goal: 12_000,
  },
  { code: `export { sendEmail } from "@landline/smtp/send-email"`, gzip: 9_300 },
  { code: `export { loginWith } from "@landline/smtp/auth"`, gzip: 4_250 },
  { code: `export { dkim } from "@landline/smtp/dkim"`, gzip: 4_650 },
];
