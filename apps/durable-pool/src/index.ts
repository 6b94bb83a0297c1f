// Postgres in three ways, side by side. The page (public/) asks `/api/<strategy>` again and again and draws what it hears.

import { PostgresPool, type PostgresPoolOptions } from "@landline/durable/postgres";
import { examine } from "./doctor.ts";
import type { Env } from "./env.ts";
import { clientOf, sample, type Strategy } from "./strategies.ts";

/** The pool: up to eight connections, kept from request to request. */
export class PG extends PostgresPool<Env> {
  options({ DATABASE_URL }: Env): PostgresPoolOptions {
    return { url: DATABASE_URL, max: 8 };
  }
}

const STRATEGIES: ReadonlySet<string> = new Set<Strategy>(["direct", "pooler", "durable"]);

const worker: ExportedHandler<Env> = {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url);
    try {
      if (pathname === "/doctor") return Response.json(await examine(env));
      if (pathname === "/api/stats") return Response.json(await env.PG.get(env.PG.idFromName("pool")).stats());
      const strategy = pathname.replace("/api/", "");
      if (!STRATEGIES.has(strategy)) return Response.json({ error: "there is nothing here" }, { status: 404 });
      await using sql = clientOf(strategy as Strategy, env);
      if (sql === undefined) return Response.json({ error: "POOLER_URL is not set" }, { status: 501 });
      return Response.json(await sample(sql));
    } catch (error) {
      console.error(error);
      const { code, outcome } = error as { code?: string; outcome?: string };
      return Response.json({ error: "the database could not be asked", code, outcome }, { status: 503 });
    }
  },
};

export default worker;
