// The limiter: a sliding window in Redis. A visitor may do `LIMIT` things in any `WINDOW` that ends now, not in each minute
// of the clock, where twice as many would fit around its turn. One round trip, and one script, so that two requests at the
// same time never share the last place. The time is the server's: a Worker runs in many places.

import { script } from "@landline/redis";
import type { Redis } from "@landline/redis";
import { Problem } from "./http.ts";

/** How many requests in how many milliseconds. */
export const LIMIT = 10;
export const WINDOW = 10_000;

// A place in the window is an entry of a sorted set, scored by its time. The key goes with its last entry.
const take = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local used = redis.call('ZCARD', KEYS[1])
if used >= limit then
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return {-1, oldest[2] + window - now}
end
redis.call('ZADD', KEYS[1], now, ARGV[3])
redis.call('PEXPIRE', KEYS[1], window)
return {limit - used - 1, 0}
`);

/** Takes a place in the visitor's window; returns how many are left. @throws Problem 429 with `retry-after` */
export async function takePlace(kv: Redis, visitor: string): Promise<number> {
  const reply = await kv.run(take, [`limit:${visitor}`], [LIMIT, WINDOW, crypto.randomUUID()]);
  const [left, wait] = reply as [number, number];
  if (left >= 0) return left;
  const seconds = Math.max(1, Math.ceil(wait / 1_000));
  throw new Problem(429, "rate_limited", `That is more than ${LIMIT} requests in ${WINDOW / 1_000} seconds.`, {
    "retry-after": String(seconds),
  });
}

/** Who is counted: an IPv4 address, or the /64 of an IPv6 address, which is what one customer has. */
export function visitorOf(request: Request): string {
  const address = request.headers.get("cf-connecting-ip") ?? "unknown";
  if (!address.includes(":")) return address;
  // The URL parser writes an IPv6 address in one form, whichever it came in.
  const host = new URL(`http://[${address.split("%")[0]}]`).hostname.slice(1, -1);
  const [head = "", tail = ""] = host.split("::");
  const groups = head.split(":").filter((group) => group !== "");
  const rest = tail.split(":").filter((group) => group !== "");
  while (host.includes("::") && groups.length + rest.length < 8) groups.push("0");
  return `${[...groups, ...rest].slice(0, 4).join(":")}::/64`;
}
