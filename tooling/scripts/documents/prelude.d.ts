// The names that documents use without saying where they come from. Few, and each means one thing in all documents.

import type { Transport } from "@landline/core";
import type { PostgresPool } from "@landline/durable/postgres";
import type { RedisPool } from "@landline/durable/redis";
import type { SmtpOutbox, SmtpPool } from "@landline/durable/smtp";
import type { RowSchema, Sql } from "@landline/postgres";
import type { Redis } from "@landline/redis";
import type { SmtpClient } from "@landline/smtp";

declare global {
  /** The bindings of a reader's Worker. */
  interface Env {
    DATABASE_URL: string;
    REDIS_URL: string;
    SMTP_URL: string;
    DKIM_KEY: string;
    EMAIL: SendEmail;
    DKIM_RSA: string;
    DKIM_ED25519: string;
    HYPERDRIVE: Hyperdrive;
    PG: DurableObjectNamespace<PostgresPool<Env>>;
    KV: DurableObjectNamespace<RedisPool<Env>>;
    MAIL: DurableObjectNamespace<SmtpPool<Env>>;
    OUTBOX: DurableObjectNamespace<SmtpOutbox<Env>>;
  }

  /** A row of a reader's table. */
  interface User {
    id: number;
    name: string;
  }

  const env: Env;
  const request: Request & { readonly body: ReadableStream<Uint8Array> };
  const response: Response & { readonly body: ReadableStream<Uint8Array> };
  const bucket: { get(key: string): Promise<{ body: ReadableStream<Uint8Array> }> };
  const signal: AbortSignal;

  // Clients that a document has made before.
  const sql: Sql;
  const kv: Redis;
  const mail: SmtpClient;
  const transport: Transport;

  /** The client that Prisma made of a reader's schema. */
  const PrismaClient: new (options: { adapter: object }) => {
    $queryRaw(strings: TemplateStringsArray, ...values: unknown[]): Promise<unknown>;
    $disconnect(): Promise<void>;
  };

  // A reader's values.
  const id: number;
  const name: string;
  const from: number;
  const to: number;
  const amount: number;
  /** A schema for a `User`, of whichever library. */
  const UserSchema: RowSchema<User>;
  const url: string;
  const file: File;
  const logo: Uint8Array<ArrayBuffer>;
  const invitation: string;
  const tokens: { current(options: { signal?: AbortSignal | undefined }): Promise<{ accessToken: string }> };
  const bytes: Uint8Array<ArrayBuffer>;
  const stopping: boolean;
  function token(): Promise<string>;
  function catchUp(): Promise<void>;
  function work(job: unknown): Promise<void>;
  function send(rows: readonly unknown[]): void;
  const decoder: { push(chunk: Uint8Array): void };
}
