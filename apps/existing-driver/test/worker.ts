// The Worker of the tests: drivers that are made once, at module scope, or in each request; everything else is the app's.

import { nodeSocket } from "@landline/core/node-socket";
import pg from "pg";
import postgres from "postgres";
import app from "../src/index.ts";
import type { Env } from "../src/ways.ts";

interface Row {
  readonly pid: number;
}

/** Asks which backend answers. */
type Ask = () => Promise<Row | undefined>;

const TEXT = "select pg_backend_pid() as pid";

const MAKERS: Readonly<Record<string, (url: string) => Ask>> = {
  "/client": (connectionString) => {
    const client = new pg.Client({ connectionString, stream: () => nodeSocket() });
    client.on("error", () => {});
    let connected = false;
    return async () => {
      if (!connected) await client.connect();
      connected = true;
      return (await client.query<Row>(TEXT)).rows[0];
    };
  },
  "/pool": (connectionString) => {
    const pool = new pg.Pool({ connectionString, max: 1, stream: () => nodeSocket() });
    pool.on("error", () => {});
    return async () => (await pool.query<Row>(TEXT)).rows[0];
  },
  "/postgres": (url) => {
    const { hostname, port } = new URL(url);
    const socket = (): unknown => nodeSocket({ peerMayEnd: false }).connect(Number(port), hostname);
    const sql = postgres(url, { max: 1, socket } as postgres.Options<Record<string, never>>);
    return async () => (await sql<Row[]>`select pg_backend_pid() as pid`)[0];
  },
};

/** What the module keeps from request to request. */
const kept = new Map<string, Ask>();

/** What a caller can see of an error. */
function shown(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, cause, code, outcome } = error as Error & { code?: unknown; outcome?: unknown };
  return { name, message, code, outcome, ...(cause === undefined ? {} : { cause: shown(cause) }) };
}

const worker: ExportedHandler<Env> = {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    const make = MAKERS[pathname];
    if (make === undefined) return (await app.fetch?.(request, env, context)) ?? new Response(null, { status: 404 });
    const keep = searchParams.has("keep");
    const ask = (keep ? kept.get(pathname) : undefined) ?? make(env.DATABASE_URL);
    if (keep) kept.set(pathname, ask);
    try {
      return Response.json(await ask());
    } catch (error) {
      return Response.json({ error: shown(error) });
    }
  },
};

export default worker;
