// What @landline/redis/keyv declares to the public, made by `pnpm api`.

interface KeyvRedis {
    call(name: string, ...args: (string | number)[]): Promise<unknown>;
    end(): Promise<void>;
}

interface KeyvOptions {
    readonly separator?: string | undefined;
    readonly owned?: boolean | undefined;
    readonly clearsDatabase?: boolean | undefined;
}

declare class KeyvStore {
    #private;
    namespace: string | undefined;
    readonly capabilities: {
        readonly expires: true;
    };
    constructor(kv: KeyvRedis, options?: KeyvOptions);
    get(key: string): Promise<string | undefined>;
    getMany(keys: readonly string[]): Promise<(string | undefined)[]>;
    has(key: string): Promise<boolean>;
    hasMany(keys: readonly string[]): Promise<boolean[]>;
    set(key: string, value: unknown, expires?: number): Promise<boolean>;
    setMany(entries: readonly Entry[]): Promise<boolean[]>;
    delete(key: string): Promise<boolean>;
    deleteMany(keys: readonly string[]): Promise<boolean[]>;
    clear(): Promise<void>;
    iterator(): AsyncGenerator<[key: string, value: string], void, undefined>;
    disconnect(): Promise<void>;
}

interface Entry {
    readonly key: string;
    readonly value: unknown;
    readonly expires?: number | undefined;
}

export {
    KeyvRedis,
    KeyvOptions,
    KeyvStore,
};
