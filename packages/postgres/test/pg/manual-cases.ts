// What node-postgres' manual and changelog say, sentence by sentence, and what happens at the edges of it.

import type { Client, ClientConfig, Pool } from "../../src/pg/index.ts";
import { heard, outcome, told, type Bench, type Case } from "./cases.ts";

/** What a call throws, or that it does not. */
function thrown(run: () => unknown): unknown {
  try {
    run();
    return "nothing";
  } catch (error) {
    return told(error);
  }
}

/** What a callback is given; the first that is called. */
function called(run: (callback: (...args: unknown[]) => void) => unknown): Promise<unknown[]> {
  return new Promise((resolve) => {
    run((...args: unknown[]) => resolve(args));
  });
}

/** Errors and results as data. */
function plain(value: unknown): unknown {
  if (value instanceof Error) return told(value);
  if (value === null || typeof value !== "object") return value;
  return "rows" in value ? (value as { rows: unknown }).rows : value.constructor.name;
}

/** Every event of an emitter, in the order in which they come. */
function record(emitter: object, names: readonly string[]): unknown[] {
  const seen: unknown[] = [];
  for (const name of names) {
    (emitter as { on(name: string, listener: (...args: unknown[]) => void): unknown }).on(name, (...args) =>
      seen.push([name, ...args.map((arg) => (arg instanceof Error ? arg.message : typeof arg))]),
    );
  }
  return seen;
}

const CLIENT_EVENTS = ["connect", "drain", "end", "error", "notice", "notification"];
const POOL_EVENTS = ["connect", "acquire", "release", "remove", "error"];

async function withPool(
  bench: Bench,
  more: object,
  work: (pool: Pool, events: unknown[]) => Promise<unknown>,
): Promise<unknown> {
  const pool = new bench.pg.Pool({ ...bench.config, ...more });
  const events = record(pool, POOL_EVENTS);
  const result = await work(pool, events);
  if (!pool.ending) await pool.end();
  // When a connection is told to be gone is a matter of sockets.
  return [result, events.filter((event) => (event as unknown[])[0] !== "remove")];
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export const manualCases: Readonly<Record<string, Case>> = {
  "connect with a callback, and again": async ({ pg, config }) => {
    const client = new pg.Client(config);
    const first = await called((callback) => client.connect(callback as never));
    const again = await called((callback) => client.connect(callback as never));
    await client.end();
    return [first.map((arg) => (arg === client ? "the client" : plain(arg))), again.map(plain)];
  },
  "connecting after the end": async ({ pg, config }) => {
    const client = new pg.Client(config);
    await client.connect();
    await client.end();
    return [await outcome(client.connect()), await outcome(client.query("select 1")), await outcome(client.end())];
  },
  "queries that are made before the connection": async ({ pg, config }) => {
    const client = new pg.Client(config);
    const early = [client.query("select 1 as a"), client.query("select $1::int as a", [2])];
    await client.connect();
    const rows = (await Promise.all(early)).map(plain);
    await client.end();
    return rows;
  },
  "queries that are made before a connection that fails": async ({ pg, config }) => {
    const client = new pg.Client({ ...config, database: "nowhere" });
    const events = record(client, CLIENT_EVENTS);
    const early = outcome(client.query("select 1 as a"));
    const failed = outcome(client.connect());
    return [await failed, await early, await outcome(client.end()), new Set(events)];
  },
  "queries before a connection to nobody": async ({ pg, config }) => {
    const client = new pg.Client({ ...config, port: 1 });
    const code = (error: { code?: string }): unknown => error.code;
    const early = client.query("select 1 as a").catch(code);
    return [await client.connect().catch(code), await early, await outcome(client.end())];
  },
  "what a connection to nobody tells": async ({ pg, config }) => {
    const client = new pg.Client({ ...config, host: "127.0.0.1", port: 1 });
    const error = (await client.connect().catch((error: unknown) => error)) as Record<string, unknown>;
    const { code, errno, syscall, address, port } = error;
    return { code, errno, syscall, address, port };
  },
  "an end twice, as promises and callbacks": async ({ pg, config }) => {
    const client = new pg.Client(config);
    const events = record(client, CLIENT_EVENTS);
    await client.connect();
    const ended = await Promise.all([client.end(), called((callback) => client.end(callback))]);
    await turn();
    return [ended.flat().map(plain), events];
  },
  "queries before an end are answered, those behind it not": async ({ pg, config }) => {
    const client = new pg.Client(config);
    await client.connect();
    const rows = (await client.query("select 1 as a")).rows;
    const ended = client.end();
    return [
      rows,
      await outcome(client.query("select 2 as a")),
      await called((done) => client.query("select 3", done as never)).then((args) => args.map(plain)),
      await ended,
    ];
  },
  "an end that waits for nothing": async ({ pg, config }) => {
    const client = new pg.Client(config);
    const events = record(client, CLIENT_EVENTS);
    await client.connect();
    await client.query("select 1");
    await client.end();
    await turn();
    return events;
  },
  "the socket is destroyed under an idle client": async ({ client }) => {
    const victim = await client();
    const events = record(victim, CLIENT_EVENTS);
    const ended = heard(victim, "end");
    victim.connection.stream.destroy();
    await ended;
    return [events, await outcome(victim.query("select 1"))];
  },
  "the socket is destroyed under a query": async ({ client }) => {
    const victim = await client();
    const events = record(victim, CLIENT_EVENTS);
    const ended = heard(victim, "end");
    const running = outcome(victim.query("select pg_sleep(60)"));
    const queued = outcome(victim.query("select 1"));
    await turn();
    victim.connection.stream.destroy();
    await ended;
    return [events, await running, await queued];
  },
  "the socket reports an error": async ({ client }) => {
    const victim = await client();
    const events = record(victim, CLIENT_EVENTS);
    const running = outcome(victim.query("select pg_sleep(60)"));
    victim.connection.stream.emit("error", new Error("from the socket"));
    return [await running, await outcome(victim.query("select 1")), events.slice(0, 1)];
  },
  "a server that closes an idle transaction": async ({ client }) => {
    const connected = await client({ idle_in_transaction_session_timeout: 20 });
    const events = record(connected, CLIENT_EVENTS);
    await connected.query("begin");
    await heard(connected, "end");
    return events;
  },
  "a lock that is waited for too long": async ({ client }) => {
    const [holder, waiter] = [await client(), await client({ lock_timeout: 20 })];
    await holder.query("select pg_advisory_lock(pg_backend_pid())");
    return outcome(waiter.query("select pg_advisory_lock($1)", [holder.processID]));
  },
  "a timeout of the reader: named, text, and what follows": async ({ client }) => {
    const connected = await client();
    const message = (each: unknown): unknown => (each as { message?: string }).message ?? "done";
    return [
      message(await outcome(connected.query({ text: "select pg_sleep(0.2)", query_timeout: 10 }))),
      message(
        await outcome(connected.query({ name: "s", text: "select pg_sleep($1)", values: [0.1], query_timeout: 10 })),
      ),
      (await connected.query("select 1 as a")).rows,
      message(
        await called((done) =>
          connected.query({ text: "select pg_sleep(0.1)", query_timeout: 10 }, done as never),
        ).then(([error]) => error),
      ),
      (await connected.query({ text: "select 2 as a", query_timeout: 0 })).rows,
    ];
  },
  "passwords that are none": async ({ pg, config }) => {
    const logIn = async (password: unknown): Promise<unknown> => {
      const client = new pg.Client({ ...config, password: password as string });
      const told = await outcome(client.connect());
      await client.end();
      return (told as { message?: string }).message ?? "in";
    };
    return [await logIn(() => null), await logIn(() => ({ a: 1 }))];
  },
  "a function for a password throws": async ({ pg, config }) => {
    const client = new pg.Client({
      ...config,
      password: () => {
        throw new Error("not now");
      },
    });
    return outcome(client.connect());
  },
  "what waits, and what does not": async ({ client }) => {
    const connected = await client();
    const names = (queries: unknown): unknown => (queries as { text?: string }[]).map(({ text }) => text);
    const running = connected.query("select 1 as a");
    const waiting = [connected.query("select 2 as b"), connected.query("select 3 as c")];
    const { activeQuery, queryQueue } = connected as unknown as { activeQuery: { text: string }; queryQueue: unknown };
    const seen = [activeQuery.text, names(queryQueue)];
    await Promise.all([running, ...waiting]);
    const after = connected as unknown as { activeQuery: unknown; queryQueue: unknown };
    return [seen, after.activeQuery, names(after.queryQueue)];
  },
  "a login that is bound to the TLS connection": async ({ client }) =>
    (await (await client({ enableChannelBinding: true })).query("select 1 as a")).rows,
  "what other libraries take out of it": ({ pg }) =>
    Promise.resolve([
      pg.utils.prepareValue([1, null, 'q"', new Uint8Array([1]), { a: 1 }, true]),
      pg.utils.prepareValue({ a: [1] }),
      pg.utils.escapeIdentifier('a"b'),
      pg.utils.escapeLiteral("it's"),
      new pg.TypeOverrides().getOverrides("text"),
    ]),
  "texts that do nothing": async ({ client }) => {
    const connected = await client();
    const results: unknown[] = [];
    for (const text of ["", ";", "-- a comment", "  ", "/* */;"]) {
      const { command, rowCount, rows, fields } = (await connected.query(text)) as unknown as Record<string, unknown>;
      results.push([text, command, rowCount, rows, fields]);
    }
    for (const text of ["", ";", "-- a comment"]) {
      const { command, rowCount, rows } = await connected.query({ text, queryMode: "extended" });
      results.push([text, command, rowCount, rows]);
    }
    return results;
  },
  "an error in the middle of several statements": async ({ client }) => {
    const connected = await client();
    return [
      await outcome(connected.query("select 1 as a; select 1/0; select 3 as c")),
      (await connected.query("select 4 as d")).rows,
      ((await connected.query("begin; select 1 as a; commit")) as unknown as { command: string }[]).map(
        ({ command }) => command,
      ),
    ];
  },
  "a result's own parts": async ({ client }) => {
    const result = await (await client()).query("select 1 as a, 'x'::text as b");
    const { rows, fields, rowCount, command, oid } = result;
    return [
      JSON.parse(JSON.stringify({ rows, rowCount, command, oid })),
      fields.map(({ name, dataTypeID, dataTypeSize, dataTypeModifier, format, columnID, tableID }) => [
        name,
        dataTypeID,
        dataTypeSize,
        dataTypeModifier,
        format,
        columnID,
        tableID,
      ]),
      Object.keys(result).toSorted((a, b) => a.localeCompare(b)),
      result.constructor.name,
    ];
  },
  "a Result by hand": async ({ pg }) => {
    const result = new pg.Result(undefined, pg.types);
    const field = { tableID: 0, columnID: 0, dataTypeSize: 4, dataTypeModifier: -1, format: "text" };
    result.addFields([
      { ...field, name: "a", dataTypeID: 23 },
      { ...field, name: "b", dataTypeID: 25 },
    ] as never);
    result.addRow(result.parseRow(["5", null] as never));
    result.addCommandComplete({ text: "INSERT 17 3" });
    const arrays = new pg.Result("array", pg.types);
    arrays.addFields([{ ...field, name: "a", dataTypeID: 16 }] as never);
    return [result.rows, result.command, result.oid, result.rowCount, arrays.parseRow(["t"] as never), arrays.rows];
  },
  "a Query by hand": async ({ client, pg }) => {
    const connected = await client();
    const callback = await called((done) =>
      connected.query(new pg.Query("select $1::text as v", ["x"], done as never)),
    );
    const config = await called((done) =>
      connected.query(new pg.Query({ text: "select 1 as a", rowMode: "array" }, done as never)),
    );
    const query = new pg.Query("select n from generate_series(1, 3) n");
    const events = record(query, ["row", "end", "error"]);
    const returned = connected.query(query);
    await heard(query, "end");
    const failing = new pg.Query("select n / (2 - n) from generate_series(1, 3) n");
    const failed = record(failing, ["row", "end", "error"]);
    connected.query(failing);
    await heard(failing, "error");
    return [callback.map(plain), config.map(plain), events, returned === query, failed, pg.Client.Query === pg.Query];
  },
  "a callback in the config": async ({ client }) => {
    const connected = await client();
    const config = await called((callback) =>
      connected.query({ text: "select $1::int as a", values: [1], callback } as never),
    );
    const failing = await called((callback) => connected.query({ text: "select nonsense", callback } as never));
    return [config.map(plain), failing.map(plain)];
  },
  "a config that is used more than once": async ({ client }) => {
    const connected = await client();
    const config = { text: "select $1::int as a", values: Object.freeze([7]) };
    const rows = [await connected.query(config), await connected.query(config), await connected.query(config, [8])];
    return rows.map(plain);
  },
  "something that submits itself": async ({ client }) => {
    const connected = await client();
    const seen: unknown[] = [];
    await new Promise<void>((resolve) => {
      connected.query({
        submit: (connection: { query(text: string): void }) =>
          connection.query("select 1 as a, null as b; select 'two' as c"),
        handleRowDescription: (message: { fields: { name: string }[] }) =>
          seen.push(message.fields.map(({ name }) => name)),
        handleDataRow: (message: { fields: unknown[] }) => seen.push(message.fields),
        handleCommandComplete: (message: { text: string }) => seen.push(message.text),
        handleError: (error: Error) => seen.push(error.message),
        handleReadyForQuery: () => resolve(),
      } as never);
    });
    await new Promise<void>((resolve) => {
      connected.query({
        submit: (connection: { query(text: string): void }) => connection.query("select nonsense"),
        handleError: (error: Error) => {
          seen.push(error.message);
          resolve();
        },
        handleReadyForQuery: () => seen.push("ready"),
      } as never);
    });
    const refused = { submit: () => new Error("not me"), handleError: (error: Error) => seen.push(error.message) };
    connected.query(refused as never);
    seen.push((await connected.query("select 1 as still")).rows);
    return seen;
  },
  "a session in messages: describe, flush, close": async ({ client }) => {
    const connected = await client();
    const { connection } = connected;
    const seen: unknown[] = [];
    await new Promise<void>((resolve) => {
      connected.query({
        submit: () => {
          connection.parse({ name: "st", text: "select $1::int4 as a", types: [] });
          connection.describe({ type: "S", name: "st" });
          connection.bind({ portal: "po", statement: "st", values: ["5"] });
          connection.describe({ type: "P", name: "po" });
          connection.flush();
          connection.execute({ portal: "po", rows: 0 });
          connection.close({ type: "P", name: "po" });
          connection.close({ type: "S", name: "st" });
          connection.sync();
        },
        handleRowDescription: ({ fields }: { fields: { name: string; dataTypeID: number; dataTypeSize: number }[] }) =>
          seen.push(fields.map(({ name, dataTypeID, dataTypeSize }) => [name, dataTypeID, dataTypeSize])),
        handleDataRow: ({ fields }: { fields: unknown[] }) => seen.push(fields),
        handleCommandComplete: ({ text }: { text: string }) => seen.push(text),
        handleError: (error: Error) => seen.push(error.message),
        handleReadyForQuery: () => resolve(),
      } as never);
    });
    return [seen, (await connected.query("select count(*)::int as n from pg_prepared_statements")).rows];
  },
  "notices and notifications": async ({ client }) => {
    const [connected, other] = [await client(), await client()];
    const notices: unknown[] = [];
    connected.on("notice", (notice: Record<string, unknown>) => {
      const { name, severity, message, code, detail, hint, length } = notice;
      notices.push({ name, severity, message, code, detail, hint, length: typeof length });
    });
    await connected.query(
      "do $$ begin raise warning 'careful' using detail = 'd', hint = 'h'; raise info 'told'; end $$",
    );
    await connected.query("drop table if exists nowhere_at_all");
    const channel = `ch_${connected.processID}`;
    await connected.query(`listen ${channel}`);
    const first = heard(connected, "notification");
    await other.query(`notify ${channel}`);
    const [empty] = (await first) as [Record<string, unknown>];
    const second = heard(connected, "notification");
    await other.query("select pg_notify($1, $2)", [channel, "päyload"]);
    const [full] = (await second) as [Record<string, unknown>];
    const parts = ({ name, payload, processId, channel: on, length }: Record<string, unknown>): unknown => [
      name,
      payload,
      processId === other.processID,
      on === channel,
      typeof length,
    ];
    return [notices, parts(empty), parts(full)];
  },
  "types: builtins, binary, arrays": async ({ pg, client }) => {
    const { types } = pg;
    const connected = await client();
    const overrides = new pg.TypeOverrides(undefined);
    overrides.setTypeParser(23, (text: string) => `<${text}>`);
    return [
      Object.entries(types.builtins).toSorted(([a], [b]) => a.localeCompare(b)),
      types.getTypeParser(16)("t"),
      types.getTypeParser(1700)("1.10"),
      types.getTypeParser(99_999)("as it is"),
      types.arrayParser.create("{1,NULL,{2,3}}", (text: string) => Number(text)).parse(),
      overrides.getTypeParser(23)("5"),
      overrides.getTypeParser(20)("5"),
      connected.getTypeParser(1082, "text") === types.getTypeParser(1082, "text"),
      (thrown(() => types.setTypeParser(23, undefined as never)) as { name: string }).name,
    ];
  },
  "types of a client and of a pool": async ({ client, pg, config }) => {
    const own = { getTypeParser: (oid: number, format: string) => (value: string) => `${oid} ${format} ${value}` };
    const connected = await client({ types: own as never });
    const pool = new pg.Pool({ ...config, types: own as never });
    const rows = [await connected.query("select 1 as a, 'x' as b"), await pool.query("select true as c")];
    rows.push(await connected.query({ text: "select 1 as a", types: pg.types }));
    await pool.end();
    return rows.map(plain);
  },
  "wide, long, and in all languages": async ({ client }) => {
    const connected = await client();
    const wide = await connected.query(`select ${Array.from({ length: 400 }, (_, i) => `${i} as c${i}`).join()}`);
    const text = "ä€😀\u0000".replace("\0", "").repeat(100_000);
    const long = await connected.query("select $1::text as v, length($1::text) as n", [text]);
    const many = await connected.query({
      text: "select n, n::text from generate_series(1, 20000) n",
      rowMode: "array",
    });
    const strange = await connected
      .query(`select 1 as "ä ö", 2 as "", 3 as "__proto__", 4 as "constructor"`)
      .catch(told);
    return [
      Object.keys(wide.rows[0]).length,
      wide.rows[0].c399,
      long.rows[0].v === text,
      long.rows[0].n,
      many.rows.length,
      many.rows.at(-1),
      plain(strange),
    ];
  },
  "the names of settings": async ({ pg, client }) => {
    const connected = await client({ application_name: "app", fallback_application_name: "other" });
    const encoding = await client({ client_encoding: "utf-8" });
    const { connectionParameters } = new pg.Client({
      host: "h",
      port: 7,
      user: "u",
      database: "d",
      options: "-c a=b",
    } as ClientConfig);
    const { host, port, user, database, options, binary, replication, isDomainSocket } =
      connectionParameters as unknown as Record<string, unknown>;
    return [
      (await connected.query("show application_name")).rows,
      (await encoding.query("show client_encoding")).rows,
      {
        host,
        port,
        user,
        database,
        options,
        binary,
        replication: replication ?? undefined,
        isDomainSocket: isDomainSocket ?? false,
      },
      [connected.host === connected.connectionParameters.host, connected.port === connected.connectionParameters.port],
      typeof connected.processID,
    ];
  },
  "a certificate that nobody vouches for": async ({ pg, config }) => {
    const tell = async (more: object): Promise<unknown> => {
      const { ssl: _, ...rest } = config;
      const client = new pg.Client({ ...rest, ...more });
      const error = (await client.connect().then(
        () => client.end().then(() => ({ code: "connected" })),
        (error: unknown) => error,
      )) as { code: string };
      return error.code;
    };
    return [
      await tell({ ssl: { ca: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" } }).then(
        (code) => typeof code,
      ),
      await tell({ ssl: { rejectUnauthorized: false } }),
      await tell({ ssl: { ca: (config.ssl as { ca: string }).ca } }),
    ];
  },

  "pool: ended twice": async (bench) => {
    const pool = new bench.pg.Pool(bench.config);
    const first = pool.end();
    return [
      await outcome(pool.end()),
      (await called((done) => pool.end(done))).map(plain),
      await first,
      await outcome(pool.connect()),
      (await called((done) => pool.connect(done as never))).map(plain),
      await outcome(pool.query("select 1")),
      (await called((done) => pool.query("select 1", done as never))).map(plain),
      [pool.ending, pool.ended],
    ];
  },
  "pool: connect with a callback": (bench) =>
    withPool(bench, {}, async (pool, events) => {
      const seen = await new Promise<unknown>((resolve) => {
        pool.connect((error, client, done) => {
          void client?.query("select 1 as a", ((failed: unknown, { rows }: { rows: unknown }) => {
            done();
            resolve([error, failed, rows, typeof client.release, client.release === done]);
          }) as never);
        });
      });
      return [seen, [...events]];
    }),
  "pool: done with an error": (bench) =>
    withPool(bench, { max: 1 }, async (pool) => {
      const first = await pool.connect();
      const { processID } = first;
      first.release(new Error("broken"));
      const second = await pool.connect();
      const other = second.processID !== processID;
      second.release();
      return [other, pool.totalCount];
    }),
  "pool: released twice, also with an error": (bench) =>
    withPool(bench, {}, async (pool) => {
      const client = await pool.connect();
      client.release();
      return [
        thrown(() => client.release()),
        thrown(() => client.release(new Error("x"))),
        thrown(() => client.release(true)),
      ];
    }),
  "pool: a client that is ended while it is out": (bench) =>
    withPool(bench, {}, async (pool) => {
      const client = await pool.connect();
      await client.end();
      client.release();
      return [(await pool.query("select 1 as a")).rows, pool.totalCount];
    }),
  "pool: a query that fails keeps its client, a lost one does not": (bench) =>
    withPool(bench, { max: 1 }, async (pool) => {
      const pid = async (): Promise<unknown> => (await pool.query("select pg_backend_pid() as pid")).rows[0].pid;
      const first = await pid();
      await pool.query("select nonsense").catch(() => {});
      const second = await pid();
      const lost = await outcome(pool.query("select pg_terminate_backend(pg_backend_pid())"));
      return [
        typeof first,
        first === second,
        (lost as { fields: { code: string } }).fields.code,
        (await pid()) !== second,
      ];
    }),
  "pool: queries wait in order": (bench) =>
    withPool(bench, { max: 1 }, async (pool) => {
      const order: unknown[] = [];
      await Promise.all(
        [3, 1, 2].map(async (n) => {
          await pool.query("select pg_sleep($1)", [n / 100]);
          order.push(n);
        }),
      );
      return order;
    }),
  "pool: a waiter that gives up leaves room for others": (bench) =>
    withPool(bench, { max: 1, connectionTimeoutMillis: 500 }, async (pool) => {
      const client = await pool.connect();
      const late = await Promise.all([outcome(pool.connect()), outcome(pool.query("select 1"))]);
      const counts = [pool.totalCount, pool.idleCount, pool.waitingCount];
      client.release();
      return [late, counts, (await pool.query("select 1 as a")).rows];
    }),
  "pool: its events for a query": (bench) =>
    withPool(bench, { max: 1 }, async (pool, events) => {
      await pool.query("select 1");
      await pool.query("select nonsense").catch(() => {});
      return [...events];
    }),
  "pool: an error of an idle client": (bench) =>
    withPool(bench, { max: 2 }, async (pool) => {
      const [one, two] = [await pool.connect(), await pool.connect()];
      const { processID } = two;
      two.release();
      const failed = heard(pool, "error");
      await one.query("select pg_terminate_backend($1)", [processID]);
      const [error, client] = (await failed) as [Error & { client?: unknown }, unknown];
      one.release();
      return [error.message, client === two, error.client === two];
    }),
  "pool: verify says no, and then yes": (bench) => {
    let asked = 0;
    const verify = (_client: Client, done: (error?: Error) => void): void =>
      done(asked++ === 0 ? new Error("not this one") : undefined);
    return withPool(bench, { verify }, async (pool) => [
      await outcome(pool.connect()),
      (await pool.query("select 1 as a")).rows,
      asked,
    ]);
  },
  "pool: onConnect that waits, and one that refuses": async (bench) => {
    const waits = await withPool(
      bench,
      { onConnect: async (client: Client) => void (await client.query("set application_name = 'hooked'")) },
      async (pool) => (await pool.query("show application_name")).rows,
    );
    const refuses = await withPool(bench, { onConnect: () => Promise.reject(new Error("no")) }, async (pool) => [
      await outcome(pool.query("select 1")),
      pool.totalCount,
    ]);
    return [waits, refuses];
  },
  "pool: what it keeps, and how long": (bench) =>
    withPool(bench, { min: 1, max: 3, idleTimeoutMillis: 20, maxUses: 2 }, async (pool) => {
      const clients = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
      for (const client of clients) client.release();
      while (pool.totalCount > 1) await turn();
      const kept = pool.totalCount;
      const again = await pool.connect();
      const same = clients.includes(again);
      again.release();
      return [kept, same, pool.totalCount];
    }),
  "pool: something that submits itself": (bench) =>
    withPool(bench, {}, async (pool) => {
      const client = await pool.connect();
      const cursor = client.query(new bench.Cursor("select n from generate_series(1, 3) n"));
      const rows = [await cursor.read(2), await cursor.read(2), await cursor.read(2)];
      client.release();
      return rows;
    }),
  "pool: async iteration of transactions": (bench) =>
    withPool(bench, { max: 2 }, async (pool) => {
      await pool.query("create table if not exists manual_cases (n int)");
      const client = await pool.connect();
      await client.query("begin");
      await client.query("insert into manual_cases values (1)");
      const outside = (await pool.query("select count(*)::int as n from manual_cases")).rows;
      await client.query("rollback");
      client.release();
      await pool.query("drop table manual_cases");
      return outside;
    }),
};
