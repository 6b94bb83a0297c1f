// A cache in front of something slow. A value is fresh for a while, and for a longer while it may still be shown; whoever
// finds it stale has it made anew behind his answer. However many ask at once, one of them has it made.

import { script } from "@landline/redis";
import type { Redis } from "@landline/redis";

const FRESH = 5_000;
const USABLE = 60_000;
/** Longer than making takes; who holds a lock and is gone gives it up by this. */
const LOCK = 5_000;
const LOOK_AGAIN = 50;

/** A value, and where it came from. */
export interface Cached<T> {
  readonly value: T;
  readonly from: "hit" | "stale" | "miss";
}

interface Stored<T> {
  readonly value: T;
  readonly freshUntil: number;
}

// Only whoever holds the lock gives it up: it may have passed to another.
const unlock = script("if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0");

/** How a value is made, and who sees to it that it still is when the answer has gone. */
export interface Making<T> {
  readonly make: () => Promise<T>;
  /** Runs something behind the answer, with a client of its own. */
  readonly behind: (work: (kv: Redis) => Promise<unknown>) => void;
}

/** The value of `key`, from Redis if it is there. */
export async function cached<T>(kv: Redis, key: string, { make, behind }: Making<T>): Promise<Cached<T>> {
  const token = crypto.randomUUID();
  const giveUp = Date.now() + LOCK;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- the next look follows this one
    const text = await kv.get(key);
    const stored = text === null ? undefined : (JSON.parse(text) as Stored<T>);
    if (stored !== undefined && Date.now() < stored.freshUntil) return { value: stored.value, from: "hit" };
    // oxlint-disable-next-line no-await-in-loop -- as above
    const locked = (await kv.set(`${key}:lock`, token, "NX", "PX", LOCK)) === "OK";
    if (stored !== undefined) {
      if (locked) behind((own) => makeAndStore(own, key, token, make));
      return { value: stored.value, from: "stale" };
    }
    // Without the lock, for once: its holder takes too long.
    if (locked || Date.now() > giveUp) return { value: await makeAndStore(kv, key, token, make), from: "miss" };
    // oxlint-disable-next-line no-await-in-loop -- as above
    await scheduler.wait(LOOK_AGAIN);
  }
}

async function makeAndStore<T>(kv: Redis, key: string, token: string, make: () => Promise<T>): Promise<T> {
  try {
    const value = await make();
    const stored: Stored<T> = { value, freshUntil: Date.now() + FRESH };
    await kv.set(key, JSON.stringify(stored), "PX", USABLE);
    return value;
  } finally {
    await kv.run(unlock, [`${key}:lock`], [token]);
  }
}
