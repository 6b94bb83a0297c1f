// What programs do with node-postgres, case by case: each runs on any module of its shape and returns what it saw, so that
// two modules can be compared, and one with what was seen before.

import type { Client, ClientConfig, Cursor, Pg } from "../../src/pg/index.ts";

/** A module of `pg`'s shape, and the cursor that goes with it. */
export interface Subject {
  readonly pg: Pg;
  readonly Cursor: typeof Cursor;
}

/** A case's tools. */
export interface Bench extends Subject {
  readonly config: ClientConfig;
  /** A Client that is connected, and ended after the case. */
  client(config?: ClientConfig): Promise<Client>;
}

/** Returns what it saw, as data. */
export type Case = (bench: Bench) => Promise<unknown>;

interface Emits {
  once(event: string, listener: (...args: never[]) => void): unknown;
}

/** What an event comes with, once it comes. */
export function heard(emitter: object, event: string): Promise<unknown[]> {
  return new Promise((resolve) => {
    (emitter as Emits).once(event, (...args: unknown[]) => resolve(args));
  });
}

/** An error as its users look at it. */
export function told(error: unknown): unknown {
  if (!(error instanceof Error)) return { thrown: String(error) };
  const fields = Object.fromEntries(Object.entries(error).filter(([name]) => !["client", "line"].includes(name)));
  return { name: error.name, message: error.message, fields };
}

/** What a promise comes to. */
export async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => told(error),
  );
}

/** A result without what is in it for itself. */
function seen(result: unknown): unknown {
  if (Array.isArray(result)) return result.map(seen);
  const { command, rowCount, oid, fields, rows } = result as Record<string, unknown>;
  const columns = (fields as Record<string, unknown>[]).map(({ tableID, ...field }) => ({
    ...field,
    ofTable: tableID !== 0,
  }));
  return { command, rowCount, oid, fields: columns, rows };
}

export const TYPES: readonly string[] = [
  "true",
  "null::bool",
  "1::int2",
  "'-2147483648'::int4",
  "9223372036854775807::int8",
  "'-5'::int8",
  "4294967295::oid",
  "1.5::float4",
  "'NaN'::float8",
  "'-Infinity'::float8",
  "0.1::float8",
  "123456789012345678901234567890.123::numeric",
  "'text'::text",
  "'äö€😀'::text",
  "'x'::char(3)",
  "'v'::varchar",
  String.raw`'\x00ff10'::bytea`,
  `'{"a":[1,null]}'::json`,
  `'[1,"b"]'::jsonb`,
  "'null'::jsonb",
  "'2020-02-29'::date",
  "'infinity'::date",
  "'0044-03-15 BC'::date",
  "'0033-04-03'::date",
  "'2020-02-29 12:34:56.789123'::timestamp",
  "'-infinity'::timestamp",
  "'2020-02-29 12:34:56.789+05:30'::timestamptz",
  "'1890-01-01 00:00:00+00'::timestamptz",
  "'0044-03-15 10:00:00+00 BC'::timestamptz",
  "'12:34:56.7'::time",
  "'12:34:56+02'::timetz",
  "'1 year 2 mons -3 days 04:05:06.789012'::interval",
  "'-00:00:00.5'::interval",
  "'0'::interval",
  "'1 mon -1 sec'::interval",
  "point(1.5,-2)",
  "circle(point(1,2),3.5)",
  "box(point(0,0),point(1,1))",
  "'192.168.0.1/24'::inet",
  "'10.0.0.0/8'::cidr",
  "'08:00:2b:01:02:03'::macaddr",
  "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid",
  "'12.34'::money",
  "B'101'::bit(3)",
  "'[1,5)'::int4range",
  "array[true,null,false]",
  "array[1,null,3]::int2[]",
  "array[[1,2],[3,4]]",
  "'[0:1]={7,8}'::int4[]",
  "array[9007199254740993,null]::int8[]",
  "array[1.5,null]::float8[]",
  "array[1.10,2]::numeric[]",
  String.raw`array['a','b,c','d"e','f\g','',null,'NULL',' sp ']`,
  "array[]::text[]",
  `array['{"a":1}',null]::json[]`,
  `array['{"a":"},{"}']::jsonb[]`,
  String.raw`array['\x01ff'::bytea,null]`,
  "array['2020-01-01'::date,null]",
  "array['2020-01-01 10:00:00+00'::timestamptz]",
  "array['2020-01-01 10:00:00'::timestamp]",
  "array['1 day'::interval,null]",
  "array[point(1,2),null]",
  "array['192.168.0.1'::inet]",
  "array['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid]",
  "array['12:00'::time]",
  "row(1,'a')",
  "'{}'::int4[]",
];

/** Of which node-postgres reads the binary form as it is: it has trouble with negative integers and many others. */
const BINARY: readonly string[] = [
  "true",
  "1::int2",
  "5::int4",
  "4294967296::int8",
  "12345.678::numeric",
  "100::numeric",
  "'äb'::text",
  "array[[1,2],[3,4]]",
  "array['a','b']::text[]",
];

const VALUES: readonly (readonly [value: unknown, type: string])[] = [
  [null, "text"],
  [undefined, "text"],
  ["text", "text"],
  ["", "text"],
  [1, "text"],
  [1.5, "float8"],
  [-0, "text"],
  [Number.NaN, "text"],
  [12345678901234567890n, "numeric"],
  [true, "bool"],
  [false, "text"],
  [new Date(Date.UTC(2020, 1, 29, 12, 34, 56, 789)), "timestamptz"],
  [new Date(Date.UTC(2020, 1, 29, 12, 34, 56, 789)), "text"],
  [new Date(Date.UTC(-43, 2, 15, 10)), "text"],
  [Buffer.from([0, 255, 16]), "bytea"],
  [new Uint8Array([1, 2]), "bytea"],
  [new DataView(new Uint8Array([9, 8, 7]).buffer, 1), "bytea"],
  [{ a: 1, b: [null, "x"] }, "jsonb"],
  [{ toPostgres: () => "from toPostgres" }, "text"],
  [{ toPostgres: () => ({ toPostgres: (prepare: (value: unknown) => unknown) => prepare([1, 2]) }) }, "text"],
  [{ toJSON: () => "json" }, "text"],
  [[1, 2, null], "int4[]"],
  [[], "text[]"],
  [["a", 'q"uote', String.raw`back\slash`, "", null, undefined, "NULL"], "text[]"],
  [
    [
      [1, 2],
      [3, 4],
    ],
    "int4[]",
  ],
  [[{ a: 1 }], "text[]"],
  [[true, false], "bool[]"],
  [[Buffer.from([1, 255])], "bytea[]"],
  [[new Date(0)], "text[]"],
];

/** By name. */
export const cases: Readonly<Record<string, Case>> = {
  "types, as text": async ({ client }) => {
    const connected = await client();
    return Promise.all(TYPES.map(async (type) => [type, (await connected.query(`select ${type} as v`)).rows]));
  },
  "types, in arrays of columns": async ({ client }) => {
    const text = `select ${TYPES.map((type, index) => `${type} as c${index}`).join()}`;
    return seen(await (await client()).query({ text, rowMode: "array" }));
  },
  "types, in binary": async ({ client }) => {
    const connected = await client({ binary: true });
    return Promise.all(
      BINARY.map(async (type) => {
        const { rows, fields } = await connected.query({ text: `select ${type} as v`, queryMode: "extended" });
        return [type, rows, { ...fields[0] }];
      }),
    );
  },
  "bytes of a type without a binary parser": async ({ client }) => {
    const { rows } = await (await client()).query({ text: "select $1::uuid as v", values: [UUID], binary: true });
    return (rows[0].v as string).length;
  },
  values: async ({ client }) => {
    const connected = await client();
    return Promise.all(
      VALUES.map(async ([value, type]) => [type, await outcome(connected.query(`select $1::${type} as v`, [value]))]),
    ).then((all) => JSON.parse(JSON.stringify(all)) as unknown[]);
  },
  "a value that refers to itself": async ({ client }) => {
    const value = { toPostgres: () => value };
    const connected = await client();
    const first = await outcome(connected.query("select $1::text", [value]));
    return [first, (await connected.query("select 1 as a")).rows];
  },
  "dates as UTC": async ({ pg, client }) => {
    pg.defaults.parseInputDatesAsUTC = true;
    try {
      return (await (await client()).query("select $1::text as v", [new Date(5)])).rows;
    } finally {
      pg.defaults.parseInputDatesAsUTC = false;
    }
  },
  "results of commands": async ({ client }) => {
    const connected = await client();
    const results: unknown[] = [];
    for (const text of [
      "create temp table t (id serial primary key, name varchar(20), n numeric(10,2))",
      "insert into t (name) values ('a'), ('b') returning *",
      "insert into t (name) values ('c')",
      "update t set n = 1.5 where name <> 'a'",
      "select * from t where false",
      "select id, name as x, n + 1 as y from t order by id",
      "delete from t where id = 1",
      "begin",
      "commit",
      "set local work_mem = '1MB'",
      "",
      "  ",
      "-- only a comment",
      "select",
      "truncate t",
    ]) {
      results.push([text, seen(await connected.query(text))]);
    }
    return results;
  },
  "columns of one name, and of strange names": async ({ client }) => {
    const connected = await client();
    const text = `select 1 as a, 2 as a, 3 as "__proto__", 5 as "constructor", 6 as "10", 7 as "2"`;
    const [objects, arrays] = [await connected.query(text), await connected.query({ text, rowMode: "array" })];
    return [Object.entries(objects.rows[0] as object), arrays.rows, Object.getPrototypeOf(objects.rows[0]) !== null];
  },
  "several statements": async ({ client }) => {
    const connected = await client();
    return [
      seen(await connected.query("select 1 as a; select 'x' as b, 2 as c; begin; rollback")),
      await outcome(connected.query("select 1; select 1/0; select 2")),
      seen(await connected.query("select 1;")),
      seen(await connected.query("create temp table m (a int); insert into m values (1),(2); select * from m")),
    ];
  },
  "callbacks in all their places": async ({ client, pg }) => {
    const connected = await client();
    const called = (run: (callback: (error: unknown, result: unknown) => void) => unknown): Promise<unknown> =>
      new Promise((resolve) => {
        const returned: unknown = run((error, result) =>
          resolve([error === null, result === undefined ? undefined : seen(result), returned === undefined]),
        );
      });
    return [
      await called((callback) => connected.query("select 1 as a", callback)),
      await called((callback) => connected.query("select $1 as a", ["x"], callback)),
      await called((callback) => connected.query({ text: "select 2 as a" }, callback)),
      await called((callback) =>
        connected.query({ text: "select $1::int as a", values: [3] }, undefined as never, callback as never),
      ),
      await called((callback) => connected.query({ text: "select 4 as a", callback } as never)),
      await called((callback) => connected.query("nonsense", callback)),
      await called((callback) => void connected.query(new pg.Query("select 5 as a", callback))),
    ];
  },
  "named statements": async ({ client }) => {
    const connected = await client();
    const named = { name: "by name", text: "select $1::int as n" };
    const results = [
      (await connected.query({ ...named, values: [1] })).rows,
      (await connected.query({ ...named, values: [2] })).rows,
      (await connected.query({ name: "by name", values: [3] } as unknown as { text: string })).rows,
      await outcome(connected.query({ name: "by name", text: "select 2", values: [] })),
      await outcome(connected.query({ name: "broken", text: "select $1::nonsense", values: [1] })),
      (await connected.query({ name: "broken", text: "select 7 as n" })).rows,
    ];
    const prepared = await connected.query("select name, statement from pg_prepared_statements order by name");
    return [results, prepared.rows];
  },
  "errors, with their fields": async ({ client, pg }) => {
    const connected = await client();
    await connected.query("create temp table u (id int primary key, age int not null check (age > 0))");
    await connected.query("insert into u values (1, 1)");
    const errors: unknown[] = [];
    for (const text of [
      "select foo",
      "selec 1",
      "select 1/0",
      "insert into u values (1, 2)",
      "insert into u values (2, null)",
      "insert into u values (2, -1)",
      "do $$ begin raise exception 'own' using errcode = 'P0042', hint = 'a hint', detail = 'ä detail'; end $$",
      "select * from nowhere",
      "select 'x'::int",
    ]) {
      const error = await connected.query(text).catch((thrown: unknown) => thrown);
      const cleaned = told(error) as { fields: Record<string, unknown> };
      // The schema of temporary tables has a number of its own, and so a length.
      const schema = String(cleaned.fields.schema).replaceAll(/\d+/g, "N");
      errors.push([text, { ...cleaned, fields: { ...cleaned.fields, schema, length: typeof cleaned.fields.length } }]);
      errors.push(error instanceof pg.DatabaseError, error instanceof Error);
    }
    errors.push((await connected.query("select 1 as still")).rows);
    return errors;
  },
  "the length of an error": async ({ client }) => {
    const error = await (await client()).query("select 'ä'::int").catch((thrown: unknown) => thrown);
    return (error as { length: number }).length;
  },
  "what is no query": async ({ client }) => {
    const connected = await client();
    const thrown = (run: () => unknown): unknown => {
      try {
        run();
        return "nothing";
      } catch (error) {
        return told(error);
      }
    };
    return [
      thrown(() => connected.query(null as never)),
      thrown(() => connected.query(undefined as never)),
      thrown(() => connected.query("select 1", 5 as never, "x" as never)),
      await outcome(connected.query({} as never)),
      await outcome(connected.query({ text: 5 } as never)),
      await outcome(connected.query("select 1", { a: 1 } as never)),
      await outcome(connected.query("select $1::text, $2::text", ["one"])).then(
        (told) => (told as { fields: { code: string } }).fields.code,
      ),
      (await connected.query("select 1 as still")).rows,
    ];
  },
  "type parsers, of the process, of a client, of a query": async ({ client, pg }) => {
    const before = pg.types.getTypeParser(20);
    const connected = await client();
    const rows: unknown[] = [];
    const text = "select 5::int8 as v, 6::int4 as w";
    try {
      rows.push((await connected.query(text)).rows);
      pg.types.setTypeParser(20, (value: string) => `process ${value}`);
      rows.push((await connected.query(text)).rows);
      connected.setTypeParser(20, (value: string) => `client ${value}`);
      rows.push((await connected.query(text)).rows);
      rows.push((await connected.query({ text, types: { getTypeParser: () => () => "query" } })).rows);
      const other = await client({ types: { getTypeParser: (oid: number) => () => `config ${oid}` } });
      rows.push((await other.query(text)).rows, (await other.query(text)).rows);
      rows.push(connected.getTypeParser(20, "text")("x"), connected.getTypeParser(23, "text")("7"));
    } finally {
      pg.types.setTypeParser(20, before);
    }
    rows.push((await (await client()).query(text)).rows);
    return rows;
  },
  "a type parser that throws": async ({ client }) => {
    const connected = await client();
    const types = {
      getTypeParser: () => () => {
        throw new Error("cannot read this");
      },
    };
    return [
      await outcome(connected.query({ text: "select 1 as a", types })),
      await outcome(connected.query({ text: "select generate_series(1, 3) as a", types, values: [] })),
      (await connected.query("select 1 as still")).rows,
    ];
  },
  parseInt8: async ({ pg, client }) => {
    const connected = await client();
    const rows: unknown[] = [];
    for (const numbers of [true, false]) {
      pg.defaults.parseInt8 = numbers;
      rows.push((await connected.query("select count(*), array[1::int8] as a from generate_series(1, 3)")).rows);
    }
    return rows;
  },
  "types, as a module": async ({ pg }) => {
    const { types } = pg;
    const overrides = new pg.TypeOverrides();
    overrides.setTypeParser(1, () => "mine");
    overrides.setTypeParser(2, "binary", () => "bytes");
    return [
      Object.fromEntries(Object.entries(types.builtins)),
      types.getTypeParser(99_999, "text")("as it is"),
      types.arrayParser.create("{1,NULL,{a,b}}").parse(),
      types.arrayParser.create("{1,2}", Number).parse(),
      overrides.getTypeParser(1)("x"),
      overrides.getTypeParser(2, "binary")(Buffer.from("x")),
      overrides.getTypeParser(23)("8"),
    ];
  },
  "an interval, its methods": async ({ client }) => {
    const connected = await client();
    const all: unknown[] = [];
    for (const text of ["1 year 2 mons 3 days 04:05:06.789", "-1 hours", "0.5 seconds", "0", "3 days"]) {
      const { rows } = await connected.query("select $1::interval as i", [text]);
      const { i } = rows[0] as { i: { toPostgres(): string; toISO(): string; toISOString(): string } };
      const again = await connected.query("select $1::interval as i", [i]);
      all.push([i.toPostgres(), i.toISO(), i.toISOString(), { ...(again.rows[0] as { i: object }).i }]);
    }
    return all;
  },
  "Query objects and their events": async ({ client, pg }) => {
    const connected = await client();
    const events: unknown[] = [];
    const query = new pg.Query("select n from generate_series(1, 3) n");
    query.on("row", (row: unknown, result: { rows: unknown[] }) => events.push(["row", row, result.rows.length]));
    query.on("end", (result: unknown) => events.push(["end", seen(result)]));
    events.push(connected.query(query) === query);
    await heard(query, "end");
    const failing = connected.query(new pg.Query("select nothing"));
    const [error] = (await heard(failing, "error")) as [unknown];
    events.push(told(error));
    const listing = connected.query(new pg.Query({ text: "select $1::int as a", rowMode: "array" }, [4]));
    await heard(listing, "end").then(([result]) => events.push(seen(result)));
    return events;
  },
  "rows a few at a time": async ({ client }) => {
    const connected = await client();
    const text = "select n from generate_series(1, 7) n";
    return [
      seen(await connected.query({ text, rows: 3 })),
      seen(await connected.query({ text: "select n from generate_series(1, $1) n", values: [4], rows: 2 })),
      (await connected.query("select 1 as still")).rows,
    ];
  },
  notices: async ({ client }) => {
    const connected = await client();
    const notices: unknown[] = [];
    connected.on("notice", (notice: Record<string, unknown>) => {
      const { message, name, severity, code, hint, detail, routine } = notice;
      notices.push({ message, name, severity, code, hint, detail, routine, length: typeof notice.length });
    });
    await connected.query(
      "do $$ begin raise notice 'hello %', 1 using hint = 'a hint'; raise warning 'careful'; end $$",
    );
    return notices;
  },
  notifications: async ({ client }) => {
    const [listening, speaking] = [await client(), await client()];
    await listening.query("listen news");
    const notified = heard(listening, "notification");
    await speaking.query("select pg_notify('news', 'päyload')");
    const [{ channel, payload, processId }] = (await notified) as [Record<string, unknown>];
    return [channel, payload, processId === speaking.processID];
  },
  "drain, once the queue is empty": async ({ client }) => {
    const connected = await client();
    const events: string[] = [];
    connected.on("drain", () => events.push("drain"));
    const done = [1, 2].map((n) => connected.query(`select ${n}`).then(() => events.push(`query ${n}`)));
    await Promise.all(done);
    return events;
  },
  "the order of events of a life": async ({ pg, config }) => {
    const events: unknown[] = [];
    const client = new pg.Client(config);
    client.on("connect", () => events.push("connect"));
    client.on("end", () => events.push("end"));
    const early = client.query("select 1 as early");
    await new Promise<void>((resolve) => {
      client.connect((error: unknown, same: unknown) => {
        events.push(["callback", error, same === client]);
        resolve();
      });
    });
    events.push((await early).rows, typeof client.processID);
    await client.end();
    await new Promise((resolve) => setTimeout(resolve));
    events.push(await outcome(client.query("select 1")));
    events.push(await outcome(client.end()));
    return events;
  },
  "connecting twice": async ({ client }) => {
    const connected = await client();
    return outcome(connected.connect());
  },
  "an end without a beginning": async ({ pg, config }) => {
    const client = new pg.Client(config);
    return [await outcome(client.end()), await outcome(client.query("select 1"))];
  },
  "a login that is refused": async ({ pg, config }) => {
    const client = new pg.Client({ ...config, database: "nowhere" });
    const error = await client.connect().catch((thrown: unknown) => thrown);
    return [told(error), error instanceof pg.DatabaseError];
  },
  "nobody there": async ({ pg, config }) => {
    const client = new pg.Client({ ...config, port: 1 });
    const error = (await client.connect().catch((thrown: unknown) => thrown)) as { code: string };
    return error.code;
  },
  "a connection that is ended by the server": async ({ client }) => {
    const [victim, killer] = [await client(), await client()];
    const events: unknown[] = [];
    victim.on("error", (error: Error) => events.push(["error", error.message]));
    const ended = heard(victim, "end");
    await killer.query("select pg_terminate_backend($1)", [victim.processID]);
    await ended;
    events.push(await outcome(victim.query("select 1")));
    return events;
  },
  "a query that loses its connection": async ({ client }) => {
    const [victim, killer] = [await client(), await client()];
    const events: unknown[] = [];
    victim.on("error", (error: Error) => events.push(["error", error.message]));
    const ended = heard(victim, "end");
    const running = outcome(victim.query("select pg_sleep(60)"));
    const queued = outcome(victim.query("select 1"));
    await killer.query("select pg_terminate_backend($1)", [victim.processID]);
    await ended;
    return [events, await running, await queued];
  },
  "an end in the middle of a query": async ({ pg, config }) => {
    const client = new pg.Client(config);
    await client.connect();
    const running = outcome(client.query("select pg_sleep(60)"));
    const queued = outcome(client.query("select 1"));
    await client.end();
    return [await running, await queued];
  },
  "a query that takes too long": async ({ client }) => {
    const connected = await client({ query_timeout: 50 });
    return [
      await outcome(connected.query("select pg_sleep(0.2)")),
      await outcome(connected.query({ text: "select 1 as a", query_timeout: 5000 } as never)),
    ].map((each) => (each as { message?: string }).message ?? "done");
  },
  "settings of the session": async ({ client }) => {
    const connected = await client({
      application_name: "my app",
      statement_timeout: 12_345,
      lock_timeout: 2_000,
      idle_in_transaction_session_timeout: 3_000,
      options: "-c work_mem=5MB",
    });
    const shown: unknown[] = [];
    for (const name of [
      "application_name",
      "statement_timeout",
      "lock_timeout",
      "idle_in_transaction_session_timeout",
      "work_mem",
    ]) {
      shown.push((await connected.query(`show ${name}`)).rows);
    }
    const plain = await client({ fallback_application_name: "fallback" });
    shown.push((await plain.query("show application_name")).rows);
    return shown;
  },
  "a statement that the server times out": async ({ client }) =>
    outcome((await client({ statement_timeout: 20 })).query("select pg_sleep(5)")),
  "the state of the transaction": async ({ client }) => {
    const connected = await client();
    const states: unknown[] = [connected.getTransactionStatus()];
    for (const text of ["begin", "select 1/0", "rollback"]) {
      await connected.query(text).catch(() => {});
      states.push(connected.getTransactionStatus());
    }
    return states;
  },
  "COPY without a stream": async ({ client }) => {
    const connected = await client();
    await connected.query("create temp table c (a int)");
    return [
      await outcome(connected.query("copy c from stdin")),
      seen(await connected.query("copy (select 1) to stdout")),
      (await connected.query("select 1 as still")).rows,
    ];
  },
  escapes: async ({ pg, client }) => {
    const texts = ["plain", `q"uote`, "a'b", String.raw`back\slash`, String.raw`both'\"`, ""];
    const connected = await client();
    return texts.map((text) => [
      pg.escapeIdentifier(text),
      pg.escapeLiteral(text),
      connected.escapeIdentifier(text),
      connected.escapeLiteral(text),
      pg.escapeLiteral(5 as never),
    ]);
  },
  "a client's parts": async ({ pg }) => {
    const strings = [
      "postgres://user:p%40ss@host:1234/db",
      "postgresql://user@host",
      "postgres://host/db?application_name=a%20b&statement_timeout=5",
      "postgres://user:pw@[::1]:99/my%20db",
      "postgres://u:p@h/d?host=other&port=7",
      "postgres:///db",
      "postgres://u:p@/db",
      "postgres://u:p@h/d?ssl=true",
      "postgres://u:p@h/d?ssl=0",
      "postgres://u:p@h/d?sslmode=disable",
      "postgres://u:p@h/d?sslmode=no-verify",
    ];
    return strings.map((connectionString) => {
      const { user, host, port, database, password, ssl, connectionParameters } = new pg.Client(connectionString);
      return [connectionString, user, host, port, database, password, ssl, connectionParameters.application_name];
    });
  },
  "what wins: the string, the config, the environment": async ({ pg }) => {
    const parts = (config?: string | ClientConfig): unknown => {
      const { user, host, port, database, password } = new pg.Client(config);
      return { user, host, port, database, password };
    };
    const before = { ...process.env };
    try {
      for (const name of ["PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGPASSWORD"]) delete process.env[name];
      process.env.USER = "me";
      const bare = parts({ user: "me" });
      Object.assign(process.env, { PGHOST: "h", PGPORT: "77", PGUSER: "u", PGDATABASE: "d", PGPASSWORD: "p" });
      return [
        bare,
        parts(),
        parts({ host: "mine", port: 5 }),
        parts({ host: "mine", connectionString: "postgres://a:b@c:6/d" }),
        parts("postgres://a@c"),
      ];
    } finally {
      process.env = before;
    }
  },
  "a password that is not shown": async ({ pg }) => {
    const client = new pg.Client({ password: "secret" });
    const pool = new pg.Pool({ password: "secret" });
    return [
      Object.keys(client).includes("password"),
      client.password,
      Object.keys(pool.options).includes("password"),
      pool.options.password,
    ];
  },
  "a password that is asked for": async ({ pg, config }) => {
    const logIn = async (password: unknown): Promise<unknown> => {
      const client = new pg.Client({ ...config, password: password as string });
      try {
        await client.connect();
        return (await client.query("select 1 as a")).rows;
      } catch (error) {
        return (error as Error).message;
      } finally {
        await client.end();
      }
    };
    return [
      await logIn(() => config.password),
      await logIn(() => Promise.resolve(config.password)),
      await logIn(() => Promise.reject(new Error("no password today"))),
      await logIn(() => 5),
    ];
  },
  "a pipeline": async ({ client, Cursor }) => {
    const connected = await client({ pipeline: true });
    const results = await Promise.all([
      connected.query("select 1 as a"),
      connected.query("select $1::int as a", [2]),
      outcome(connected.query("select 1/0")),
      connected.query({ name: "n", text: "select $1::int as a", values: [3] }),
      connected.query({ name: "n", text: "select $1::int as a", values: [4] }),
    ]);
    return [
      results.map((result) => (result as { rows?: unknown }).rows ?? (result as { message: string }).message),
      await outcome(connected.query({ text: "select 1", rows: 1 })),
      await outcome(connected.query(new Cursor("select 1")).read(1)),
      connected.pipeline,
    ];
  },
  "a cancellation": async ({ pg, client, config }) => {
    const connected = await client();
    const query = new pg.Query("select pg_sleep(60)");
    const failed = heard(query, "error");
    connected.query(query);
    const queued = new pg.Query("select 1");
    const other = new pg.Client(config) as Client & { activeQuery?: unknown };
    // A server that has not begun with it has nothing to cancel.
    const watcher = await client();
    const active = "select state from pg_stat_activity where pid = $1 and state = 'active' and query like '%pg_sleep%'";
    while ((await watcher.query(active, [connected.processID])).rows.length === 0);
    other.cancel(connected, queued as never);
    other.cancel(connected, query as never);
    const [error] = (await failed) as [{ code: string }];
    return [error.code, (await connected.query("select 1 as still")).rows];
  },
};

const UUID = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
