// What is known to go wrong with the sockets that pg and postgres bring for Workers (pg-cloudflare, and the polyfills of
// postgres), and does not over nodeSocket(). The same on Node and in workerd.

import { connect } from "@landline/core";
import type { Connector, Socket } from "@landline/core";
import { nodeSocket } from "@landline/core/node-socket";
import type { NodeSocketOptions } from "@landline/core/node-socket";
import type {} from "@landline/services/provided";
import pg from "pg";
import postgres from "postgres";
import { describe, expect, inject, test } from "vitest";
import type {} from "./shedding.ts";
import { unanswered } from "./unanswered.ts";

const services = inject("services");
const { hostname: host, port, database, users, adminUrl } = services.postgres;
const { username: user, password } = users.scram;
const NOWHERE = 1;

const pgClient = (config: pg.ClientConfig = {}, options: NodeSocketOptions = {}): pg.Client =>
  new pg.Client({ host, port, database, user, password, stream: () => nodeSocket(options), ...config });

const postgresClient = (options: NodeSocketOptions = {}, where = port) =>
  postgres({
    host,
    port: where,
    database,
    user,
    password,
    max: 1,
    socket: () => nodeSocket(options).connect(where, host),
  } as postgres.Options<Record<string, never>>);

/** A connector that counts writes. */
function counting(): { readonly connector: Connector; readonly count: () => number } {
  let writes = 0;
  const connector: Connector = (address, options) => {
    const socket = connect(address, options);
    const writable = new WritableStream<Uint8Array>({
      start: () => {},
      write: async (chunk) => {
        writes++;
        writer ??= socket.writable.getWriter();
        await writer.write(chunk);
      },
    });
    let writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
    const { opened, closed, readable } = socket;
    const close = (): Promise<void> => socket.close();
    return { opened, closed, readable, writable, close, upgraded: false, secureTransport: "off" } as unknown as Socket;
  };
  return { connector, count: () => writes };
}

describe("pg-cloudflare", () => {
  test("says 'connect' when there is no connection: here it does not, and connect() rejects", async () => {
    const sockets: string[] = [];
    const client = pgClient({
      port: NOWHERE,
      stream: () => nodeSocket().on("connect", () => sockets.push("connect")),
    });
    await expect(client.connect()).rejects.toThrow("connect to localhost:1 failed");
    expect(sockets).toEqual([]);
  });

  test("waits for ever for a server that does not answer: here there is a deadline, the socket's or the driver's", async () => {
    const patient = pgClient({}, { connect: unanswered, connectTimeout: 30 });
    await expect(patient.connect()).rejects.toMatchObject({ code: "ETIMEDOUT" });
    const impatient = pgClient({ connectionTimeoutMillis: 30 }, { connect: unanswered });
    await expect(impatient.connect()).rejects.toThrow(/timeout/);
  });

  test("crashes or hangs in end() without a connection: here it ends", async () => {
    const never = pgClient();
    await never.end();
    const refused = pgClient({ port: NOWHERE });
    await refused.connect().catch(() => {});
    await refused.end();
    const early = pgClient({}, { connect: unanswered, connectTimeout: 50 });
    const connecting = early.connect().catch((error: unknown) => error);
    await early.end();
    expect(await connecting).toBeInstanceOf(Error);
  });

  test("swallows that a connection was lost: here the query and the client hear of it", async () => {
    const client = pgClient();
    const lost = new Promise((resolve) => client.on("error", resolve));
    await client.connect();
    const pid = (await client.query<{ pid: number }>("select pg_backend_pid() as pid")).rows[0]?.pid;
    const sleeping = client.query("select pg_sleep(60)").catch((error: unknown) => error);
    const admin = pgClient({ connectionString: adminUrl.replace(/\?.*/, "") });
    await admin.connect();
    await admin.query("select pg_terminate_backend($1)", [pid]);
    await admin.end();
    expect(await sleeping).toBeInstanceOf(Error);
    expect(await lost).toBeInstanceOf(Error);
  });

  test("swallows that a write failed, where nobody has given it a callback: here the driver hears of it", async () => {
    const client = pgClient();
    const lost = new Promise((resolve) => client.on("error", resolve));
    await client.connect();
    const { stream } = (client as unknown as { connection: { stream: { resetAndDestroy(): void } } }).connection;
    // Too large for what any buffer on the way takes: it is being written when the connection goes.
    const writing = client.query("select length($1::text)", ["x".repeat(30_000_000)]);
    stream.resetAndDestroy();
    await expect(writing).rejects.toThrow("Connection terminated");
    expect(await lost).toBeInstanceOf(Error);
  });

  test("loses a connection to a large write: here a value of 124 kB, and one of 8 MB, come back as they went", async () => {
    const client = pgClient({ ssl: true });
    await client.connect();
    for (const length of [124_000, 8_000_000]) {
      const text = "w".repeat(length);
      const { rows } = await client.query<{ back: string }>("select $1::text as back", [text]);
      expect(rows[0]?.back === text).toBe(true);
    }
    await client.end();
  });

  test("goes on in TLS with what came in the clear behind the server's answer: here nothing comes of it", async () => {
    const client = pgClient({ ssl: true, port: inject("shedding").injecting });
    await expect(client.connect()).rejects.toBeInstanceOf(Error);
    await client.end();
  });

  test("crashes or hangs in end() while a query runs: here the query is told, and end() resolves", async () => {
    const client = pgClient();
    await client.connect();
    const query = client.query("select pg_sleep(60)").catch((error: unknown) => error);
    await client.end();
    expect(await query).toMatchObject({ message: "Connection terminated" });
  });

  test("writes once for each protocol message: here a query is one write", async () => {
    const { connector, count } = counting();
    const client = pgClient({}, { connect: connector, tls: "off" });
    await client.connect();
    const before = count();
    await client.query("select $1::text as one", ["1"]);
    expect(count() - before).toBe(1);
    await client.end();
  });

  test("has no back-pressure: here write() says when it is enough, and large values arrive whole", async () => {
    const client = pgClient();
    await client.connect();
    const text = "z".repeat(200_000);
    const results = await Promise.all(
      Array.from({ length: 20 }, () => client.query<{ n: number }>("select length($1::text) as n", [text])),
    );
    expect(results.map(({ rows }) => rows[0]?.n)).toEqual(Array.from({ length: 20 }, () => text.length));
    await client.end();
  });
});

describe("the polyfills of postgres", () => {
  test("leave a rejection unhandled with each end(): here there is none", async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", listener);
    for (const _ of [1, 2, 3]) {
      const sql = postgresClient();
      await sql`select 1`;
      await sql.end();
    }
    // A rejection is reported a turn after nobody has taken it.
    await new Promise((resolve) => setTimeout(resolve, 0));
    process.off("unhandledRejection", listener);
    expect(unhandled).toEqual([]);
  });

  test("turn a failed handshake into a timeout: here it is the error that it is", async () => {
    // A server that does not speak TLS there, but greets.
    const sql = postgresClient({ tls: "starttls", negotiate: () => Promise.resolve(true) }, services.smtp.port);
    await expect(sql`select 1`).rejects.toMatchObject({ cause: { name: "TlsError" } });
    await sql.end({ timeout: 0 });
  });

  test("say that TLS is there before the handshake, so that a failed one is a timeout: here `ssl` rejects with what it is", async () => {
    const failed = (where: number): Promise<unknown> => {
      const socket = (): unknown => nodeSocket().connect(where, host);
      const sql = postgres({ host, port, database, user, password, max: 1, ssl: true, socket } as never);
      return sql`select 1`.then(undefined, async (error: unknown) => {
        await sql.end({ timeout: 0 });
        return error;
      });
    };
    // One that does not speak TLS there, and one that says yes and goes on in the clear.
    expect(await failed(services.smtp.port)).toMatchObject({ code: expect.stringMatching(/SSL|TLS/) as string });
    expect(await failed(inject("shedding").injecting)).toMatchObject({
      code: expect.stringMatching(/TLS|ECONNRESET/) as string,
    });
  });

  test("never settle what is in flight when the server dies: here the query rejects, and end() resolves", async () => {
    const sql = postgresClient();
    const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    const sleeping = sql`select pg_sleep(60)`.then(undefined, (error: unknown) => error);
    const admin = pgClient({ connectionString: adminUrl.replace(/\?.*/, "") });
    await admin.connect();
    await admin.query("select pg_terminate_backend($1)", [row?.pid]);
    await admin.end();
    expect(await sleeping).toBeInstanceOf(Error);
    await sql.end({ timeout: 0 });
  });

  test("have no half-close: here what was written before end() arrives, and the answer is read", async () => {
    const sql = postgresClient();
    const answer = sql`select 1 as one`.then((rows) => [...rows]);
    const ended = sql.end();
    expect(await answer).toEqual([{ one: 1 }]);
    await ended;
  });

  test("cannot pause: here COPY to a slow reader is whole", async () => {
    const sql = postgresClient();
    const stream = await sql`copy (select repeat('x', 1000) from generate_series(1, 20000)) to stdout`.readable();
    let bytes = 0;
    let chunks = 0;
    for await (const chunk of stream) {
      bytes += (chunk as Uint8Array).length;
      if (++chunks % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(bytes).toBe(20_000 * 1_001);
    await sql.end();
  });

  test("say nothing of a server that refuses: here the query rejects with Node's own code, or ours", async () => {
    const sql = postgresClient({}, NOWHERE);
    await expect(sql`select 1`).rejects.toMatchObject({
      code: expect.stringMatching(/^(ECONNREFUSED|CONNECT_FAILED)$/),
    });
    await sql.end({ timeout: 0 });
  });

  test.each([
    ["refuses", NOWHERE, {}],
    ["ends each connection at once", inject("shedding").port, {}],
    ["ends it in the middle of the login", inject("shedding").midLogin, { peerMayEnd: false }],
  ])(
    "stampede a server that %s: here each query is one attempt, and the driver's own pause is kept",
    async (_, where, options) => {
      const pauses: number[] = [];
      let attempts = 0;
      let stampede: (error: Error) => void = () => {};
      const tooMany = new Promise<never>((_resolve, reject) => (stampede = reject));
      const sql = postgres({
        host,
        port: where,
        database,
        user,
        password,
        max: 1,
        backoff: (retries: number) => {
          pauses.push(retries);
          return 0.001;
        },
        socket: () => {
          if (++attempts > 20) {
            stampede(new Error("a stampede"));
            return new Promise(() => {});
          }
          return nodeSocket(options).connect(where, host);
        },
      } as unknown as postgres.Options<Record<string, never>>);
      const queries = [1, 2, 3].map((n) => sql`select ${n}::int`.then(undefined, (error: unknown) => error));
      const errors = await Promise.race([Promise.all(queries), tooMany]);
      expect(errors).toMatchObject(
        [1, 2, 3].map(() => ({ code: expect.stringMatching(/^(ECONNREFUSED|CONNECT_FAILED|ECONNRESET)$/) as string })),
      );
      expect(attempts).toBe(3);
      expect(pauses.length).toBeGreaterThanOrEqual(2);
      await sql.end({ timeout: 0 });
    },
  );
});
