// Queries against a real server: results, parameters, errors, pipelining on one connection, the ways of logging in.

import type {} from "@landline/services/provided";
import { afterAll, describe, expect, inject, test } from "vitest";
import { postgres, PostgresError, type Sql } from "../src/index.ts";

const { postgres: server } = inject("services");
const sql = postgres(server.url);
afterAll(() => sql.end());

function asUser(role: keyof typeof server.users, extra: object = {}): Sql {
  const { username, password } = server.users[role];
  const { hostname: host, port, database } = server;
  return postgres({ host, port, database, user: username, password, ...extra });
}

describe("logging in", () => {
  test.each(["scram", "md5", "password", "trust"] as const)("by %s over verified TLS", async (role) => {
    await using client = asUser(role);
    const [row] = await client<{ who: string; ssl: boolean }>`
      select current_user as who, (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as ssl`;
    expect(row).toEqual({ who: server.users[role].username, ssl: true });
  });

  test("a wrong password is the server's error, with its SQLSTATE", async () => {
    await using client = asUser("scram", { password: "not the password" });
    const error = await client`select 1`.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PostgresError);
    expect(error).toMatchObject({ code: "28P01", severity: "FATAL", outcome: "refused" });
    expect(String(error)).not.toContain("not the password");
  });

  test("a password goes in clear text only over TLS, unless that is said", async () => {
    await using plain = asUser("password", { tls: "off" });
    await expect(plain`select 1`).rejects.toMatchObject({ code: "AUTH_REFUSED", outcome: "unsent" });
    await using allowed = asUser("password", { tls: "off", allowPasswordInTheClear: true });
    expect(await allowed`select 1 as one`).toEqual([{ one: 1 }]);
  });

  test("only by the methods that are allowed", async () => {
    await using client = asUser("trust", { auth: ["scram-sha-256"] });
    await expect(client`select 1`).rejects.toMatchObject({ code: "AUTH_REFUSED" });
  });

  test.each(["Grüße 🚲", "I\u00adX", "\u2168", "a\u00a0b", "\u0007 bell", "\u06271", "100% 'o\"x\\/?#@:"])(
    "with the password %j, as an option and in a URL",
    async (password) => {
      const { hostname, port, database } = server;
      const user = `unicode_${crypto.randomUUID().slice(0, 8)}`;
      await using admin = postgres({ url: server.adminUrl, max: 1 });
      await admin.unsafe(`create role ${user} login password '${password.replaceAll("'", "''")}'`);
      try {
        const url = `postgres://${user}:${encodeURIComponent(password)}@${hostname}:${port}/${database}`;
        // What SASLprep makes the same is the same password.
        const prepared = { "I\u00adX": "IX", "\u2168": "IX", "a\u00a0b": "a b" }[password] ?? password;
        for (const options of [{ url }, { url, password }, { url, password: prepared }]) {
          await using client = postgres({ ...options, auth: ["scram-sha-256"] });
          expect(await client`select current_user as who`).toEqual([{ who: user }]);
        }
      } finally {
        await admin.unsafe(`drop role ${user}`);
      }
    },
  );

  test("an unknown database", async () => {
    await using client = asUser("scram", { database: "no such database" });
    await expect(client`select 1`).rejects.toMatchObject({ code: "3D000", outcome: "refused" });
  });

  test("a certificate for another name ends it, and nothing goes on in the clear", async () => {
    for (const mode of ["starttls", "prefer"] as const) {
      // Runtimes that cannot be told another name say so instead.
      await using client = asUser("trust", { tls: { mode, servername: "other.example" } });
      await expect(client`select 1`).rejects.toMatchObject({
        code: expect.stringMatching(/^TLS_(?:CERTIFICATE|UNSUPPORTED_OPTION)$/),
        outcome: "unsent",
      });
    }
  });
});

describe("queries", () => {
  test("parameters and rows", async () => {
    const rows = await sql<{
      sum: number;
      name: string;
    }>`select ${1}::int4 + ${2}::int4 as sum, ${"Zoë"}::text as name`;
    expect(rows).toEqual([{ sum: 3, name: "Zoë" }]);
    expect(rows).toMatchObject({ command: "SELECT", count: 1 });
    expect(rows.columns.map((column) => column.name)).toEqual(["sum", "name"]);
  });

  test("the same again and again, prepared or not, is the same", async () => {
    await using one = await sql.reserve();
    for (let round = 0; round < 3; round++) {
      expect(await one`select ${41}::int4 + 1 as n, ${true} as yes`).toEqual([{ n: 42, yes: true }]);
    }
    const [prepared] = await one<{
      n: string;
    }>`select count(*) as n from pg_prepared_statements where statement like '%as yes'`;
    expect(prepared).toEqual({ n: "1" });
  });

  test("an error has every field, and its neighbours on the connection do not notice", async () => {
    await using one = await sql.reserve();
    await one`create temp table t (id int primary key)`;
    const [first, failed, rows, last] = await Promise.allSettled([
      one`insert into t values (1)`,
      one`insert into t values (1)`,
      one`select 10 / (3 - n) as x from generate_series(1, 5) as n`,
      one`select count(*) as n from t`,
    ]);
    expect(first).toMatchObject({ status: "fulfilled", value: { command: "INSERT", count: 1 } });
    expect(failed).toMatchObject({ status: "rejected" });
    const { reason } = failed as PromiseRejectedResult;
    expect(reason).toBeInstanceOf(PostgresError);
    expect(reason).toMatchObject({
      name: "PostgresError",
      severity: "ERROR",
      code: "23505",
      outcome: "refused",
      table: "t",
      constraint: "t_pkey",
      routine: expect.stringMatching(/./),
      file: expect.stringMatching(/\.c$/),
      line: expect.any(Number),
      query: "insert into t values (1)",
    });
    expect((reason as PostgresError).detail).toContain("(id)=(1)");
    expect(Object.keys(reason as object)).not.toContain("query");
    expect(rows).toMatchObject({ status: "rejected", reason: { code: "22012" } });
    expect(last).toMatchObject({ status: "fulfilled", value: [{ n: "1" }] });
  });

  test("a hundred at once on one connection come back in their order", async () => {
    await using one = await sql.reserve();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => one<{ n: number }>`select ${n}::int4 as n`),
    );
    expect(answers.map(([row]) => row?.n)).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  test("more at once than connections", async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => sql<{ n: number }>`select ${n}::int4 as n`));
    expect(answers.map(([row]) => row?.n)).toEqual(Array.from({ length: 40 }, (_, n) => n));
  });

  test("empty queries", async () => {
    expect(await sql``).toMatchObject({ length: 0, command: "", count: 0 });
    expect(await sql`-- nothing`).toMatchObject({ length: 0 });
    expect(await sql.unsafe(";")).toMatchObject({ length: 0 });
  });

  test("several statements by the simple protocol", async () => {
    const results = await sql.unsafe("select 1 as a; select 'x' as b, null as c; create temp table u ()");
    expect(results).toEqual([[{ a: 1 }], [{ b: "x", c: null }], []]);
    await expect(sql`select 1; select 2`).rejects.toMatchObject({ code: "42601" });
    expect(await sql`select 1 as a; select 2 as a`.simple()).toEqual([[{ a: 1 }], [{ a: 2 }]]);
  });

  test("several statements, of which one fails or is a COPY: none of them is kept, and the connection goes on", async () => {
    await using one = await sql.reserve();
    await one`create temp table m (n int primary key)`;
    await expect(one.unsafe("insert into m values (1); insert into m values (1); select 1")).rejects.toMatchObject({
      code: "23505",
    });
    await expect(one.unsafe("insert into m values (2); copy m from stdin; select 1")).rejects.toMatchObject({
      code: "57014",
    });
    await expect(one.unsafe("insert into m values (3); copy m to stdout; select 1")).rejects.toMatchObject({
      code: "COPY_UNSUPPORTED",
    });
    expect(await one`select n from m order by n`.values()).toEqual([[3]]);
  });

  test("what each command is called and counts", async () => {
    await using one = await sql.reserve();
    for (const [text, command, count] of [
      ["create temp table k as select n from generate_series(1, 3) as n", "SELECT", 3],
      ["insert into k values (4), (5)", "INSERT", 2],
      ["update k set n = n + 1 where n > 1", "UPDATE", 4],
      ["delete from k where n = 6", "DELETE", 1],
      [
        "merge into k using (values (1), (9)) as v(n) on k.n = v.n when not matched then insert values (v.n)",
        "MERGE",
        1,
      ],
      ["select * from k", "SELECT", 5],
      ["values (1), (2)", "SELECT", 2],
      ["alter table k add x int", "ALTER TABLE", 0],
      ["set local work_mem = '1MB'", "SET", 0],
      ["drop table k", "DROP TABLE", 0],
    ] as const) {
      const { command: called, count: counted } = await one.unsafe(text);
      expect([text, called, counted]).toEqual([text, command, count]);
    }
  });

  test("rows as arrays, also with one name twice", async () => {
    expect(await sql`select 1 as a, 2 as a`.values()).toEqual([[1, 2]]);
    expect(await sql`select 1 as a, 2 as a`).toEqual([{ a: 2 }]);
  });

  test("a column named __proto__ is a property like any other", async () => {
    const [row] = await sql`select '{"isAdmin": true}'::json as "__proto__"`;
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
    expect(Object.hasOwn(row as object, "__proto__")).toBe(true);
    expect((row as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  test("a query runs once, when it is awaited, and is part of another until then", async () => {
    await using one = await sql.reserve();
    await one`create temp sequence s`;
    const next = one<{ n: string }>`select nextval('s') as n`;
    expect(await next).toBe(await next);
    const [row] = await one<{ n: string }>`select last_value as n from s`;
    expect(row).toEqual({ n: "1" });
    const condition = one`n > ${2}`;
    expect(await one`select n from generate_series(1, ${4}::int) as n where ${condition}`).toEqual([
      { n: 3 },
      { n: 4 },
    ]);
  });

  test("helpers: identifiers, insert, update, in", async () => {
    await using one = await sql.reserve();
    await one`create temp table people (id int, "full name" text)`;
    await one`insert into people ${one([
      { id: 1, "full name": "Ada" },
      { id: 2, "full name": "Max" },
    ])}`;
    await one`insert into people ${one({ id: 3, "full name": "Eve", extra: 1 }, "id", "full name")}`;
    await one`update people set ${one({ "full name": 'Bob"; --' })} where id in ${one([2, 9])}`;
    expect(
      await one`select ${one(["id", "full name"])} from ${one("people")} where id in ${one([2, 3])} order by id`,
    ).toEqual([
      { id: 2, "full name": 'Bob"; --' },
      { id: 3, "full name": "Eve" },
    ]);
    expect(await one`select id from people where id in ${one([])}`).toEqual([]);
    // In the other forms that are usual.
    await one`insert into people ${one({ id: 4, "full name": "Kim", extra: 1 }, ["id", "full name"])}`;
    await one`update people set ${one({ id: 5, "full name": "no" }, ["id"])} where id = 4`;
    expect(
      await one`select ${one("id", "full name")} from people where id in ${one([{ id: 5 }, { id: 9 }], "id")}`,
    ).toEqual([{ id: 5, "full name": "Kim" }]);
    const updates = one([
      [1, "Ann"],
      [2, "Ben"],
    ]);
    await one`update people set "full name" = u.name from (values ${updates}) as u (id, name) where people.id = u.id::int`;
    expect(await one`select "full name" from people where id < 3 order by id`.values()).toEqual([["Ann"], ["Ben"]]);
    await expect(one`select 1 where 1 in ${one([{ id: 1 }], "id", "name")}`).rejects.toThrow(TypeError);
  });

  test("COPY without a stream is refused and leaves the connection in order", async () => {
    await using one = await sql.reserve();
    await one`create temp table c (n int)`;
    await expect(one`copy c from stdin`).rejects.toMatchObject({ code: "57014" });
    await expect(one`copy (select 1) to stdout`).rejects.toMatchObject({ code: "COPY_UNSUPPORTED" });
    await expect(one.unsafe("copy c from stdin")).rejects.toMatchObject({ code: "57014" });
    expect(await one`select 1 as one`).toEqual([{ one: 1 }]);
  });

  test("bad input is a TypeError before anything is sent", async () => {
    await expect(sql`select ${undefined}`).rejects.toThrow(TypeError);
    await expect(sql`select ${"a\0b"}`).rejects.toThrow(TypeError);
    await expect(sql.unsafe("select 1\0")).rejects.toThrow(TypeError);
    await expect(sql.unsafe("select $1", [Symbol("x")])).rejects.toThrow(TypeError);
    await expect(
      sql.unsafe(
        "select 1",
        Array.from({ length: 65_536 }, () => 1),
      ),
    ).rejects.toThrow(/at most 65535/);
  });

  test("65,535 parameters", async () => {
    const values = Array.from({ length: 65_535 }, (_, index) => index);
    const list = values.map((index) => `$${index + 1}`).join();
    expect(await sql.unsafe(`select cardinality(array[${list}]::text[]) as n, $65535 as last`, values)).toEqual([
      { n: 65_535, last: "65534" },
    ]);
  });

  test("a statement survives changes of its table and the loss of its preparation", async () => {
    await using one = await sql.reserve();
    await one`create temp table w (a int)`;
    await one`insert into w values (1)`;
    expect(await one`select * from w`).toEqual([{ a: 1 }]);
    expect(await one`select * from w`).toEqual([{ a: 1 }]);
    await one`alter table w alter column a type text using 'x' || a`;
    expect(await one`select * from w`).toEqual([{ a: "x1" }]);
    await one`deallocate all`;
    expect(await one`select * from w`).toEqual([{ a: "x1" }]);
  });

  test("pooling by transaction prepares nothing", async () => {
    await using client = postgres({ url: server.url, pooling: "transaction", max: 1 });
    for (let round = 0; round < 3; round++) expect(await client`select ${round}::int4 as n`).toEqual([{ n: round }]);
    expect(await client`select count(*) as n from pg_prepared_statements`).toEqual([{ n: "0" }]);
  });

  test("a large value comes and goes whole", async () => {
    const bytes = new Uint8Array(3_000_000).map((_, index) => index * 7);
    const [row] = await sql<{ same: Uint8Array; md5: string }>`select ${bytes}::bytea as same, md5(${bytes}::bytea)`;
    expect(row?.same.length).toBe(bytes.length);
    expect(row?.same.every((byte, index) => byte === bytes[index])).toBe(true);
  });

  test("a failure that nobody waits for disturbs nobody", async () => {
    sql`select nonsense`.execute();
    sql`select ${undefined}`.execute();
    sql`select pg_sleep(3600)`.execute().cancel();
    const [row] = await sql<{ one: number }>`select 1 as one`;
    expect(row).toEqual({ one: 1 });
  });

  test("rows of every length, over many chunks", async () => {
    await using one = await sql.reserve();
    const rows = await one<{ n: number; t: string }>`select n, repeat('x', n) as t from generate_series(1, 2000) as n`;
    expect(rows.every(({ n, t }, index) => n === index + 1 && t.length === n)).toBe(true);
    expect(rows).toHaveLength(2000);
  });

  test("the client ends, and says so afterwards", async () => {
    const client = postgres(server.url);
    expect(await client`select 1 as one`).toEqual([{ one: 1 }]);
    await client.end();
    await client.end();
    await expect(client`select 1`).rejects.toMatchObject({ code: "POOL_CLOSED", outcome: "unsent" });
  });
});
