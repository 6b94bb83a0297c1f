// pg, unmodified, over nodeSocket(): on Node and in workerd, in the clear and upgraded; and what is known to fail with the
// socket that pg brings for Workers.

import { nodeSocket } from "@landline/core/node-socket";
import type { NodeSocketOptions } from "@landline/core/node-socket";
import type {} from "@landline/services/provided";
import pg from "pg";
import { describe, expect, inject, test } from "vitest";
import { urlsOf } from "./urls.ts";

const services = inject("services");
const urls = urlsOf(services, inject("tlsProxy"));
const SECURE = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";

function client(config: pg.ClientConfig = {}, options: NodeSocketOptions = {}): pg.Client {
  return new pg.Client({ connectionString: urls.DATABASE_URL, stream: () => nodeSocket(options), ...config });
}

/** Runs `work` on a connected client. */
async function using<T>(pgClient: pg.Client, work: (client: pg.Client) => Promise<T>): Promise<T> {
  await pgClient.connect();
  try {
    return await work(pgClient);
  } finally {
    await pgClient.end();
  }
}

describe("pg", () => {
  test("in the clear", async () => {
    const { rows } = await using(client(), (sql) => sql.query(SECURE));
    expect(rows).toEqual([{ ssl: false }]);
  });

  test("upgraded, as it does by itself", async () => {
    const { rows } = await using(client({ ssl: true }), (sql) => sql.query(SECURE));
    expect(rows).toEqual([{ ssl: true }]);
  });

  test("with TLS from the first byte, which the socket does", async () => {
    const proxied = client({ connectionString: urls.DATABASE_TLS_URL }, { tls: "on" });
    // Postgres sees the proxy's connection, which is in the clear.
    const { rows } = await using(proxied, (sql) => sql.query("select 1 as one"));
    expect(rows).toEqual([{ one: 1 }]);
  });

  test("parameters, large values both ways, and an error that leaves the connection as it was", async () => {
    const text = "x".repeat(3_000_000);
    await using(client({ ssl: true }), async (sql) => {
      const { rows } = await sql.query<{ length: number; back: string }>(
        "select length($1::text) as length, $1::text as back",
        [text],
      );
      expect(rows[0]?.length).toBe(text.length);
      expect(rows[0]?.back === text).toBe(true);
      await expect(sql.query("select nonsense")).rejects.toMatchObject({ code: "42703" });
      expect((await sql.query("select 2 as two")).rows).toEqual([{ two: 2 }]);
    });
  });

  test("its pool", async () => {
    const pool = new pg.Pool({ connectionString: urls.DATABASE_URL, stream: () => nodeSocket(), max: 3 });
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, index) => pool.query<{ n: number }>("select $1::int as n", [index])),
    );
    expect(results.map(({ rows }) => rows[0]?.n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await pool.end();
    expect(pool.totalCount).toBe(0);
  });
});
