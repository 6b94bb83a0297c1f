// Counters and the rate limit, in Redis. Commands that are called in one tick leave as one write, so that each function
// here costs one round trip.

import type { Redis } from "@landline/redis";
import { redis } from "@landline/redis";
import type { Env } from "./env.ts";
import { Problem } from "./problem.ts";

const TIMEOUT = 5_000;

const VISITS = "guestbook:visits";
const ENTRIES = "guestbook:entries";

/** How many entries a visitor may write in how many seconds. */
const LIMIT = 5;
const WINDOW_SECONDS = 60;

/** What the page shows at its top. */
export interface Stats {
  readonly visits: number;
  readonly entries: number;
}

/** The counters, for one request: `await using kv = openCounters(env)`. */
export function openCounters(env: Env): Redis {
  return redis({ url: env.REDIS_URL, connectTimeout: TIMEOUT, commandTimeout: TIMEOUT });
}

/**
 * Counts an attempt to sign. The window begins with the visitor's first entry in it.
 * @throws Problem 429 with `retry-after`
 */
export async function takeTurn(kv: Redis, visitor: string): Promise<void> {
  const key = `guestbook:turns:${visitor}`;
  // `NX` on every attempt, not only on the first: should a connection end between the two, the next attempt mends it.
  const [turns, , ttl] = await Promise.all([kv.incr(key), kv.expire(key, WINDOW_SECONDS, "NX"), kv.ttl(key)]);
  if (turns <= LIMIT) return;
  const seconds = Math.max(1, ttl);
  throw new Problem(`That is more than ${LIMIT} entries in ${WINDOW_SECONDS} seconds.`, {
    status: 429,
    code: "rate_limited",
    advice: `Try again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`,
    headers: { "retry-after": String(seconds) },
  });
}

/** Counts a visit to the page. */
export async function countVisit(kv: Redis): Promise<Stats> {
  const [visits, entries] = await Promise.all([kv.incr(VISITS), kv.get(ENTRIES)]);
  return { visits, entries: Number(entries ?? 0) };
}

/** Counts an entry. */
export async function countEntry(kv: Redis): Promise<void> {
  await kv.incr(ENTRIES);
}

/** The counters as they are. */
export async function readStats(kv: Redis): Promise<Stats> {
  const [visits, entries] = await Promise.all([kv.get(VISITS), kv.get(ENTRIES)]);
  return { visits: Number(visits ?? 0), entries: Number(entries ?? 0) };
}
