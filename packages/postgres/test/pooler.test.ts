// Behind a real PgBouncer in transaction mode, with two backends for everybody: many callers, of whom none
// meets what another has left behind, and none misses what he has left himself.

import { connect } from "@landline/core";
import type {} from "@landline/services/provided";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { postgres, type PostgresOptions, type Sql } from "../src/index.ts";
import { byName } from "../src/types.ts";

const { url, adminUrl } = inject("pgbouncer");
const { postgres: server } = inject("services");
const name = `pooler_${crypto.randomUUID().replaceAll("-", "")}`;
const direct = postgres(server.url);

beforeAll(() => direct.unsafe(`create table ${name} (n int); create type ${name}_mood as enum ('sad')`));
afterAll(async () => {
  await direct.unsafe(`drop table ${name}; drop type ${name}_mood`);
  await direct.end();
});

function client(options: Partial<PostgresOptions> = {}): Sql {
  return postgres({ url, pooling: "transaction", max: 8, ...options });
}

test("many callers and many statements on two backends", async () => {
  await using sql = client();
  const pids = new Set<unknown>();
  for (let round = 0; round < 5; round++) {
    const rows = await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        const text = `select $1::int as n, ${n % 10} as m, pg_backend_pid() as pid`;
        const [row] = await sql.unsafe<{ n: number; m: number; pid: number }>(text, [n]);
        pids.add(row?.pid);
        return [row?.n, row?.m];
      }),
    );
    expect(rows).toEqual(Array.from({ length: 100 }, (_, n) => [n, n % 10]));
  }
  expect(pids.size).toBeLessThanOrEqual(2);
});

test("transactions keep their backend, with savepoints, and leave nothing behind", async () => {
  await using sql = client();
  const work = (n: number): Promise<unknown> =>
    sql.begin(async (tx) => {
      await tx.unsafe(`set local search_path = s${n}`, []);
      const [before] = await tx`select pg_backend_pid() as pid`;
      await tx.savepoint((inner) => inner`select 1 / 0`).catch(() => {});
      const [after] = await tx`select pg_backend_pid() as pid, current_setting('search_path') as path`;
      return { same: before?.["pid"] === after?.["pid"], path: after?.["path"] };
    });
  const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => work(n)));
  expect(outcomes).toEqual(Array.from({ length: 20 }, (_, n) => ({ same: true, path: `s${n}` })));
  const [row] = await sql`select current_setting('search_path') as path`;
  expect(row?.["path"]).toBe('"$user", public');
});

test("a query that fails leaves its neighbours alone", async () => {
  await using sql = client({ max: 1 });
  await using one = await sql.reserve();
  const outcomes = await Promise.allSettled([one`select 1 as n`, one`select 1 / ${0}::int`, one`select 2 as n`]);
  expect(outcomes).toMatchObject([{ value: [{ n: 1 }] }, { reason: { code: "22012" } }, { value: [{ n: 2 }] }]);
});

test("cursors, COPY, batches and types by name", async () => {
  await using sql = client({ types: { codecs: [byName(`${name}_mood`)] } });
  const writable = await sql.unsafe(`copy ${name} from stdin`).writable();
  const writer = writable.getWriter();
  await writer.write("1\n2\n3\n");
  await writer.close();
  const seen: unknown[] = [];
  for await (const rows of sql.unsafe(`select n from ${name} order by n`, []).cursor(2)) seen.push([...rows]);
  expect(seen).toEqual([[{ n: 1 }, { n: 2 }], [{ n: 3 }]]);
  expect(await new Response(await sql.unsafe(`copy ${name} to stdout`).readable()).text()).toBe("1\n2\n3\n");
  expect(await sql.batch([sql`select 1 as n`, sql`select 2 as n`])).toEqual([[{ n: 1 }], [{ n: 2 }]]);
  expect(await sql.unsafe(`select '{sad}'::${name}_mood[] as m`, [])).toEqual([{ m: ["sad"] }]);
});

test("a query is cancelled, and nobody else's", async () => {
  await using sql = client({ max: 4 });
  const others = Array.from({ length: 3 }, (_, n) => sql`select ${n}::int as n, pg_sleep(0.2)`.values());
  await expect(sql`select pg_sleep(60)`.timeout(50)).rejects.toMatchObject({ code: "TIMEOUT" });
  expect((await Promise.all(others)).map(([row]) => row?.[0])).toEqual([0, 1, 2]);
  expect(await sql`select 1 as n`).toEqual([{ n: 1 }]);
});

test.each([true, false])("logs in, eagerly: %s, over one connection", async (eagerLogin) => {
  let connections = 0;
  const counting: typeof connect = (...args) => {
    connections++;
    return connect(...args);
  };
  await using sql = client({ max: 1, eagerLogin, connect: counting });
  expect(await sql`select ${"x"} as x`).toEqual([{ x: "x" }]);
  expect(connections).toBe(1);
  await using wrong = client({ max: 1, eagerLogin, password: "wrong" });
  await expect(wrong`select 1`).rejects.toThrow(/password|SASL|authentication/i);
});

test("what a pooler cannot do is refused in so many words", async () => {
  await using sql = client();
  await expect(sql.listen("jobs").next()).rejects.toMatchObject({ code: "LISTEN_UNSUPPORTED" });
});

test("its own console, which speaks the simple protocol alone", async () => {
  await using sql = postgres({ url: adminUrl, max: 1 });
  const pools = await sql.unsafe<{ database: string; pool_mode: string }>("show pools");
  expect(pools.find(({ database }) => database === server.database)?.pool_mode).toBe("transaction");
});
