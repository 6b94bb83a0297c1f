// The shapes that rate limiters ask a client of Redis for: hono-rate-limiter's RedisStore (four methods), and
// rate-limit-redis for express-rate-limit (`sendCommand`).

/** What is asked of a client. */
export interface RateLimitRedis {
  call(name: string, ...args: (string | number)[]): Promise<unknown>;
}

/** For both. */
export interface RateLimitClient {
  scriptLoad(script: string): Promise<string>;
  evalsha<Args extends unknown[], Data = unknown>(sha: string, keys: string[], args: Args): Promise<Data>;
  decr(key: string): Promise<number>;
  del(key: string): Promise<number>;
  /** Any command, for `new RedisStore({ sendCommand })`. Needs no `this`. */
  // oxlint-disable-next-line typescript/no-explicit-any -- each library has its own union of what may come back
  sendCommand(...command: string[]): Promise<any>;
}

/**
 * A client for rate limiters.
 * @example
 * import { rateLimiter, RedisStore } from "hono-rate-limiter";
 * rateLimiter({ store: new RedisStore({ client: rateLimitClient(kv) }), keyGenerator: (c) => c.req.header("cf-connecting-ip") ?? "" });
 */
export function rateLimitClient(kv: RateLimitRedis): RateLimitClient {
  return {
    scriptLoad: async (script) => (await kv.call("SCRIPT", "LOAD", script)) as string,
    evalsha: async <Args extends unknown[], Data>(sha: string, keys: string[], args: Args) =>
      (await kv.call("EVALSHA", sha, keys.length, ...keys, ...args.map(String))) as Data,
    decr: async (key) => (await kv.call("DECR", key)) as number,
    del: async (key) => (await kv.call("DEL", key)) as number,
    sendCommand: async (name = "", ...args) => kv.call(name, ...args),
  };
}
