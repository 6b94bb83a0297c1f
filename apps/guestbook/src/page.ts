// The page: shown, and signed by a plain form. After a form is accepted the browser is sent to the new entry, so that a
// reload signs nothing twice.

import type { Redis } from "@landline/redis";
import { idIn } from "./api.ts";
import type { Entry } from "./entries.ts";
import { listEntries, openDatabase } from "./entries.ts";
import type { Env } from "./env.ts";
import type { Stats } from "./limits.ts";
import { countVisit, openCounters, readStats } from "./limits.ts";
import type { Problem } from "./problem.ts";
import { logFailure, problemOf } from "./problem.ts";
import { checkOrigin, readForm, visitorOf } from "./request.ts";
import { sign } from "./sign.ts";
import { bookView, problemView } from "./view.ts";

const ENTRIES_PER_PAGE = 30;

/** GET / */
export async function showBook(request: Request, env: Env): Promise<Response> {
  const before = idIn(new URL(request.url).searchParams, "before");
  const [found, stats] = await Promise.all([findEntries(env, before), findStats(env, countVisit)]);
  return page(bookView({ ...found, stats, newest: before === undefined }));
}

/** POST / */
export async function signByForm(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  checkOrigin(request);
  const fields = await readForm(request);
  try {
    const entry = await sign(env, ctx, visitorOf(request), fields);
    return new Response(null, { status: 303, headers: { location: `/#entry-${entry.id}` } });
  } catch (error) {
    const problem = problemOf(error, "signing by form");
    // Shown in the page itself, with what the visitor wrote still in the form; also when the book cannot be read.
    const [found, stats] = await Promise.all([
      findEntries(env).catch(() => ({ entries: [], older: undefined })),
      findStats(env, readStats),
    ]);
    const filled = { name: fields["name"] ?? "", message: fields["message"] ?? "" };
    return page(bookView({ ...found, stats, newest: true, filled, problem }), problem);
  }
}

/** A problem as a page of its own. */
export function problemPage(problem: Problem): Response {
  return page(problemView(problem), problem);
}

async function findEntries(env: Env, before?: string): Promise<{ entries: Entry[]; older: string | undefined }> {
  await using sql = openDatabase(env);
  const found = await listEntries(sql, { limit: ENTRIES_PER_PAGE + 1, before });
  const entries = found.slice(0, ENTRIES_PER_PAGE);
  return { entries, older: found.length > ENTRIES_PER_PAGE ? entries.at(-1)?.id : undefined };
}

// The book can be read without its counters.
async function findStats(env: Env, find: (kv: Redis) => Promise<Stats>): Promise<Stats | undefined> {
  try {
    await using kv = openCounters(env);
    return await find(kv);
  } catch (error) {
    logFailure("counters for the page", error);
    return undefined;
  }
}

function page(
  text: string,
  init: { status: number; headers: Readonly<Record<string, string>> } = { status: 200, headers: {} },
): Response {
  const headers = { ...init.headers, "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
  return new Response(text, { status: init.status, headers });
}
