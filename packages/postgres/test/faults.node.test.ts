// What goes wrong between a client and a real server: a proxy cuts, resets, stalls, refuses and swallows. Everything settles,
// each outcome is true, and a cancellation goes as safely as its session.

import { startBlackHole, startProxy, type FaultProxy, type Plan } from "@landline/core/testing/proxy";
import { isLandlineError } from "@landline/core";
import type {} from "@landline/services/provided";
import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";
import { afterAll, afterEach, describe, expect, inject, test } from "vitest";
import { postgres, type PostgresOptions, type Sql } from "../src/index.ts";

const { postgres: server } = inject("services");
const direct = postgres(server.url);
const { username: user, password } = server.users.scram;
const base: PostgresOptions = { database: server.database, user, password };
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});
afterAll(() => direct.end());

async function proxied(plan: Plan | ((index: number) => Plan)): Promise<FaultProxy> {
  const planOf = typeof plan === "function" ? ({ index }: { index: number }): Plan => plan(index) : plan;
  const proxy = await startProxy({ target: { hostname: "127.0.0.1", port: server.port }, plan: planOf });
  opened.push(proxy);
  return proxy;
}

function through({ port }: { readonly port: number }, options: PostgresOptions = {}): Sql {
  return postgres({ ...base, host: server.hostname, port, max: 1, ...options });
}

/** CancelRequest's code, as it stands in its bytes. */
const CANCEL_CODE = "04d2162e";
const SSL_REQUEST = "0000000804d2162f";

/** Passes connections on and keeps what the client has sent on each; `take` may answer in the server's place. */
async function recorder(
  take?: (index: number, socket: Socket, chunk: Buffer) => boolean,
): Promise<{ port: number; heard: string[]; closed: Promise<void>[] }> {
  const heard: string[] = [];
  const closed: Promise<void>[] = [];
  const sockets = new Set<Socket>();
  const relay: Server = createServer((client) => {
    const index = heard.push("") - 1;
    const upstream = connect(server.port, "127.0.0.1");
    closed.push(new Promise((resolve) => client.once("close", () => resolve())));
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    client.on("data", (chunk) => {
      heard[index] += chunk.toString("hex");
      if (take?.(index, client, chunk) !== true) upstream.write(chunk);
    });
    upstream.on("data", (chunk) => client.write(chunk));
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.end());
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  opened.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      relay.close();
    },
  });
  return { port: (relay.address() as AddressInfo).port, heard, closed };
}

async function pidOf(sql: Sql): Promise<number> {
  const [row] = await sql<{ pid: number }>`select pg_backend_pid() as pid`;
  return row?.pid as number;
}

/** Has a query cancelled. Returns what backend ran it. */
async function cancelSleep(sql: Sql): Promise<number> {
  const pid = await pidOf(sql);
  const stop = new AbortController();
  const reason = new Error("enough");
  const slow = sql`select pg_sleep(60)`.signal(stop.signal).execute();
  setTimeout(() => stop.abort(reason), 20);
  await expect(slow).rejects.toBe(reason);
  return pid;
}

describe("a CancelRequest", () => {
  test("goes over TLS when its session does, and its key is never seen in clear", async () => {
    const relay = await recorder();
    const sql = through(relay);
    const pid = await cancelSleep(sql);
    expect(await pidOf(sql)).toBe(pid);
    // The session, and its cancellation: more than one if the server is slow.
    expect(relay.heard.length).toBeGreaterThanOrEqual(2);
    for (const bytes of relay.heard) {
      expect(bytes.startsWith(`${SSL_REQUEST}16`)).toBe(true);
      expect(bytes).not.toContain(CANCEL_CODE);
    }
    await sql.end();
  });

  test("goes in clear when its session does", async () => {
    const relay = await recorder();
    const sql = through(relay, { tls: "off" });
    const pid = await cancelSleep(sql);
    expect(await pidOf(sql)).toBe(pid);
    const cancellations = relay.heard.slice(1);
    expect(cancellations.length).toBeGreaterThanOrEqual(1);
    for (const bytes of cancellations) expect(bytes).toMatch(new RegExp(`^00000010${CANCEL_CODE}[0-9a-f]{16}$`));
    await sql.end();
  });

  test("is not sent where TLS is declined that its session has; the session is given up", async () => {
    const relay = await recorder((index, socket, chunk) => {
      if (index !== 1 || chunk.toString("hex") !== SSL_REQUEST) return false;
      return socket.write("N");
    });
    const sql = through(relay, { tls: "prefer" });
    await cancelSleep(sql);
    expect(await sql`select 1 as n`).toEqual([{ n: 1 }]);
    await relay.closed[1];
    expect(relay.heard[1]).toBe(SSL_REQUEST);
    expect(relay.heard).toHaveLength(3);
    await sql.end();
  });

  test("that hangs for ever keeps nobody waiting: the session is given up in time, and the pool goes on", async () => {
    const proxy = await proxied((index) => (index === 1 ? { refuse: "silent" } : {}));
    const sql = through(proxy, { cancelTimeout: 50 });
    await cancelSleep(sql);
    expect(await sql`select 1 as n`).toEqual([{ n: 1 }]);
    expect(proxy.stats().connections).toBe(3);
    await sql.end();
  });
});

describe("nobody there", () => {
  test("a port that does not even accept", async () => {
    const hole = await startBlackHole();
    opened.push(hole);
    const sql = through(hole, { connectTimeout: 100, host: "127.0.0.1" });
    await expect(sql`select 1`).rejects.toMatchObject({ outcome: "unsent", message: /100 ms|in time|within/ });
    await sql.end();
  });

  test.each(["silent", "reset"] as const)("a port that is %s", async (refuse) => {
    const proxy = await proxied({ refuse });
    for (const tls of ["off", "starttls", "prefer"] as const) {
      const sql = through(proxy, { connectTimeout: 100, tls });
      await expect(sql`select 1`).rejects.toMatchObject({ outcome: "unsent" });
      await sql.end();
    }
  });

  test("a server that declines TLS is spoken to in the clear by prefer alone", async () => {
    const relay = await recorder((_, socket, chunk) => chunk.toString("hex") === SSL_REQUEST && socket.write("N"));
    const strict = through(relay);
    await expect(strict`select 1`).rejects.toMatchObject({ code: "TLS_DECLINED", outcome: "unsent" });
    expect(relay.heard).toEqual([SSL_REQUEST]);
    const lax = through(relay, { tls: "prefer" });
    expect(await lax`select ssl from pg_stat_ssl where pid = pg_backend_pid()`).toEqual([{ ssl: false }]);
    await Promise.all([strict.end(), lax.end()]);
  });
});

describe("a link that goes dead", () => {
  /** Beyond any login, and in the middle of the answer. */
  const AT = 20_000;
  const BIG = "select repeat('x', 100000) as x";

  test("half open, without a FIN: a timeout ends the wait, and the session", async () => {
    const proxy = await proxied((index) => (index === 0 ? { toClient: { stallAt: AT } } : {}));
    const sql = through(proxy, { tls: "off", cancelTimeout: 50 });
    await expect(sql.unsafe(BIG).timeout(100)).rejects.toMatchObject({ code: "TIMEOUT", outcome: "unknown" });
    expect(await sql`select 1 as n`).toEqual([{ n: 1 }]);
    await sql.end();
  });

  test("half open while idle: the next query hears its timeout, and the one behind it has another link", async () => {
    const proxy = await proxied((index) => (index === 0 ? { toServer: { stallAt: 2_000 } } : {}));
    // By its address: the CancelRequest has to be on its way in 50 ms, and a look-up may take longer.
    const sql = through(proxy, { tls: "off", cancelTimeout: 50, host: "127.0.0.1" });
    const pid = await pidOf(sql);
    const query = sql`select ${"x".repeat(4_000)}::text as t`.timeout(200);
    await expect(query).rejects.toMatchObject({ code: "TIMEOUT" });
    expect(await pidOf(sql)).not.toBe(pid);
    // The session, its cancellation, and the session after it.
    expect(proxy.stats().connections).toBe(3);
    await sql.end();
  });

  test.each(["endAt", "resetAt"] as const)("ended by %s in the middle of an answer: outcome unknown", async (fault) => {
    const proxy = await proxied((index) => (index === 0 ? { toClient: { [fault]: AT } } : {}));
    const sql = through(proxy, { tls: "off" });
    const [cut, behind] = await Promise.allSettled([sql.unsafe(BIG), sql.unsafe("select 1 as n")]);
    expect(cut).toMatchObject({ status: "rejected", reason: { code: "CONNECTION_LOST", outcome: "unknown" } });
    expect(behind.status).toBe("fulfilled");
    await sql.end();
  });

  test("closing says goodbye, and neither side resets", async () => {
    const relay = await recorder();
    const sql = through(relay, { tls: "off" });
    await sql`select 1`;
    await sql.end();
    await relay.closed[0];
    expect(relay.heard[0]?.endsWith("5800000004")).toBe(true);
  });
});

describe("cut at any place, from the first byte to the answer", () => {
  const table = `cut_${crypto.randomUUID().slice(0, 8)}`;
  afterAll(() => direct.unsafe(`drop table if exists ${table}`));

  test.each([
    ["what the server says", "toClient", "endAt"],
    ["what the server says", "toClient", "resetAt"],
    ["what the client says", "toServer", "endAt"],
    ["what the client says", "toServer", "resetAt"],
  ] as const)("%s (%s, %s): it settles, and its outcome is true", async (_, lane, fault) => {
    await direct.unsafe(`create table if not exists ${table} (id text primary key)`);
    const outcomes = new Set<string>();
    const told = new Map<string, string>();
    for (const eagerLogin of [true, false]) {
      for (let at = 0; at < 900; at += 23) {
        const proxy = await startProxy({
          target: { hostname: "127.0.0.1", port: server.port },
          plan: ({ index }) => (index === 0 ? { [lane]: { [fault]: at } } : { refuse: "reset" }),
        });
        const id = `${lane} ${fault} ${eagerLogin} ${at}`;
        const sql = through(proxy, { tls: "off", eagerLogin, connectTimeout: 2_000, queryTimeout: 2_000 });
        const outcome = await sql`insert into ${sql(table)} values (${id})`.then(
          () => "done",
          (error: unknown) => (isLandlineError(error) ? error.outcome : String(error)),
        );
        outcomes.add(outcome);
        told.set(id, outcome);
        await sql.end({ timeout: 100 });
        await proxy.close();
      }
    }
    expect(["done", "refused", "unknown", "unsent"]).toEqual(expect.arrayContaining([...outcomes]));
    expect([...outcomes]).toEqual(expect.arrayContaining(["done", "unknown", "unsent"]));
    const there = new Set((await direct<{ id: string }>`select id from ${direct(table)}`).map(({ id }) => id));
    const entries = [...told];
    expect(entries.filter(([id, outcome]) => outcome === "done" && !there.has(id))).toEqual([]);
    expect(entries.filter(([id, outcome]) => /unsent|refused/.test(outcome) && there.has(id))).toEqual([]);
  });
});
