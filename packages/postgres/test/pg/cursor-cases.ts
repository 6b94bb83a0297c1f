// What programs do with pg-cursor.

import { heard, outcome, type Case } from "./cases.ts";

const SERIES = "select n from generate_series(1, $1) n";

/** By name. */
export const cursorCases: Readonly<Record<string, Case>> = {
  "reads until there is nothing": async ({ client, Cursor }) => {
    const connected = await client();
    const cursor = connected.query(new Cursor(SERIES, [7]));
    const batches: unknown[] = [];
    for (const count of [3, 3, 3, 3]) batches.push(await cursor.read(count));
    await cursor.close();
    return [batches, (await connected.query("select 1 as still")).rows];
  },
  "reads exactly all, and more than all": async ({ client, Cursor }) => {
    const connected = await client();
    const exactly = connected.query(new Cursor(SERIES, [4]));
    const first = [await exactly.read(4), await exactly.read(4), await exactly.read(4)];
    const more = connected.query(new Cursor(SERIES, [2]));
    return [first, await more.read(100), await more.read(1)];
  },
  "reads with a callback": async ({ client, Cursor }) => {
    const connected = await client();
    const cursor = connected.query(new Cursor("select 1 as a, 'x' as b"));
    return new Promise((resolve) => {
      cursor.read(5, (error: unknown, rows: unknown[], result: { rows: unknown; fields: unknown; command: unknown }) =>
        resolve([error, rows, result.rows, result.fields, result.command]),
      );
    });
  },
  "rows as arrays, and by own parsers": async ({ client, Cursor }) => {
    const connected = await client();
    const arrays = connected.query(new Cursor("select 1, 'a'", null, { rowMode: "array" }));
    const read = await arrays.read(1);
    await arrays.close();
    const own = connected.query(new Cursor("select 1 as n", [], { types: { getTypeParser: () => () => "parsed" } }));
    return [read, await own.read(1)];
  },
  events: async ({ client, Cursor }) => {
    const connected = await client();
    const cursor = connected.query(new Cursor(SERIES, [3]));
    const events: unknown[] = [];
    cursor.on("row", (row: unknown) => events.push(row));
    const ended = heard(cursor, "end");
    await cursor.read(10);
    const [result] = (await ended) as [{ command: unknown; rowCount: unknown }];
    events.push(result.command, result.rowCount);
    return events;
  },
  "an error in the text": async ({ client, Cursor }) => {
    const connected = await client();
    const cursor = connected.query(new Cursor("select nonsense"));
    const first = await outcome(cursor.read(1));
    return [first, await outcome(cursor.read(1)), (await connected.query("select 1 as still")).rows];
  },
  "an error in the middle": async ({ client, Cursor }) => {
    const connected = await client();
    const cursor = connected.query(new Cursor("select 10 / (3 - n) as q from generate_series(1, 5) n"));
    const reads = [await outcome(cursor.read(1)), await outcome(cursor.read(1)), await outcome(cursor.read(1))];
    return [reads, await outcome(cursor.close()), (await connected.query("select 1 as still")).rows];
  },
  "an error that is listened to": async ({ client, Cursor }) => {
    const connected = await client();
    const cursor = connected.query(new Cursor("select nonsense"));
    const [error] = (await heard(cursor, "error")) as [Error];
    return error.message;
  },
  "closed before it is read": async ({ client, Cursor }) => {
    const connected = await client();
    const cursor = connected.query(new Cursor(SERIES, [3]));
    await cursor.close();
    return [await cursor.read(1), (await connected.query("select 1 as still")).rows];
  },
  "closed twice, and at the end": async ({ client, Cursor }) => {
    const connected = await client();
    const cursor = connected.query(new Cursor(SERIES, [3]));
    await cursor.read(1);
    await cursor.close();
    await cursor.close();
    const other = connected.query(new Cursor(SERIES, [1]));
    await other.read(5);
    await other.close();
    return (await connected.query("select 1 as still")).rows;
  },
  "closed with a callback": async ({ client, Cursor }) => {
    const connected = await client();
    const cursor = connected.query(new Cursor(SERIES, [3]));
    await cursor.read(2);
    await new Promise<void>((resolve) => cursor.close(() => resolve()));
    return (await connected.query("select 1 as still")).rows;
  },
  "what writes, and what returns nothing": async ({ client, Cursor }) => {
    const connected = await client();
    const create = connected.query(new Cursor("create temp table cur (a int)"));
    const created = await create.read(1);
    const insert = connected.query(new Cursor("insert into cur values (1), (2) returning a"));
    const inserted = [await insert.read(1), await insert.read(1), await insert.read(1)];
    const update = connected.query(new Cursor("update cur set a = a + 1"));
    const updated = await update.read(10);
    return [created, inserted, updated, (await connected.query("select * from cur order by a")).rows];
  },
  "a query behind it waits": async ({ client, Cursor }) => {
    const connected = await client();
    const cursor = connected.query(new Cursor(SERIES, [2]));
    const order: unknown[] = [];
    const behind = connected.query("select 'behind' as b").then(({ rows }) => order.push(rows));
    order.push(await cursor.read(1), await cursor.read(1), await cursor.read(1));
    await behind;
    return order;
  },
  "two in a transaction": async ({ client, Cursor }) => {
    const connected = await client();
    await connected.query("begin");
    const cursor = connected.query(new Cursor(SERIES, [10]));
    const rows = await cursor.read(2);
    await cursor.close();
    const other = connected.query(new Cursor(SERIES, [1]));
    const last = await other.read(2);
    await other.close();
    await connected.query("rollback");
    return [rows, last, connected.getTransactionStatus()];
  },
  "a connection that is lost": async ({ client, Cursor }) => {
    const [victim, killer] = [await client(), await client()];
    victim.on("error", () => {});
    const cursor = victim.query(new Cursor(SERIES, [100]));
    await cursor.read(1);
    const ended = heard(victim, "end");
    await killer.query("select pg_terminate_backend($1)", [victim.processID]);
    await ended;
    return outcome(cursor.read(1));
  },
};
