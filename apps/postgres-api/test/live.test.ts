// Live changes: many viewers, one connection.

import { env } from "cloudflare:workers";
import { postgres, type Sql } from "@landline/postgres";
import { beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { Client, type Events } from "./client.ts";

/** The database of the bindings: a Durable Object has no other. */
const api = new Client();
let source: string;
let target: string;

beforeAll(async () => {
  source = await api.account("Ada", "1000");
  target = await api.account("Bob");
});

async function watch(): Promise<Events> {
  const events = await api.watch();
  onTestFinished(() => events.leave().catch(() => {}));
  return events;
}

async function listeners(sql: Sql): Promise<number> {
  const { count } = await sql`select from pg_stat_activity where application_name = 'postgres-api live'`;
  return count;
}

test("a hundred viewers see each transfer, and cost one connection", async () => {
  const viewers = await Promise.all(Array.from({ length: 100 }, watch));
  for (const viewer of viewers) expect(await viewer.next()).toEqual({ name: "sync", data: {} });
  const response = await api.transfer(source, target, "2.50");
  const { transfer } = (await response.json()) as { transfer: unknown };
  for (const viewer of viewers) expect(await viewer.next()).toEqual({ name: "transfer", data: transfer });
  await using admin = postgres(inject("services").postgres.adminUrl);
  expect(await listeners(admin)).toBe(1);
});

test("what was rolled back is not told of", async () => {
  const viewer = await watch();
  await viewer.next();
  expect((await api.transfer(source, target, "100000")).status).toBe(409);
  const response = await api.transfer(source, target, "1");
  const { transfer } = (await response.json()) as { transfer: unknown };
  expect(await viewer.next()).toEqual({ name: "transfer", data: transfer });
});

test("a connection that is lost is made again, and the viewers are told to look", async () => {
  const viewer = await watch();
  expect(await viewer.next()).toMatchObject({ name: "sync" });
  await using admin = postgres(inject("services").postgres.adminUrl);
  await admin`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'postgres-api live'`;
  expect(await viewer.next()).toMatchObject({ name: "sync" });
  const response = await api.transfer(source, target, "1");
  const { transfer } = (await response.json()) as { transfer: unknown };
  expect(await viewer.next()).toEqual({ name: "transfer", data: transfer });
});

test("when the last one leaves, the connection is given up", async () => {
  const viewers = [await api.watch(), await api.watch()];
  for (const viewer of viewers) await viewer.next();
  await using admin = postgres(inject("services").postgres.adminUrl);
  expect(await listeners(admin)).toBe(1);
  for (const viewer of viewers) await viewer.leave();
  await expect.poll(() => listeners(admin)).toBe(0);
});

test("who does not keep up is told to look again, and nothing piles up for him", async () => {
  const [slow, quick] = [await watch(), await watch()];
  for (const viewer of [slow, quick]) expect(await viewer.next()).toMatchObject({ name: "sync" });
  await using sql = postgres(env.DATABASE_URL);
  const count = 1_000;
  await sql`select pg_notify('transfers', to_json(repeat('x', 1000) || n)::text) from generate_series(1, ${count}::int) n`;
  // Whoever is told of a fence has been told of all before it, and so has everybody else, as far as there was room.
  for (let fence = 0, passed = false; !passed; fence++) {
    await sql.notify("transfers", JSON.stringify(`fence ${fence}`));
    let event = await quick.next();
    while (event?.name === "transfer" && event.data !== `fence ${fence}`) event = await quick.next();
    passed = event?.data === `fence ${fence}`;
  }
  let seen = 0;
  let event = await slow.next();
  for (; event?.name === "transfer"; event = await slow.next()) seen++;
  expect(event).toEqual({ name: "sync", data: {} });
  expect(seen).toBeLessThan(count);
  // And what comes afterwards comes as ever.
  await sql.notify("transfers", '"afterwards"');
  do event = await slow.next();
  while (event !== undefined && event.data !== "afterwards");
  expect(event).toEqual({ name: "transfer", data: "afterwards" });
});
