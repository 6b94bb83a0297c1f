// That the facade's types pass for those of @types/pg. `tsc` is what checks it; the test only keeps the file in use.

import type * as Real from "pg";
import { expect, test } from "vitest";
import { Client, Pool, type PoolClient, type QueryResult } from "../../src/pg/index.ts";

function takesPool(pool: Real.Pool): Real.Pool {
  return pool;
}
function takesClient(client: Real.Client): unknown {
  return client;
}

test("a Pool and a Client pass for theirs", () => {
  const pool = new Pool();
  expect(takesPool(pool)).toBe(pool);
  expect(takesClient(new Client())).toBeInstanceOf(Client);
  const typed = (client: PoolClient): Promise<QueryResult<{ n: number }>> =>
    client.query<{ n: number }>("select 1 as n");
  expect(typed).toBeTypeOf("function");
});
