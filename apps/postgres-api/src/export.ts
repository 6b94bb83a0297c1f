// All transfers as CSV: what the server writes goes to the client as it comes. Nothing is kept, a slow client slows the
// server down, and one that goes away cancels the query.

import { openDatabase, withTables } from "./database.ts";
import type { Env } from "./env.ts";

/** GET /transfers.csv */
export async function exportTransfers(_request: Request, env: Env): Promise<Response> {
  // Disposed of when this returns; the stream goes on until it has ended.
  await using sql = openDatabase(env);
  const csv = await withTables(sql, () =>
    // A timeout would count for the whole of it, and a large table takes its time.
    sql`
      copy (select id, source, target, amount, made_at from transfers order by id)
      to stdout (format csv, header)`
      .timeout(Infinity)
      .readable(),
  );
  return new Response(csv, {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="transfers.csv"',
      "cache-control": "no-store",
    },
  });
}
