// What is here in the place of another driver does not bring that driver along.

import { join } from "node:path";
import { expect, it } from "vitest";
import { bundle } from "../src/bundle.ts";

const PACKAGES = join(import.meta.dirname, "../../../packages");
const NODE_POSTGRES = /\/node_modules\/(?:pg|pg-[a-z-]+|pgpass|postgres)\//;
const NODEMAILER = /\/node_modules\/nodemailer\//;
const CLIENTS = /\/node_modules\/(?:redis|@redis|ioredis)\//;

async function inputs(folder: string, code: string): Promise<readonly string[]> {
  const directory = join(PACKAGES, folder);
  // Optional drivers that a library asks for by name, and that are not installed, are nobody's.
  const bundled = await bundle(code, directory, { without: ["pg-native", "@opentelemetry/api"] });
  return bundled.inputs;
}

it.each([
  [
    "Drizzle over the sql client",
    "postgres",
    `export { drizzle } from "@landline/postgres/drizzle"; export { postgres } from "@landline/postgres"; export * from "drizzle-orm/pg-core";`,
    NODE_POSTGRES,
  ],
  [
    "Kysely over the facade",
    "postgres",
    `export { Pool, Cursor } from "@landline/postgres/pg"; export { Kysely, PostgresDialect } from "kysely";`,
    NODE_POSTGRES,
  ],
  [
    "Prisma's adapter",
    "postgres",
    `export { prismaAdapter } from "@landline/postgres/prisma"; export { postgres } from "@landline/postgres";`,
    NODE_POSTGRES,
  ],
  [
    "Auth.js over the facade",
    "postgres",
    `export { Pool } from "@landline/postgres/pg"; export { default } from "@auth/pg-adapter";`,
    NODE_POSTGRES,
  ],
  [
    "Keyv and rate limits",
    "redis",
    `export { KeyvStore } from "@landline/redis/keyv"; export { rateLimitClient } from "@landline/redis/rate-limit"; export { RedisStore } from "hono-rate-limiter";`,
    CLIENTS,
  ],
  ["nodemailer's transport", "smtp", `export * from "@landline/smtp/nodemailer"`, NODEMAILER],
])("%s", async (_, folder, code, driver) => {
  const files = await inputs(folder, code);
  expect(files.length).toBeGreaterThan(1);
  expect(files.filter((file) => driver.test(file))).toEqual([]);
});

it("which is seen where it comes along", async () => {
  const { inputs } = await bundle(`export { Pool } from "pg"`, join(PACKAGES, "postgres"), {
    target: "node",
    without: [
      "pg-native",
      "events",
      "crypto",
      "dns",
      "fs",
      "net",
      "tls",
      "util",
      "path",
      "stream",
      "string_decoder",
      "assert",
      "os",
      "process",
    ],
  });
  expect(inputs.filter((file) => NODE_POSTGRES.test(file))).not.toEqual([]);
});
