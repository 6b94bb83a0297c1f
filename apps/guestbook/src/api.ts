// The JSON API. Errors are { error: { code, message, advice, fields? } }.

import { listEntries, openDatabase } from "./entries.ts";
import type { Env } from "./env.ts";
import { openCounters, readStats } from "./limits.ts";
import { logFailure, Problem } from "./problem.ts";
import { checkOrigin, readJson, visitorOf } from "./request.ts";
import { sign } from "./sign.ts";

const DEFAULT_LIMIT = 30;
const MAX_LIMIT = 100;

/** GET /api/entries?limit=&before=&after= — newest first; `next` is the `before` of the next page, or null. */
export async function getEntries(request: Request, env: Env): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const limit = Number(idIn(query, "limit") ?? DEFAULT_LIMIT);
  if (limit < 1 || limit > MAX_LIMIT) throw invalidQuery("limit", `from 1 to ${MAX_LIMIT}`);
  await using sql = openDatabase(env);
  // One more than asked for tells whether there is a next page.
  const found = await listEntries(sql, {
    limit: limit + 1,
    before: idIn(query, "before"),
    after: idIn(query, "after"),
  });
  const entries = found.slice(0, limit);
  return json({ entries, next: found.length > limit ? (entries.at(-1)?.id ?? null) : null });
}

/** POST /api/entries {name, message} */
export async function postEntry(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  checkOrigin(request);
  const entry = await sign(env, ctx, visitorOf(request), await readJson(request));
  return json({ entry }, { status: 201, headers: { location: `/#entry-${entry.id}` } });
}

/** GET /api/stats */
export async function getStats(_request: Request, env: Env): Promise<Response> {
  await using kv = openCounters(env);
  return json(await readStats(kv));
}

/** GET /healthz: whether the servers that the page needs answer. */
export async function getHealth(_request: Request, env: Env): Promise<Response> {
  await using sql = openDatabase(env);
  await using kv = openCounters(env);
  const [database, counters] = await Promise.all([
    answers("postgres", async () => void (await sql`select 1`)),
    answers("redis", async () => void (await kv.ping())),
  ]);
  const ok = database && counters;
  return json({ ok, postgres: database, redis: counters }, { status: ok ? 200 : 503 });
}

/** A problem as the API tells it. */
export function problemJson({ code, message, advice, fields, status, headers }: Problem): Response {
  const detail = Object.keys(fields).length === 0 ? {} : { fields };
  return json({ error: { code, message, advice, ...detail } }, { status, headers });
}

async function answers(name: string, ask: () => Promise<void>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    logFailure(`health of ${name}`, error);
    return false;
  }
}

/** A whole number of the query, as it was written; ids are larger than JavaScript's numbers. */
export function idIn(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  if (/^\d{1,18}$/.test(value)) return value;
  throw invalidQuery(name, "a whole number");
}

function invalidQuery(name: string, what: string): Problem {
  return new Problem(`The query's "${name}" is not ${what}.`, {
    status: 400,
    code: "invalid_query",
    advice: `Leave "${name}" out, or write ${what}.`,
  });
}

function json(value: unknown, init: ResponseInit = {}): Response {
  const headers = new Headers(init.headers);
  headers.set("content-type", "application/json; charset=utf-8");
  headers.set("cache-control", "no-store");
  return new Response(`${JSON.stringify(value)}\n`, { ...init, headers });
}
