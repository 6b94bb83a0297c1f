// A Worker with a pool object, as users write them. A test says in the body what a request does, and how the object that it
// names is configured.

import { isLandlineError } from "@landline/core";
import { postgres, PostgresError, type Sql } from "@landline/postgres";
import {
  durablePostgres,
  DurableError,
  poolConnector,
  PostgresPool,
  type PoolNamespace,
  type PostgresPoolOptions,
} from "../src/postgres/index.ts";

import { serveDriver, type DriverAsked } from "./driver-worker.ts";
import { armedTimers, countTimers, deafen, gated, hear, holed, seen } from "./perils.ts";
import { serveRedis } from "./redis-worker.ts";
import { serveSmtp } from "./smtp-worker.ts";

export { KV } from "./redis-worker.ts";
export { MAIL, OUTBOX } from "./smtp-worker.ts";

/** What a test asks for. */
export interface Asked {
  /** The object. */
  readonly name: string;
  readonly options: PostgresPoolOptions;
  readonly act: keyof typeof acts;
  readonly text?: string;
  readonly values?: readonly unknown[];
  readonly times?: number;
  readonly timeout?: number;
  readonly runTimeout?: number;
  readonly shards?: number;
  /** What its connections go through. */
  readonly peril?: "gate" | "hole";
}

/** What came of it. */
export interface Answered {
  readonly value?: unknown;
  readonly error?: Readonly<Record<string, unknown>>;
}

interface Env {
  readonly PG: PoolNamespace;
  readonly KV: PoolNamespace;
  readonly MAIL: PoolNamespace;
  readonly OUTBOX: PoolNamespace;
}

countTimers();

/** By the object's name. Of the isolate, which the Worker and its objects share here. */
const configured = new Map<string, PostgresPoolOptions>();
const clients = new Map<string, Sql>();

/** Sessions opened, by the object's name. */
const sessions = new Map<string, number>();

export class PG extends PostgresPool<Env> {
  override openSession(version: number): ReturnType<PostgresPool["openSession"]> {
    const name = this.#name();
    sessions.set(name, (sessions.get(name) ?? 0) + 1);
    return super.openSession(version);
  }

  /** Without what makes it one of several. */
  #name(): string {
    return (this.ctx as unknown as { id: { name: string } }).id.name.replace(/\/.*/, "");
  }

  options(): PostgresPoolOptions {
    const options = configured.get(this.#name());
    if (options === undefined) throw new Error("postgres://user:hidden@nowhere/ is not configured");
    return options;
  }

  timers(): number {
    return armedTimers();
  }

  /** As a deployment or a crash does. */
  reset(): void {
    this.ctx.abort("reset by a test");
  }
}

const acts = {
  /** One query, or several at once. */
  async query(sql: Sql, { text = "", values = [], times = 1, timeout }: Asked): Promise<unknown> {
    const run = (): PromiseLike<unknown> => {
      const query = values.length > 0 ? sql.unsafe(text, values) : sql.unsafe(text);
      return timeout === undefined ? query : query.timeout(timeout);
    };
    if (times === 1) return run();
    return Promise.all(Array.from({ length: times }, run));
  },

  /** One after the other, then at once, then in a transaction: how many sessions with the object does one request take? */
  async sessions(sql: Sql, { text = "", times = 1, name }: Asked): Promise<unknown> {
    const before = sessions.get(name) ?? 0;
    for (let index = 0; index < times; index++) await sql.unsafe(text);
    await Promise.all(Array.from({ length: times }, () => sql.unsafe(text)));
    await sql.begin((tx) => tx.unsafe(text));
    return (sessions.get(name) ?? 0) - before;
  },

  /** Aborts a transaction while a statement of it runs. */
  async abortBegin(sql: Sql, { text = "" }: Asked): Promise<unknown> {
    const controller = new AbortController();
    const reason = new Error("changed my mind");
    const running = sql.begin({ signal: controller.signal }, async (tx) => {
      await tx.unsafe(text);
      setTimeout(() => controller.abort(reason), 100);
      await tx`select pg_sleep(30)`;
    });
    const error: unknown = await running.catch((failure: unknown) => failure);
    return { same: error === reason };
  },

  /** Aborts while the query runs, and says what the same request gets afterwards. */
  async abort(sql: Sql, { text = "" }: Asked): Promise<unknown> {
    const controller = new AbortController();
    const reason = new Error("changed my mind");
    const running = sql.unsafe(text).signal(controller.signal).execute();
    setTimeout(() => controller.abort(reason), 100);
    const error: unknown = await running.then(
      () => "it ended",
      (failure: unknown) => failure,
    );
    return { same: error === reason };
  },

  /** A transaction of several statements, each told by the backend that ran it. */
  async begin(sql: Sql, { text = "select 1", times = 1 }: Asked): Promise<unknown> {
    return sql.begin(async (tx) => {
      const pids: unknown[] = [];
      for (let index = 0; index < times; index++) {
        await tx.unsafe(text);
        const [row] = await tx`select pg_backend_pid() as pid`;
        pids.push(row?.["pid"]);
      }
      return pids;
    });
  },

  /** Queries as one batch. */
  async batch(sql: Sql, { values = [] }: Asked): Promise<unknown> {
    return sql.batch(values.map((text) => sql.unsafe(text as string)));
  },

  /** Reads by a cursor, and says how many rows there were in each batch. With `times`, leaves after so many of them. */
  async cursor(sql: Sql, { text = "", times = Infinity }: Asked): Promise<unknown> {
    const sizes: number[] = [];
    for await (const rows of sql.unsafe(text, [1]).cursor(100)) {
      sizes.push(rows.length);
      if (sizes.length >= times) break;
    }
    return sizes;
  },

  /** Copies out, and says how many bytes came. With `times`, stops reading after so many pieces, and waits. */
  async copyOut(sql: Sql, { text = "", times = Infinity, timeout = 0 }: Asked): Promise<unknown> {
    const reader = (await sql.unsafe(text).readable()).getReader();
    let bytes = 0;
    let head = "";
    for (let pieces = 0; ; pieces++) {
      if (pieces === times) {
        await new Promise((resolve) => setTimeout(resolve, timeout));
        await reader.cancel("enough");
        return { bytes };
      }
      const { done, value } = await reader.read();
      if (done) return { bytes, head };
      if (bytes === 0) head = new TextDecoder().decode(value.subarray(0, 8));
      bytes += value.length;
    }
  },

  /** Copies in `times` rows; with `values`, then aborts. */
  async copyIn(sql: Sql, { text = "", times = 1, values = [] }: Asked): Promise<unknown> {
    const writer = (await sql.unsafe(text).writable()).getWriter();
    for (let row = 0; row < times; row++) await writer.write(`${row}\n`);
    if (values[0] === "abort") {
      await writer.abort(new Error("changed my mind"));
      return "aborted";
    }
    for (const value of values) await writer.write(value as string);
    await writer.close();
    return "done";
  },

  /** Listens until `times` notifications or gaps have come. */
  async listen(sql: Sql, { text = "", times = 1 }: Asked): Promise<unknown> {
    const heard: unknown[] = [];
    for await (const event of sql.listen(text)) {
      heard.push(event.gap ? event.reason : event.payload);
      if (heard.length === times) break;
    }
    return heard;
  },

  /** Throws in the middle of a transaction. */
  async rollback(sql: Sql, { text = "" }: Asked): Promise<unknown> {
    return sql.begin(async (tx) => {
      await tx.unsafe(text);
      throw new Error("changed my mind");
    });
  },

  /** Ends the request in the middle of a transaction. */
  async desert(sql: Sql, { text = "" }: Asked): Promise<unknown> {
    return new Promise((resolve) => {
      sql
        .begin(async (tx) => {
          resolve(await tx.unsafe(text));
          await new Promise(() => {});
        })
        .catch(() => {});
    });
  },

  /** Says nothing for `timeout` ms inside a transaction, then goes on. */
  async dawdle(sql: Sql, { text = "", timeout = 0 }: Asked): Promise<unknown> {
    return sql.begin(async (tx) => {
      await tx.unsafe(text);
      await new Promise((resolve) => setTimeout(resolve, timeout));
      return tx.unsafe(text);
    });
  },

  async reserve(sql: Sql): Promise<unknown> {
    await using reserved = await sql.reserve();
    await reserved`set application_name = 'set aside'`;
    const [row] = await reserved`select current_setting('application_name') as name, pg_backend_pid() as pid`;
    return row;
  },

  /** Resets the object while a query runs. */
  async reset(sql: Sql, { text = "", name }: Asked, env: Env): Promise<unknown> {
    const running = sql.unsafe(text).execute();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const stub = env.PG.get(env.PG.idFromName(name)) as { reset(): Promise<void> };
    await stub.reset().catch(() => {});
    return running;
  },

  /** A client that knows nothing of the object, over a socket into it: `times` queries, `text` in a transaction. */
  async wired(_: Sql, { name, text = "", times = 1 }: Asked, env: Env): Promise<unknown> {
    const connect = poolConnector(env.PG, { name });
    await using plain = postgres({ url: "postgres://u@pool/d?sslmode=disable", max: 2, connect });
    const pids = new Set<unknown>();
    for (let n = 0; n < times; n++) {
      const [row] = await plain`select pg_backend_pid() as pid, ${n}::int as n`;
      pids.add(row?.["pid"]);
      if (row?.["n"] !== n) return row;
    }
    const [one, failed] = await plain.begin(async (tx) => {
      const [row] = await tx`select ${"in"} as place`;
      await tx.unsafe(text);
      const error: unknown = await tx.savepoint((inner) => inner`select 1/0`).catch((failure: unknown) => failure);
      return [row, (error as { code?: string }).code];
    });
    const [after] = await plain`select ${"after"} as place`;
    return { backends: pids.size, one, failed, after };
  },

  /** The same client cancels what it does not wait for any more. */
  async wiredCancel(_: Sql, { name }: Asked, env: Env): Promise<unknown> {
    const connect = poolConnector(env.PG, { name });
    await using plain = postgres({ url: "postgres://u@pool/d?sslmode=disable", max: 1, connect });
    const error: unknown = await plain`select pg_sleep(30)`.timeout(200).catch((failure: unknown) => failure);
    return { name: (error as Error).name, after: [...(await plain`select 1 as n`)] };
  },

  /** Leaves in the midst of a transaction. */
  async wiredLeave(_: Sql, { name, text = "" }: Asked, env: Env): Promise<unknown> {
    const connect = poolConnector(env.PG, { name });
    const plain = postgres({ url: "postgres://u@pool/d?sslmode=disable", max: 1, connect });
    return new Promise((resolve) => {
      plain
        .begin(async (tx) => {
          await tx.unsafe(text);
          resolve("left");
          await new Promise(() => {});
        })
        .catch(() => {});
    });
  },

  /** Resets every shard of the object. */
  async abortObject(_: Sql, { name }: Asked, env: Env): Promise<unknown> {
    await (env.PG.get(env.PG.idFromName(name)) as { reset(): Promise<void> }).reset().catch(() => {});
    return "reset";
  },

  /** Its connections fall silent; `times` 0: new ones do not any more. */
  async deafen(_: Sql, { name, times = 1 }: Asked): Promise<unknown> {
    if (times > 0) deafen(name);
    else hear(name);
    return name;
  },

  /** What has been seen of connections in the making. */
  async seen(): Promise<unknown> {
    return seen;
  },

  /** How many timers are armed in the object. */
  async timers(_: Sql, { name }: Asked, env: Env): Promise<unknown> {
    return (env.PG.get(env.PG.idFromName(name)) as { timers(): Promise<number> }).timers();
  },

  async stats(_: Sql, { name }: Asked, env: Env): Promise<unknown> {
    return (env.PG.get(env.PG.idFromName(name)) as { stats(): Promise<unknown> }).stats();
  },

  /** What the RPC surface says to somebody who asks for the options. */
  async pry(_: Sql, { name }: Asked, env: Env): Promise<unknown> {
    const stub = env.PG.get(env.PG.idFromName(name)) as { options(env: unknown): Promise<unknown> };
    return stub.options({});
  },
};

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/redis") return serveRedis(request, env);
    if (pathname === "/smtp") return serveSmtp(request, env);
    const asked = (await request.json()) as Asked;
    const { name: object, peril } = asked;
    const connector = { gate: gated, hole: holed(object) };
    configured.set(object, peril === undefined ? asked.options : { ...asked.options, connect: connector[peril] });
    if (pathname === "/driver") {
      try {
        return Response.json({ value: await serveDriver(env.PG, asked as unknown as DriverAsked) });
      } catch (error) {
        return Response.json({ error: described(error) });
      }
    }
    const key = `${asked.name} ${asked.runTimeout ?? ""} ${asked.shards ?? ""}`;
    let sql = clients.get(key);
    if (sql === undefined) {
      const { name, runTimeout, shards } = asked;
      sql = durablePostgres(env.PG, { name, runTimeout, shards });
      clients.set(key, sql);
    }
    try {
      return Response.json({ value: await acts[asked.act](sql, asked, env) });
    } catch (error) {
      return Response.json({ error: described(error) });
    }
  },
};

function described(error: unknown): Record<string, unknown> {
  const { name, message } = error as Error;
  const kind = [PostgresError, DurableError].find((type) => error instanceof type)?.name ?? "";
  return { name, message, landline: isLandlineError(error), kind, ...(error as object), stack: undefined };
}
