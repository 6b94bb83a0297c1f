// What a user tries first, over verified TLS and SCRAM, on every runtime: those without vitest run this file as it is.

import type {} from "@landline/services/provided";
import { expect, inject, test } from "vitest";
import { isUniqueViolation, postgres, PostgresError, type Sql } from "../src/index.ts";
import { byName, Range, ranges } from "../src/types.ts";

const { postgres: server } = inject("services");

/** One connection, so that it can have a temporary table. */
function single(): Sql {
  return postgres({ url: server.url, max: 1, auth: ["scram-sha-256"] });
}

test("queries and parameters, cold and warm", async () => {
  await using sql = single();
  const at = new Date("2024-02-29T12:34:56.789Z");
  for (let round = 0; round < 3; round++) {
    expect(
      await sql`
        select ${1}::int4 as n, ${"Zoë 🚲"}::text as t, ${true} as yes, ${null}::text as nothing, ${at}::timestamptz as at,
          ${[1, null, 3]}::int4[] as list, ${{ a: [1, "x"] }}::jsonb as json, ${new Uint8Array([0, 92, 255])}::bytea as bytes,
          9223372036854775807 as big, 1.10 as money, '0044-03-15 BC'::date as ides`,
    ).toEqual([
      {
        n: 1,
        t: "Zoë 🚲",
        yes: true,
        nothing: null,
        at,
        list: [1, null, 3],
        json: { a: [1, "x"] },
        bytes: new Uint8Array([0, 92, 255]),
        big: "9223372036854775807",
        money: "1.10",
        ides: "0044-03-15 BC",
      },
    ]);
  }
  const [row] = await sql`select ssl from pg_stat_ssl where pid = pg_backend_pid()`;
  expect(row).toEqual({ ssl: true });
});

test.each(["scram", "md5", "password", "trust"] as const)("logging in by %s, eagerly and not", async (role) => {
  const { hostname: host, port, database, users } = server;
  const { username: user, password } = users[role];
  for (const eagerLogin of [true, false]) {
    await using sql = postgres({ host, port, database, user, password, eagerLogin, max: 1 });
    expect(await sql`select current_user as who`).toEqual([{ who: user }]);
  }
});

test("a pool with more callers than connections, and a value of many chunks", async () => {
  await using sql = postgres({ url: server.url, max: 3 });
  const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => sql<{ n: number }>`select ${n}::int4 as n`));
  expect(answers.map(([row]) => row?.n)).toEqual(Array.from({ length: 200 }, (_, n) => n));
  const bytes = Uint8Array.from({ length: 2_000_000 }, (_, index) => index % 251);
  const [row] = await sql<{ bytes: Uint8Array }>`select ${bytes}::bytea as bytes`;
  expect(row?.bytes.length).toBe(bytes.length);
  expect(row?.bytes.every((byte, index) => byte === index % 251)).toBe(true);
});

test("types by name and ranges", async () => {
  await using sql = postgres({ url: server.url, max: 1, types: { codecs: [ranges, byName("aclitem")] } });
  for (let round = 0; round < 2; round++)
    expect(await sql`select '[1,5)'::int4range as r, null::aclitem as a`).toEqual([{ r: new Range(1, 5), a: null }]);
});

test("transactions and savepoints", async () => {
  await using sql = single();
  await sql`create temp table accounts (id int primary key, amount int check (amount >= 0))`;
  await sql.begin(async (tx) => {
    await tx`insert into accounts ${tx([
      { id: 1, amount: 10 },
      { id: 2, amount: 0 },
    ])}`;
    await expect(tx.savepoint((inner) => inner`update accounts set amount = -1`)).rejects.toMatchObject({
      code: "23514",
    });
    await tx`update accounts set amount = amount + 1 where id = 2`;
  });
  const undone = new Error("undone");
  await expect(
    sql.begin(async (tx) => {
      await tx`delete from accounts`;
      throw undone;
    }),
  ).rejects.toBe(undone);
  expect(await sql`select id, amount from accounts order by id`.values()).toEqual([
    [1, 10],
    [2, 1],
  ]);
});

test("a cursor, to its end and not", async () => {
  await using sql = single();
  let sum = 0;
  for await (const rows of sql<{ n: number }>`select n from generate_series(1, 1000) as n`.cursor(64))
    for (const { n } of rows) sum += n;
  expect(sum).toBe(500_500);
  for await (const rows of sql`select n from generate_series(1, 1000) as n`.cursor(10)) {
    expect(rows).toHaveLength(10);
    break;
  }
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
});

test("COPY in and out", async () => {
  await using sql = postgres({ url: server.url, max: 1 });
  await sql`create temp table copied (n int, t text)`;
  const into = (await sql`copy copied from stdin (format csv)`.writable()).getWriter();
  for (let n = 0; n < 1000; n++) await into.write(`${n},"text, ${n}"\n`);
  await into.close();
  expect(await sql`select count(*)::int as n, max(t) as t from copied`).toEqual([{ n: 1000, t: "text, 999" }]);
  const out = await sql`copy copied to stdout (format csv)`.readable();
  expect((await new Response(out).text()).split("\n").slice(0, 2)).toEqual(['0,"text, 0"', '1,"text, 1"']);
  const bad = (await sql`copy copied from stdin (format csv)`.writable()).getWriter();
  await bad.write("not a number,x\n").catch(() => {});
  await expect(bad.close()).rejects.toMatchObject({ code: "22P02" });
  expect(await sql`select count(*)::int as n from copied`).toEqual([{ n: 1000 }]);
});

test("LISTEN and NOTIFY", async () => {
  await using sql = postgres(server.url);
  const channel = `smoke ${crypto.randomUUID().slice(0, 8)}`;
  await using events = sql.listen(channel);
  await events.ready();
  await sql.begin((tx) => tx.notify(channel, "hello"));
  expect((await events.next()).value).toMatchObject({ gap: false, channel, payload: "hello" });
});

test("a signal and a timeout cancel on the server, over TLS, and the connection goes on", async () => {
  await using sql = single();
  const [before] = await sql`select pg_backend_pid() as pid`;
  const stop = new AbortController();
  const reason = new Error("enough");
  const slow = sql`select pg_sleep(600)`.signal(stop.signal).execute();
  setTimeout(() => stop.abort(reason), 20);
  await expect(slow).rejects.toBe(reason);
  await expect(sql`select pg_sleep(600)`.timeout(20)).rejects.toMatchObject({ code: "TIMEOUT" });
  expect(await sql`select pg_backend_pid() as pid`).toEqual([before]);
});

test("errors: the server's, a duplicate, bad input, a wrong password, and nobody there", async () => {
  await using sql = single();
  const error = await sql`select 1 / ${0}::int`.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(PostgresError);
  expect(error).toMatchObject({ code: "22012", severity: "ERROR", outcome: "refused" });
  await sql`create temp table once (id int primary key)`;
  await sql`insert into once values (1)`;
  expect(isUniqueViolation(await sql`insert into once values (1)`.catch((caught: unknown) => caught))).toBe(true);
  await expect(sql`select ${undefined}`).rejects.toThrow(TypeError);
  await using wrong = postgres({ url: server.url, password: "not it" });
  await expect(wrong`select 1`).rejects.toMatchObject({ code: "28P01", outcome: "refused" });
  await using none = postgres({ host: "localhost", port: 1, user: "nobody" });
  await expect(none`select 1`).rejects.toMatchObject({ name: "ConnectError", outcome: "unsent" });
});

test("a backend that is terminated is replaced", async () => {
  await using sql = single();
  await using admin = postgres({ url: server.adminUrl, max: 1 });
  const [row] = await sql<{ pid: number }>`select pg_backend_pid() as pid`;
  const lost = sql`select pg_sleep(600)`.execute();
  await admin`select pg_terminate_backend(${row?.pid}::int, 5000)`;
  await expect(lost).rejects.toMatchObject({ outcome: expect.stringMatching(/unknown|unsent/) });
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
});
