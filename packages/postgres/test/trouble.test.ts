// Aborts, timeouts, lost connections, against a real server: every promise settles, every connection that is used again
// is in order, and `outcome` tells the truth.

import type {} from "@landline/services/provided";
import { ClosedError, connect, TimeoutError, type Connector, type Socket } from "@landline/core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { postgres, PostgresError, type ReservedSql } from "../src/index.ts";

const { postgres: server } = inject("services");
const admin = postgres(server.adminUrl);
const sql = postgres({ url: server.url, applicationName: "trouble" });

beforeAll(() => admin`select 1`);
afterAll(() => Promise.all([sql.end(), admin.end()]));

async function pidOf(one: ReservedSql): Promise<number> {
  const [row] = await one<{ pid: number }>`select pg_backend_pid() as pid`;
  return row?.pid as number;
}

/** Resolves once the backend waits: for the end of a sleep, or of whatever else the server calls by that name. */
async function asleep(pid: number, event = "PgSleep"): Promise<void> {
  for (;;) {
    const [row] = await admin<{ sleeping: boolean }>`
      select wait_event = ${event} as sleeping from pg_stat_activity where pid = ${pid}::int4`;
    if (row?.sleeping === true) return;
  }
}

/** Takes what is written to it for nothing, and ends: as a server does that is asked to cancel what it has not begun. */
function deaf(): Socket {
  return {
    readable: new ReadableStream({ start: (controller) => controller.close() }),
    writable: new WritableStream(),
    opened: Promise.resolve({}),
    closed: Promise.resolve(),
    upgraded: false,
    secureTransport: "off",
    startTls: () => {
      throw new Error("not over this");
    },
    close: () => Promise.resolve(),
  };
}

describe("abort", () => {
  test("rejects with the signal's reason, cancels on the server, and keeps the connection", async () => {
    await using one = await sql.reserve();
    const pid = await pidOf(one);
    const controller = new AbortController();
    const reason = new Error("not needed any more");
    const sleeping = one`select pg_sleep(3600)`.signal(controller.signal).execute();
    await asleep(pid);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    expect(await one`select 1 as one`).toEqual([{ one: 1 }]);
    expect(await pidOf(one)).toBe(pid);
  });

  test("before it is run: nothing is sent", async () => {
    const reason = new Error("early");
    await expect(sql`select 1`.signal(AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  test("by cancel()", async () => {
    const query = sql`select pg_sleep(3600)`.execute();
    query.cancel();
    await expect(query).rejects.toMatchObject({ name: "AbortError" });
    const running = sql`select pg_sleep(3600)`.execute();
    await sql`select 1`;
    running.cancel();
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
  });

  test("one that waits behind another does not touch the other", async () => {
    await using other = await sql.reserve();
    await using one = await sql.reserve();
    const pid = await pidOf(one);
    const key = await pidOf(other);
    await other`select pg_advisory_lock(${key}::int4)`;
    const controller = new AbortController();
    const head = one`select pg_advisory_xact_lock(${key}::int4), 'head' as who`.execute();
    const behind = one`select pg_sleep(3600)`.signal(controller.signal).execute();
    await asleep(pid, "advisory");
    controller.abort(new Error("only this"));
    await expect(behind).rejects.toThrow("only this");
    await other`select pg_advisory_unlock(${key}::int4)`;
    expect(await head).toMatchObject([{ who: "head" }]);
    expect(await one`select 'after' as who`).toEqual([{ who: "after" }]);
    expect(await pidOf(one)).toBe(pid);
  });

  test("a CancelRequest of which nothing comes is sent again, and the connection is kept", async () => {
    const { username: user, password } = server.users.scram;
    const { hostname: host, port, database } = server;
    let links = 0;
    const connector: Connector = (address, options) => (++links === 2 ? deaf() : connect(address, options));
    await using client = postgres({ host, port, database, user, password, tls: "off", max: 1, connect: connector });
    await using one = await client.reserve();
    const pid = await pidOf(one);
    const controller = new AbortController();
    const sleeping = one`select pg_sleep(3600)`.signal(controller.signal).execute();
    await asleep(pid);
    controller.abort(new Error("enough"));
    await expect(sleeping).rejects.toThrow("enough");
    expect(await pidOf(one)).toBe(pid);
    // The session's, the one that was lost, and the one that was not.
    expect(links).toBeGreaterThanOrEqual(3);
  });

  test("all of a pipeline are cancelled, one after the other", async () => {
    await using one = await sql.reserve();
    const pid = await pidOf(one);
    const controller = new AbortController();
    const both = [1, 2].map((n) => one`select pg_sleep(3600), ${n}::int4`.signal(controller.signal).execute());
    await asleep(pid);
    controller.abort(new Error("all of it"));
    for (const { status } of await Promise.allSettled(both)) expect(status).toBe("rejected");
    expect(await one`select 'after' as who`).toEqual([{ who: "after" }]);
    expect(await pidOf(one)).toBe(pid);
  });

  test("many aborts at once leave a pool in order", async () => {
    const aborts = Array.from({ length: 20 }, (_, index) => {
      const controller = new AbortController();
      const query = sql`select pg_sleep(3600), ${index}::int4`.signal(controller.signal).execute();
      void sql`select 1`.then(
        () => controller.abort(new Error(`abort ${index}`)),
        () => {},
      );
      return expect(query).rejects.toThrow(`abort ${index}`);
    });
    await Promise.all(aborts);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => sql<{ n: number }>`select ${n}::int4 as n`));
    expect(answers.map(([row]) => row?.n)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });
});

describe("timeout", () => {
  test("rejects with a TimeoutError, and the connection goes on", async () => {
    await using one = await sql.reserve();
    const pid = await pidOf(one);
    const error = await one`select pg_sleep(3600)`.timeout(50).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: "TIMEOUT", outcome: "unknown" });
    expect(await pidOf(one)).toBe(pid);
  });

  test("for all queries of a client", async () => {
    await using client = postgres({ url: server.url, queryTimeout: 50 });
    await expect(client`select pg_sleep(3600)`).rejects.toBeInstanceOf(TimeoutError);
    expect(await client`select 1 as one`).toEqual([{ one: 1 }]);
  });

  test("repeated, it leaves no statements behind", async () => {
    await using one = await sql.reserve();
    for (let round = 0; round < 3; round++) {
      await expect(one`select pg_sleep(3600)`.timeout(20)).rejects.toBeInstanceOf(TimeoutError);
    }
    const [row] = await one<{
      n: string;
    }>`select count(*) as n from pg_prepared_statements where statement like '%sleep(3600)%'`;
    expect(Number(row?.n)).toBeLessThanOrEqual(1);
  });
});

describe("a connection that is killed", () => {
  test("in the middle of a query: the server's own words, outcome unknown; those behind it likewise", async () => {
    const one = await sql.reserve();
    const pid = await pidOf(one);
    const head = one`select pg_sleep(3600)`.execute();
    const behind = one`select 1`.execute();
    await asleep(pid);
    await admin`select pg_terminate_backend(${pid}::int4)`;
    const [first, second] = await Promise.allSettled([head, behind]);
    const { reason } = first as PromiseRejectedResult;
    expect(reason).toBeInstanceOf(PostgresError);
    expect(reason).toMatchObject({ code: "57P01", severity: "FATAL", outcome: "unknown" });
    expect((second as PromiseRejectedResult).reason).toBeInstanceOf(ClosedError);
    expect((second as PromiseRejectedResult).reason).toMatchObject({ outcome: "unknown", cause: { code: "57P01" } });
    await expect(one`select 1`).rejects.toMatchObject({ code: "CONNECTION_LOST", outcome: "unsent" });
    one.release();
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  });

  test("while idle in the pool: the next query gets another", async () => {
    await using client = postgres({ url: server.url, max: 1 });
    const [row] = await client<{ pid: number }>`select pg_backend_pid() as pid`;
    await admin`select pg_terminate_backend(${row?.pid}::int4, 5000)`;
    // Its last words may still be under way; whoever is first to use it hears of it, with nothing done.
    const again = await client<{ pid: number }>`select pg_backend_pid() as pid`.catch((error: unknown) => error);
    if (again instanceof Error) expect(again).toMatchObject({ code: expect.stringMatching(/57P01|CONNECTION_LOST/) });
    const [other] = await client<{ pid: number }>`select pg_backend_pid() as pid`;
    expect(other?.pid).not.toBe(row?.pid);
  });

  test("inside a transaction: the handle is dead, begin rejects", async () => {
    const work = sql.begin(async (tx) => {
      const [row] = await tx<{ pid: number }>`select pg_backend_pid() as pid`;
      await admin`select pg_terminate_backend(${row?.pid}::int4, 5000)`;
      await tx`select 1`.catch(() => {});
      await tx`select 2`;
    });
    await expect(work).rejects.toMatchObject({ outcome: "unsent" });
  });
});

describe("a server that ends a session for its time", () => {
  test.each([
    ["idle in a transaction", "idle_in_transaction_session_timeout", "25P03"],
    ["too long a transaction", "transaction_timeout", "25P04"],
  ])("%s: nothing more of it runs, and the client goes on", async (_, setting, code) => {
    await using client = postgres({ url: server.url, max: 1 });
    const mark = `ended_${code.toLowerCase()}_${crypto.randomUUID().slice(0, 8)}`;
    let later: Promise<unknown> | undefined;
    let early: unknown;
    const work = client.begin(async (tx) => {
      const [row] = await tx<{ pid: number }>`select pg_backend_pid() as pid`;
      // A slow server may be out of time before it has answered this.
      await tx.unsafe(`set local ${setting} = '20ms'`).catch((error: unknown) => (early = error));
      for (let here = 1; here > 0;) {
        const [count] = await admin<{ n: number }>`
          select count(*)::int as n from pg_stat_activity where pid = ${row?.pid}::int`;
        here = count?.n as number;
      }
      // Not on another session, where there would be no transaction around it.
      later = tx.unsafe(`create table ${mark} ()`).execute();
      await later;
    });
    const failure = (await work.catch((error: unknown) => error)) as Error;
    expect(failure).toMatchObject({ outcome: expect.stringMatching(/^(?:unsent|unknown)$/) });
    // Its last words are told to whoever is first to hear of them.
    expect([early, failure, failure.cause]).toContainEqual(expect.objectContaining({ code }));
    await expect(later).rejects.toMatchObject({ outcome: expect.stringMatching(/^(?:unsent|unknown)$/) });
    expect(await client`select to_regclass(${mark}) as it`).toEqual([{ it: null }]);
  });

  test("idle in the pool: the next query gets another", async () => {
    const settings = { idle_session_timeout: "20ms" };
    await using client = postgres({ url: server.url, max: 1, settings });
    const [row] = await client<{ pid: number }>`select pg_backend_pid() as pid`;
    for (let here = 1; here > 0;) {
      const [count] = await admin<{ n: number }>`
        select count(*)::int as n from pg_stat_activity where pid = ${row?.pid}::int`;
      here = count?.n as number;
    }
    const again = await client`select 1 as n`.catch((error: unknown) => error);
    // Its last words may still be under way; whoever is first to use it hears of it, with nothing done.
    if (again instanceof Error) expect(again).toMatchObject({ code: expect.stringMatching(/57P05|CONNECTION_LOST/) });
    expect(await client`select 1 as n`).toEqual([{ n: 1 }]);
  });
});

test("a password that is never told", async () => {
  const { username: user } = server.users.scram;
  const { hostname: host, port, database } = server;
  for (const eagerLogin of [true, false]) {
    const password = (): Promise<string> => new Promise(() => {});
    await using client = postgres({ host, port, database, user, password, eagerLogin, connectTimeout: 100 });
    await expect(client`select 1`).rejects.toMatchObject({ code: "TIMEOUT", outcome: "unsent" });
  }
});

describe("a place to connect to that is none", () => {
  test("nobody listens", async () => {
    await using client = postgres({ host: "127.0.0.1", port: 9, user: "nobody", connectTimeout: 2000 });
    await expect(client`select 1`).rejects.toMatchObject({ outcome: "unsent" });
  });

  test("somebody else's protocol", async () => {
    const { smtp, redis } = inject("services");
    for (const port of [smtp.port, redis.port]) {
      await using client = postgres({ host: server.hostname, port, user: "nobody", connectTimeout: 2000 });
      await expect(client`select 1`).rejects.toMatchObject({ outcome: "unsent" });
    }
  });
});
