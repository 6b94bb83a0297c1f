// What @landline/redis/rate-limit declares to the public, made by `pnpm api`.

interface RateLimitRedis {
    call(name: string, ...args: (string | number)[]): Promise<unknown>;
}

interface RateLimitClient {
    scriptLoad(script: string): Promise<string>;
    evalsha<Args extends unknown[], Data = unknown>(sha: string, keys: string[], args: Args): Promise<Data>;
    decr(key: string): Promise<number>;
    del(key: string): Promise<number>;
    sendCommand(...command: string[]): Promise<any>;
}

declare function rateLimitClient(kv: RateLimitRedis): RateLimitClient;

export {
    RateLimitRedis,
    RateLimitClient,
    rateLimitClient,
};
