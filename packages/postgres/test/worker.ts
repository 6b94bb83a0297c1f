// A Worker with a client at module scope: what users write.

import { postgres } from "../src/index.ts";
import type { Sql } from "../src/index.ts";
import { Pool } from "../src/pg/index.ts";

let sql: Sql | undefined;
let pool: Pool | undefined;

export default {
  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    sql ??= postgres(url.searchParams.get("database") ?? "");
    const say = url.searchParams.get("say");
    try {
      if (url.pathname === "/pg") {
        pool ??= new Pool({ connectionString: url.searchParams.get("database") ?? "" });
        const { rows } = await pool.query("select $1 as say, pg_backend_pid() as pid", [say]);
        return Response.json(rows[0]);
      }
      const [row] = await sql<{ say: string; pid: number }>`select ${say} as say, pg_backend_pid() as pid`;
      const inside = await sql.begin(async (tx) => {
        const [first] = await tx<{ say: string }>`select ${`${say} in a transaction`} as say`;
        return first?.say;
      });
      return Response.json({ ...row, inside });
    } catch (error) {
      return Response.json({ error: String(error) }, { status: 500 });
    }
  },
};
