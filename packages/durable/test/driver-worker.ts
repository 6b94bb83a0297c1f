// The part of the Worker in which unmodified drivers talk to the pool object over sockets into it: pg and postgres, used as
// their users use them, but for the socket.

import { nodeSocket, type NodeSocket } from "@landline/core/node-socket";
import pg from "pg";
import postgres from "postgres";
import { poolConnector, type PoolNamespace } from "../src/postgres/index.ts";

/** What a test asks for. */
export interface DriverAsked {
  readonly name: string;
  readonly driver: "pg" | "postgres";
  readonly act: keyof Acts;
  readonly text?: string;
  readonly times?: number;
  readonly shards?: number;
  /** Of the start-up packet, besides user and database. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** What both drivers are asked to do. */
interface Acts {
  /** `times` queries with parameters, prepared and not; how many backends have served them. */
  queries(): Promise<unknown>;
  /** A transaction that is committed, and one that is rolled back. `text` takes a number. */
  transactions(): Promise<unknown>;
  /** A statement that cannot be prepared, twice; then one that fails in a transaction; then one that works. */
  errors(): Promise<unknown>;
  /** Cancels a query that sleeps, then asks another. */
  cancel(): Promise<unknown>;
  /** One query as it is given. */
  query(): Promise<unknown>;
  /** `times` statements, each prepared by a name of its own, and the first of them again. */
  many(): Promise<unknown>;
  /** COPY both ways, where the driver knows it. */
  copy(): Promise<unknown>;
  /** Ends the request in the midst of a transaction. */
  leave(): Promise<unknown>;
}

const PID = "select pg_backend_pid() as pid";
const SLEEP = "select pg_sleep(30)";

async function codeOf(work: PromiseLike<unknown>): Promise<string | undefined> {
  try {
    await work;
    return "none";
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).message;
  }
}

function withPg(socket: () => NodeSocket, { text = "", times = 1, parameters, name }: DriverAsked): Acts {
  const config = { user: "u", database: "d", host: "pool", port: 5432, ...parameters, stream: socket };
  const using = async (work: (client: pg.Client) => Promise<unknown>): Promise<unknown> => {
    const client = new pg.Client(config);
    client.on("error", () => {});
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  return {
    queries: () =>
      using(async (client) => {
        const pids = new Set<number>();
        for (let n = 0; n < times; n++) {
          const { rows } = await client.query({ name: "by-name", text: `${PID}, $1::int as n`, values: [n] });
          const unnamed = await client.query("select $1::int + 1 as n", [n]);
          if (rows[0].n !== n || unnamed.rows[0].n !== n + 1) return { rows, unnamed: unnamed.rows };
          pids.add(rows[0].pid);
        }
        return pids.size;
      }),
    transactions: () =>
      using(async (client) => {
        for (const [n, end] of [
          [1, "commit"],
          [2, "rollback"],
        ] as const) {
          await client.query("begin");
          await client.query(text, [n]);
          await client.query(end);
        }
        return "done";
      }),
    errors: () =>
      using(async (client) => {
        const bad = { name: "bad", text: "select nonsense" };
        const codes = [await codeOf(client.query(bad)), await codeOf(client.query(bad))];
        await client.query("begin");
        codes.push(await codeOf(client.query("select 1/$1::int", [0])), await codeOf(client.query("select 1")));
        await client.query("rollback");
        return { codes, after: (await client.query("select 1 as n")).rows };
      }),
    cancel: () =>
      using(async (client) => {
        const query = new pg.Query(SLEEP);
        const ended = new Promise((resolve) =>
          query.on("error", (error) => resolve((error as { code?: string }).code)),
        );
        client.query(query);
        await using(async (other) => asleep(name, async (sql) => (await other.query(sql)).rows));
        const canceller = new pg.Client(config) as pg.Client & { cancel(client: pg.Client, query: pg.Query): void };
        canceller.on("error", () => {});
        canceller.cancel(client, query);
        return { code: await ended, after: (await client.query("select 1 as n")).rows };
      }),
    query: () => using(async (client) => (await client.query(text)).rows),
    many: () =>
      using(async (client) => {
        for (let n = 0; n < times; n++) await client.query({ name: `s${n}`, text: `select ${n} as n` });
        return (await client.query({ name: "s0", text: "select 0 as n" })).rows;
      }),
    copy: () => Promise.reject(new Error("pg has no COPY of its own")),
    leave: async () => {
      const client = new pg.Client(config);
      client.on("error", () => {});
      await client.connect();
      await client.query("begin");
      await client.query(text, [1]);
      return "left";
    },
  };
}

function withPostgres(socket: () => NodeSocket, { text = "", times = 1, parameters, name }: DriverAsked): Acts {
  const open = (more: object = {}): postgres.Sql =>
    postgres({
      host: "pool",
      user: "u",
      database: "d",
      max: 2,
      connection: parameters,
      onnotice: () => {},
      socket: () => socket().connect(5432, "pool"),
      ...more,
    } as postgres.Options<Record<string, never>>);
  const using = async (work: (sql: postgres.Sql) => Promise<unknown>, more?: object): Promise<unknown> => {
    const sql = open(more);
    try {
      return await work(sql);
    } finally {
      // It waits for the end of a query whose connection has gone under it, if it is let.
      await sql.end({ timeout: 1 });
    }
  };
  return {
    queries: () =>
      using(async (sql) => {
        const pids = new Set<number>();
        for (let n = 0; n < times; n++) {
          const [row] = await sql`select pg_backend_pid() as pid, ${n}::int as n`;
          const [unnamed] = await sql.unsafe("select $1::int + 1 as n", [n]);
          if (row?.["n"] !== n || unnamed?.["n"] !== n + 1) return { row, unnamed };
          pids.add(row?.["pid"]);
        }
        // Side by side as well: they go back to back on each of its connections.
        const rows = await Promise.all(Array.from({ length: times }, (_, n) => sql`select ${n}::int as n`));
        return rows.every(([row], n) => row?.["n"] === n) ? pids.size : rows;
      }),
    transactions: () =>
      using(async (sql) => {
        await sql.begin((tx) => tx.unsafe(text, [1]));
        const undone = sql.begin(async (tx) => {
          await tx.unsafe(text, [2]);
          throw new Error("changed my mind");
        });
        await undone.catch(() => {});
        return "done";
      }),
    errors: () =>
      using(async (sql) => {
        const codes = [await codeOf(sql`select nonsense`), await codeOf(sql`select nonsense`)];
        const within = sql.begin(async (tx) => {
          codes.push(await codeOf(tx`select 1/${0}::int`), await codeOf(tx`select 1`));
        });
        await within.catch(() => {});
        return { codes, after: [...(await sql`select 1 as n`)] };
      }),
    cancel: () =>
      using(async (sql) => {
        const sleeping = sql.unsafe(SLEEP);
        const ended = codeOf(sleeping);
        await asleep(name, async (query) => [...(await sql.unsafe<{ n?: number }[]>(query))]);
        sleeping.cancel();
        return { code: await ended, after: [...(await sql`select 1 as n`)] };
      }),
    // Without its look-up of types: what that fails with, it leaves to nobody.
    query: () => using(async (sql) => [...(await sql.unsafe(text))], { fetch_types: false }),
    many: () =>
      using(async (sql) => {
        for (let n = 0; n < times; n++) await sql.unsafe(`select ${n} as n`, [], { prepare: true });
        return [...(await sql.unsafe("select 0 as n", [], { prepare: true }))];
      }),
    copy: () =>
      using(async (sql) => {
        const lines = Array.from({ length: times }, (_, n) => `${n}\n`);
        const into = await sql.unsafe(`copy ${text} from stdin`).writable();
        await new Promise<void>((resolve, reject) => {
          into.on("error", reject).on("finish", () => resolve());
          for (const line of lines) into.write(line);
          into.end();
        });
        const out = await sql.unsafe(`copy ${text} to stdout`).readable();
        let bytes = 0;
        for await (const chunk of out) bytes += (chunk as Uint8Array).length;
        return bytes === lines.join("").length ? times : bytes;
      }),
    leave: () =>
      new Promise((resolve) => {
        open()
          .begin(async (tx) => {
            await tx.unsafe(text, [1]);
            resolve("left");
            await new Promise(() => {});
          })
          .catch(() => {});
      }),
  };
}

/** Until the server runs what sleeps, of the object `name`. */
async function asleep(name: string, query: (sql: string) => Promise<{ n?: number }[]>): Promise<void> {
  const until = Date.now() + 8_000;
  const sql = `select count(*)::int as n from pg_stat_activity
    where application_name = '${name}' and query = '${SLEEP}' and wait_event = 'PgSleep'`;
  while ((await query(sql))[0]?.n !== 1) {
    if (Date.now() > until) throw new Error("nothing sleeps");
  }
}

type Driver = (socket: () => NodeSocket, asked: DriverAsked) => Acts;
const drivers: Readonly<Record<DriverAsked["driver"], Driver>> = { pg: withPg, postgres: withPostgres };

/** One request. */
export async function serveDriver(namespace: PoolNamespace, asked: DriverAsked): Promise<unknown> {
  const connect = poolConnector(namespace, { name: asked.name, shards: asked.shards });
  return drivers[asked.driver](() => nodeSocket({ tls: "off", connect }), asked)[asked.act]();
}
