// What the tests of the pool object ask the Worker, and what they ask the server behind its back.

import { exports } from "cloudflare:workers";
import { postgres } from "@landline/postgres";
import { expect, inject } from "vitest";
import type { Answered, Asked } from "./worker.ts";

const server = inject("services").postgres;
export const url: string = server.url;
export const adminUrl: string = server.adminUrl;
export const database: string = server.database;
export const PID = "select pg_backend_pid() as pid";
export const aPid = expect.any(Number) as number;

/** What a request asks for besides the object. */
export type Request = Omit<Asked, "name" | "options"> & { readonly options?: Asked["options"] };

/** One request of its own to the Worker, by way of the object `name`. */
export async function ask(name: string, asked: Request): Promise<Answered> {
  const body = JSON.stringify({ ...asked, name, options: { url, ...asked.options, applicationName: name } });
  const response = await exports.default.fetch("http://worker/", { method: "POST", body });
  return (await response.json()) as Answered;
}

/** The backends of an object, as the server sees them. */
export async function backends(name: string): Promise<{ pid: number; state: string; query: string }[]> {
  await using admin = postgres(adminUrl);
  return await admin<{ pid: number; state: string; query: string }>`
    select pid, state, query from pg_stat_activity where application_name = ${name} order by pid`;
}

/** Until the server sees what a test waits for. */
export async function eventually<T>(look: () => Promise<T>, good: (seen: T) => boolean): Promise<T> {
  const until = Date.now() + 8_000;
  for (;;) {
    const seen = await look();
    if (good(seen) || Date.now() > until) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A table of the test's own. */
export async function tabled(name: string): Promise<string> {
  await using admin = postgres(adminUrl);
  await admin.unsafe(
    `drop table if exists durable_${name}; create table durable_${name} (n int); grant all on durable_${name} to public`,
  );
  return `durable_${name}`;
}

export async function rowsOf(table: string): Promise<unknown[]> {
  await using admin = postgres(adminUrl);
  return [...(await admin.unsafe(`select n from ${table} order by n`))];
}
