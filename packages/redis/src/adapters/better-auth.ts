// better-auth's secondary storage over a client of Redis: sessions, verifications, and the counters of its rate limits.

/** What is asked of a client. */
export interface BetterAuthRedis {
  call(name: string, ...args: (string | number)[]): Promise<unknown>;
}

/** What better-auth's option `secondaryStorage` takes. Times to live are in seconds. */
export interface SecondaryStorage {
  get(key: string): Promise<string | null>;
  getAndDelete(key: string): Promise<string | null>;
  /** One more, and the new count. A counter lives `ttl` seconds from its beginning. */
  increment(key: string, ttl: number): Promise<number>;
  set(key: string, value: string, ttl?: number): Promise<void>;
  delete(key: string): Promise<void>;
}

/** In one step, so that no counter is left without an end. */
const INCREMENT =
  "local n = redis.call('INCR', KEYS[1]) if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end return n";

/**
 * The storage, with `prefix` (default `"better-auth:"`) in front of every key. GETDEL needs a server from 6.2 on.
 * @example
 * import { betterAuth } from "better-auth";
 * const auth = betterAuth({ secondaryStorage: secondaryStorage(kv) });
 */
export function secondaryStorage(
  kv: BetterAuthRedis,
  { prefix = "better-auth:" }: { readonly prefix?: string } = {},
): SecondaryStorage {
  return {
    get: async (key) => (await kv.call("GET", prefix + key)) as string | null,
    getAndDelete: async (key) => (await kv.call("GETDEL", prefix + key)) as string | null,
    increment: async (key, ttl) => (await kv.call("EVAL", INCREMENT, 1, prefix + key, milliseconds(ttl))) as number,
    set: async (key, value, ttl) => {
      const expiry = ttl === undefined || ttl <= 0 ? [] : ["PX", milliseconds(ttl)];
      await kv.call("SET", prefix + key, value, ...expiry);
    },
    delete: async (key) => {
      await kv.call("UNLINK", prefix + key);
    },
  };
}

function milliseconds(seconds: number): number {
  return Math.ceil(seconds * 1000);
}
