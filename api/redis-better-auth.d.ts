// What @landline/redis/better-auth declares to the public, made by `pnpm api`.

interface BetterAuthRedis {
    call(name: string, ...args: (string | number)[]): Promise<unknown>;
}

interface SecondaryStorage {
    get(key: string): Promise<string | null>;
    getAndDelete(key: string): Promise<string | null>;
    increment(key: string, ttl: number): Promise<number>;
    set(key: string, value: string, ttl?: number): Promise<void>;
    delete(key: string): Promise<void>;
}

declare function secondaryStorage(kv: BetterAuthRedis, { prefix }?: {
    readonly prefix?: string;
}): SecondaryStorage;

export {
    BetterAuthRedis,
    SecondaryStorage,
    secondaryStorage,
};
