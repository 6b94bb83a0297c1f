// Each driver at its work over nodeSocket(), in the clear and in TLS, on Node and in workerd: many at once over a pool of its own, an
// error that leaves the connection as it was, a value of megabytes, and a server that dies under a running query.

import { nodeSocket } from "@landline/core/node-socket";
import type { NodeSocket, NodeSocketOptions } from "@landline/core/node-socket";
import type {} from "@landline/services/provided";
import { sql as text } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { Redis } from "ioredis";
import type { RedisOptions } from "ioredis";
import { Kysely, PostgresDialect, sql as template } from "kysely";
import { createPool } from "mysql2/promise";
import { createTransport } from "nodemailer";
import type SMTPTransport from "nodemailer/lib/smtp-transport";
import pg from "pg";
import postgres from "postgres";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import type {} from "./shedding.ts";

const services = inject("services");
const maria = inject("mariadb");
const BIG = 4_000_000;

/** What a driver does here. */
interface Driver {
  /** Asks for `n`, and resolves to it. */
  say(n: number): Promise<number>;
  /** Asks for what the server refuses. */
  refused(): Promise<unknown>;
  /** The length of a large value that has been there and back. */
  large(): Promise<number>;
  /** Something that takes long, and whose server is ended meanwhile. */
  killed(): Promise<unknown>;
  end(): Promise<unknown>;
}

const { hostname: host, port, database, users, adminUrl } = services.postgres;
const { username: user, password } = users.scram;
const poolOf = (tls: boolean): pg.Pool =>
  new pg.Pool({ host, port, database, user, password, ssl: tls, max: 3, stream: () => nodeSocket() });

/** Ends a backend, over a connection of its own. */
async function terminate(pid: number): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl.replace(/\?.*/, ""), stream: () => nodeSocket() });
  await admin.connect();
  await admin.query("select pg_terminate_backend($1)", [pid]);
  await admin.end();
}

interface Row {
  readonly n: number;
}

/** What goes by text and values is all the same to who asks. */
function sqlDriver(
  run: (sql: string, values: unknown[]) => Promise<Row[]>,
  more: Pick<Driver, "killed" | "end">,
): Driver {
  return {
    say: async (n) => (await run("select $1::int as n", [n]))[0]?.n ?? -1,
    refused: () => run("select nonsense", []),
    large: async () => {
      const value = "x".repeat(BIG);
      const [row] = (await run("select $1::text as value", [value])) as unknown as { value: string }[];
      return row?.value === value ? BIG : -1;
    },
    ...more,
  };
}

/** Kills whatever the pool's next client is doing. */
async function killedOn(pool: pg.Pool): Promise<unknown> {
  const client = await pool.connect();
  // A client that is lent has nobody but its borrower to tell.
  client.on("error", () => {});
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const sleeping = client.query("select pg_sleep(60)");
  sleeping.catch(() => {}).finally(() => client.release(true));
  await terminate(rows[0]?.pid as number);
  return sleeping;
}

function openPg(tls: boolean): Driver {
  const pool = poolOf(tls);
  return sqlDriver(async (sql, values) => (await pool.query<Row>(sql, values)).rows, {
    killed: () => killedOn(pool),
    end: () => pool.end(),
  });
}

function openDrizzle(tls: boolean): Driver {
  const pool = poolOf(tls);
  const db = drizzle(pool);
  const run = async (sql: string, values: unknown[]): Promise<Row[]> => {
    const [before = "", after = ""] = sql.split("$1");
    const query = values.length === 0 ? text.raw(sql) : text`${text.raw(before)}${values[0]}${text.raw(after)}`;
    return (await db.execute(query)).rows as unknown as Row[];
  };
  return sqlDriver(run, { killed: () => killedOn(pool), end: () => pool.end() });
}

function openKysely(tls: boolean): Driver {
  const pool = poolOf(tls);
  const db = new Kysely<Record<string, never>>({ dialect: new PostgresDialect({ pool }) });
  const run = async (sql: string, values: unknown[]): Promise<Row[]> => {
    const [before = "", after = ""] = sql.split("$1");
    const query =
      values.length === 0
        ? template<Row>`${template.raw(sql)}`
        : template<Row>`${template.raw(before)}${values[0]}${template.raw(after)}`;
    return (await query.execute(db)).rows;
  };
  return sqlDriver(run, { killed: () => killedOn(pool), end: () => db.destroy() });
}

function openPostgres(tls: boolean): Driver {
  const sql = postgres({
    host,
    port,
    database,
    user,
    password,
    ssl: tls,
    max: 3,
    socket: () => nodeSocket({ peerMayEnd: false }).connect(port, host),
  } as postgres.Options<Record<string, never>>);
  return sqlDriver(async (query, values) => [...(await sql.unsafe<Row[]>(query, values as never[]))], {
    killed: async () => {
      const own = await sql.reserve();
      const [row] = await own<{ pid: number }[]>`select pg_backend_pid() as pid`;
      const sleeping = own`select pg_sleep(60)`.execute();
      sleeping.catch(() => {});
      await terminate(row?.pid as number);
      return sleeping;
    },
    // Without a timeout it waits for the connection that was killed, over any socket.
    end: () => sql.end({ timeout: 1 }),
  });
}

function openMysql(tls: boolean): Driver {
  const pool = createPool({
    user: maria.user.username,
    password: maria.user.password,
    database: maria.database,
    connectionLimit: 3,
    disableEval: true,
    stream: () => nodeSocket().connect(maria.port, maria.hostname),
    ...(tls ? { ssl: {} } : {}),
  });
  const run = async (sql: string, values: (string | number)[] = []): Promise<Record<string, unknown>> => {
    const [rows] = await pool.execute(sql, values);
    return (rows as Record<string, unknown>[])[0] ?? {};
  };
  return {
    say: async (n) => Number((await run("select cast(? as signed) as n", [n]))["n"]),
    refused: () => run("select nonsense"),
    large: async () => {
      const value = "x".repeat(BIG);
      return (await run("select ? as value", [value]))["value"] === value ? BIG : -1;
    },
    killed: async () => {
      const client = await pool.getConnection();
      const [rows] = await client.query("select connection_id() as id");
      const sleeping = client.query("select sleep(60)");
      sleeping.catch(() => {}).finally(() => client.destroy());
      await pool.query(`kill ${(rows as { id: number }[])[0]?.id}`);
      return sleeping;
    },
    end: () => pool.end(),
  };
}

function openRedis(tls: boolean): Driver {
  const { hostname, port: clear, tlsPort, user: login } = services.redis;
  const options: NodeSocketOptions = tls ? { tls: "on" } : {};
  class Connector {
    #socket: NodeSocket | undefined;
    check(): boolean {
      return true;
    }
    disconnect(): void {
      this.#socket?.end();
    }
    connect(): Promise<NodeSocket> {
      this.#socket = nodeSocket(options).connect(tls ? tlsPort : clear, hostname);
      return Promise.resolve(this.#socket);
    }
  }
  const open = (): Redis => {
    const kv = new Redis({
      ...login,
      retryStrategy: () => null,
      Connector: Connector as unknown as NonNullable<RedisOptions["Connector"]>,
    });
    kv.on("error", () => {});
    return kv;
  };
  const kv = open();
  const key = `drill:${crypto.randomUUID()}`;
  return {
    say: async (n) => Number(await kv.echo(`${n}`)),
    refused: () => kv.call("NOSUCHCOMMAND"),
    large: async () => {
      const value = "x".repeat(BIG);
      await kv.set(key, value);
      const back = await kv.get(key);
      await kv.del(key);
      return back === value ? BIG : -1;
    },
    killed: async () => {
      const other = open();
      const id = await other.client("ID");
      const waiting = other.blpop(`${key}:none`, 0);
      waiting.catch(() => {});
      await kv.call("CLIENT", "KILL", "ID", `${id}`);
      return waiting;
    },
    end: () => kv.quit(),
  };
}

function openMail(tls: boolean): Driver {
  const { hostname, port: clear, tlsPort, user: login, mailUrl } = services.smtp;
  const getSocket =
    (where: number, options: NodeSocketOptions): SMTPTransport.Options["getSocket"] =>
    (_options, callback) => {
      const connection = nodeSocket(options).connect(where, hostname);
      connection.once("error", callback);
      connection.once(options.tls === "on" ? "secureConnect" : "connect", () => {
        connection.off("error", callback);
        callback(null, { connection, secured: options.tls === "on" });
      });
    };
  const where = tls ? tlsPort : clear;
  const mail = createTransport({
    pool: true,
    maxConnections: 3,
    host: hostname,
    port: where,
    auth: { user: login.username, pass: login.password },
    getSocket: getSocket(where, tls ? { tls: "on" } : {}),
  } as SMTPTransport.Options);
  const from = "me@a.example";
  return {
    say: async (n) => {
      const to = `${n}-${crypto.randomUUID()}@b.example`;
      const { accepted } = await mail.sendMail({ from, to, subject: `${n}`, text: "Hi" });
      return accepted[0] === to ? n : -1;
    },
    refused: () => mail.sendMail({ from, to: "refused-nobody@b.example", text: "Hi" }),
    large: async () => {
      const to = `${crypto.randomUUID()}@b.example`;
      await mail.sendMail({ from, to, text: "Hi", attachments: [{ filename: "large.bin", content: "x".repeat(BIG) }] });
      const received = (await (await fetch(`${mailUrl}?to=${to}`)).json()) as { raw: string }[];
      // In base64, and with what is around it.
      return received[0] !== undefined && received[0].raw.length > (BIG * 4) / 3 ? BIG : -1;
    },
    killed: async () => {
      const dying = inject("shedding").afterGreeting;
      const other = createTransport({ host: hostname, port: dying, getSocket: getSocket(dying, {}) });
      return other.sendMail({ from, to: "a@b.example", text: "Hi" });
    },
    end: () => Promise.resolve(mail.close()),
  };
}

describe.each([
  ["pg", openPg],
  ["Drizzle on pg", openDrizzle],
  ["Kysely on pg", openKysely],
  ["postgres", openPostgres],
  ["mysql2", openMysql],
  ["ioredis", openRedis],
  ["nodemailer", openMail],
])("%s", (_name, open) => {
  test.each([
    ["in the clear", false],
    ["in TLS", true],
  ])("%s", async (_how, tls) => {
    const driver = open(tls);
    onTestFinished(() => void driver.end().catch(() => {}));
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    expect(await Promise.all(numbers.map((n) => driver.say(n)))).toEqual(numbers);
    await expect(driver.refused()).rejects.toBeInstanceOf(Error);
    expect(await driver.say(42)).toBe(42);
    expect(await driver.large()).toBe(BIG);
    await expect(driver.killed()).rejects.toBeInstanceOf(Error);
    expect(await driver.say(43)).toBe(43);
    await driver.end();
  });
});
