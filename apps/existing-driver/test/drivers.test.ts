// The other drivers, unmodified, over nodeSocket(): on Node and in workerd, in the clear and with TLS as each of them does it.

import { nodeSocket } from "@landline/core/node-socket";
import type { NodeSocket, NodeSocketOptions } from "@landline/core/node-socket";
import type {} from "@landline/services/provided";
import { drizzle } from "drizzle-orm/node-postgres";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import { Redis } from "ioredis";
import type { RedisOptions } from "ioredis";
import { Kysely, PostgresDialect } from "kysely";
import { createConnection } from "mysql2/promise";
import type { ConnectionOptions } from "mysql2/promise";
import { createTransport } from "nodemailer";
import type SMTPTransport from "nodemailer/lib/smtp-transport";
import pg from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

const services = inject("services");
const maria = inject("mariadb");

describe("postgres", () => {
  const { hostname, port, database, users } = services.postgres;
  const open = (options: NodeSocketOptions, more: object = {}) =>
    postgres({
      host: hostname,
      port,
      database,
      ...users.scram,
      socket: () => nodeSocket(options).connect(port, hostname),
      max: 2,
      ...more,
    } as postgres.Options<Record<string, never>>);
  const SECURE = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";

  test("in the clear", async () => {
    const sql = open({ tls: "off" });
    expect([...(await sql.unsafe(SECURE))]).toEqual([{ ssl: false }]);
    const rows = await sql`select * from generate_series(1, 5000) as n where n > ${10}`;
    expect(rows).toHaveLength(4990);
    await sql.end();
  });

  test.each([true, "require", "prefer", { servername: hostname }])("with its own ssl: %j", async (ssl) => {
    const sql = open({}, { ssl });
    expect([...(await sql.unsafe(SECURE))]).toEqual([{ ssl: true }]);
    const rows = await sql`select repeat('x', 100000) as x from generate_series(1, ${30}::int)`;
    expect(rows.map(({ x }) => (x as string).length)).toEqual(rows.map(() => 100_000));
    await sql.end();
  });

  test.each([false, true])("cancels a query, ssl: %j", async (ssl) => {
    const sql = open({ peerMayEnd: false }, { ssl });
    const mark = `cancelled_${crypto.randomUUID()}`;
    const sleeping = sql`select pg_sleep(60) as ${sql(mark)}`.execute();
    const failed = sleeping.then(undefined, (error: { code: string }) => error.code);
    // It has to be under way: what the driver has not sent yet, it forgets to cancel.
    for (let running = 0; running === 0;) {
      const rows = await sql`select from pg_stat_activity where query like ${`%pg_sleep%${mark}%`} and state = 'active'
        and pid <> pg_backend_pid()`;
      running = rows.length;
    }
    sleeping.cancel();
    expect(await failed).toBe("57014");
    await sql.end();
  });

  test("with TLS that the socket negotiates", async () => {
    const sql = open({
      tls: "starttls",
      negotiate: async (transport) => {
        // SSLRequest; `S` is yes.
        transport.write(new Uint8Array([0, 0, 0, 8, 4, 210, 22, 47]));
        return (await transport.pull())?.[0] === 0x53;
      },
    });
    expect([...(await sql.unsafe(SECURE))]).toEqual([{ ssl: true }]);
    await sql.end();
  });
});

describe("ioredis", () => {
  const { hostname, port, tlsPort, user } = services.redis;

  /** What ioredis makes its connections by. */
  function connector(where: number, options: NodeSocketOptions): NonNullable<RedisOptions["Connector"]> {
    class LandlineConnector {
      #socket: NodeSocket | undefined;
      check(): boolean {
        return true;
      }
      disconnect(): void {
        this.#socket?.end();
      }
      connect(): Promise<NodeSocket> {
        this.#socket = nodeSocket(options).connect(where, hostname);
        return Promise.resolve(this.#socket);
      }
    }
    return LandlineConnector as unknown as NonNullable<RedisOptions["Connector"]>;
  }

  test.each([
    ["in the clear", port, {}],
    ["with TLS from the first byte", tlsPort, { tls: "on" }],
  ] as const)("%s", async (_how, where, options) => {
    const kv = new Redis({ ...user, Connector: connector(where, options) });
    const key = `ioredis:${crypto.randomUUID()}`;
    const value = "x".repeat(200_000);
    expect(await kv.set(key, value)).toBe("OK");
    expect(await kv.get(key)).toBe(value);
    const results = await Promise.all(Array.from({ length: 100 }, () => kv.incr(`${key}:n`)));
    expect(results.at(-1)).toBe(100);
    expect(await kv.del(key, `${key}:n`)).toBe(2);
    const ended = new Promise((resolve) => kv.once("end", resolve));
    await kv.quit();
    await ended;
  });
});

describe("mysql2", () => {
  const open = (more: ConnectionOptions = {}) =>
    createConnection({
      user: maria.user.username,
      password: maria.user.password,
      database: maria.database,
      // Workers allow no code from strings.
      disableEval: true,
      stream: () => nodeSocket().connect(maria.port, maria.hostname),
      ...more,
    });

  test("in the clear", async () => {
    const sql = await open();
    const [rows] = await sql.query("show session status like 'Ssl_cipher'");
    expect(rows).toEqual([{ Variable_name: "Ssl_cipher", Value: "" }]);
    const [more] = await sql.execute("select ? + 1 as n, repeat('x', 1000000) as x", [41]);
    expect(more).toMatchObject([{ n: 42 }]);
    await sql.end();
  });

  test("upgraded, as it does by itself", async () => {
    const sql = await open({ ssl: {} });
    const [rows] = await sql.query("show session status like 'Ssl_cipher'");
    expect((rows as { Value: string }[])[0]?.Value).toMatch(/^TLS_|GCM|CHACHA/);
    await sql.end();
  });
});

describe("nodemailer", () => {
  const { hostname, port, tlsPort, user, mailUrl } = services.smtp;
  const auth = { user: user.username, pass: user.password };
  const received = async (to: string): Promise<{ readonly secure: boolean; readonly raw: string }[]> =>
    (await fetch(`${mailUrl}?to=${encodeURIComponent(to)}`)).json();

  /** nodemailer asks for a connected socket for each of its connections. */
  const getSocket = (where: number, options: NodeSocketOptions, more: object): SMTPTransport.Options["getSocket"] => {
    return (_options, callback) => {
      const connection = nodeSocket(options).connect(where, hostname);
      connection.once("error", callback);
      connection.once(options.tls === "on" ? "secureConnect" : "connect", () => {
        connection.off("error", callback);
        callback(null, { connection, ...more });
      });
    };
  };

  test("upgraded by STARTTLS, as it does by itself", async () => {
    const mail = createTransport({ host: hostname, port, auth, requireTLS: true, getSocket: getSocket(port, {}, {}) });
    for (const round of [1, 2]) {
      const to = `${round}-${crypto.randomUUID()}@b.example`;
      const sent = await mail.sendMail({ from: "me@a.example", to, subject: "Hi", text: "over our socket" });
      expect(sent.accepted).toEqual([to]);
      expect(await received(to)).toMatchObject([{ secure: true }]);
    }
  });

  test("with TLS from the first byte, which the socket does", async () => {
    const mail = createTransport({
      host: hostname,
      port: tlsPort,
      auth,
      getSocket: getSocket(tlsPort, { tls: "on" }, { secured: true }),
    });
    const to = `${crypto.randomUUID()}@b.example`;
    const attachments = [{ filename: "large.bin", content: "y".repeat(500_000) }];
    await mail.sendMail({ from: "me@a.example", to, subject: "Hi", text: "over our socket", attachments });
    const [mailed] = await received(to);
    expect(mailed?.secure).toBe(true);
    expect(mailed?.raw.length).toBeGreaterThan(500_000);
  });
});

describe("libraries on pg", () => {
  const table = `people_${crypto.randomUUID().replaceAll("-", "")}`;
  const { hostname: host, port, database, users } = services.postgres;
  const { username, password } = users.scram;
  const open = () =>
    new pg.Pool({ host, port, database, user: username, password, ssl: true, stream: () => nodeSocket(), max: 2 });

  beforeAll(async () => {
    const pool = open();
    await pool.query(`create table ${table} (id int primary key, name text not null)`);
    await pool.end();
  });
  afterAll(async () => {
    const pool = open();
    await pool.query(`drop table ${table}`);
    await pool.end();
  });

  test("Drizzle", async () => {
    const pool = open();
    const people = pgTable(table, { id: integer("id").primaryKey(), name: text("name").notNull() });
    const db = drizzle(pool);
    await db.transaction(async (tx) => {
      await tx.insert(people).values([
        { id: 1, name: "Ada" },
        { id: 2, name: "Grace" },
      ]);
    });
    expect(await db.select().from(people).orderBy(people.id)).toEqual([
      { id: 1, name: "Ada" },
      { id: 2, name: "Grace" },
    ]);
    await pool.end();
  });

  test("Kysely", async () => {
    const db = new Kysely<Record<string, { id: number; name: string }>>({
      dialect: new PostgresDialect({ pool: open() }),
    });
    await db.transaction().execute(async (tx) => {
      await tx.insertInto(table).values({ id: 3, name: "Edsger" }).execute();
    });
    expect(await db.selectFrom(table).selectAll().where("id", "=", 3).execute()).toEqual([{ id: 3, name: "Edsger" }]);
    await db.destroy();
  });
});
