// The names that documents use without saying where they come from. Few, and each means one thing in all documents.

import type { Transport } from "@landline/core";
import type { PostgresPool } from "@landline/durable/postgres";
import type { Sql } from "@landline/postgres";
import type { Redis } from "@landline/redis";
import type { SmtpClient } from "@landline/smtp";

declare global {
  /** The bindings of a reader's Worker. */
  interface Env {
    DATABASE_URL: string;
    REDIS_URL: string;
    SMTP_URL: string;
    HYPERDRIVE: Hyperdrive;
    PG: DurableObjectNamespace<PostgresPool<Env>>;
  }

  /** A row of a reader's table. */
  interface User {
    id: number;
    name: string;
  }

  const env: Env;
  const request: Request;
  const signal: AbortSignal;

  // Clients that a document has made before.
  const sql: Sql;
  const kv: Redis;
  const mail: SmtpClient;
  const transport: Transport;

  // A reader's values.
  const id: number;
  const name: string;
  const from: number;
  const to: number;
  const amount: number;
  const bytes: Uint8Array<ArrayBuffer>;
  const decoder: { push(chunk: Uint8Array): void };
}
