// A Worker and a Durable Object with one client at module scope: what users write.

import { DurableObject } from "cloudflare:workers";
import { postgres } from "../src/index.ts";
import type { Sql } from "../src/index.ts";
import { Pool } from "../src/pg/index.ts";

let sql: Sql | undefined;
let pool: Pool | undefined;

interface Env {
  readonly KEEPER: {
    getByName(name: string): { fetch(request: Request): Promise<Response> };
  };
}

/** Uses the module's client, as every request does, and hears what is notified. */
export class Keeper extends DurableObject {
  readonly #heard: string[] = [];
  #listening: Promise<unknown> | undefined;

  override async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const client = (sql ??= postgres(searchParams.get("database") ?? ""));
    const say = searchParams.get("say");
    try {
      await (this.#listening ??= client.listen("keeper", (payload) => this.#heard.push(payload)));
      const [row] = await client`select ${say} as say, pg_backend_pid() as pid`;
      await client.notify("keeper", say as string);
      while (!this.#heard.includes(say as string)) await client`select 1`;
      return Response.json({ ...row, heard: this.#heard });
    } catch (error) {
      return Response.json({ error: String(error) }, { status: 500 });
    }
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/object") return env.KEEPER.getByName("one").fetch(request);
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
