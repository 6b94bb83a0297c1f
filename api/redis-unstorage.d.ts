// What @landline/redis/unstorage declares to the public, made by `pnpm api`.

interface UnstorageRedis {
    call(name: string, ...args: (string | number | Uint8Array)[]): Promise<unknown>;
    with(options: {
        readonly bytes: true;
    }): {
        call(name: string, ...args: (string | number)[]): Promise<unknown>;
    };
    end(): Promise<void>;
}

interface UnstorageOptions {
    readonly base?: string | undefined;
    readonly ttl?: number | undefined;
    readonly scanCount?: number | undefined;
    readonly owned?: boolean | undefined;
}

interface UnstorageDriver {
    readonly name: string;
    readonly flags: {
        readonly ttl: true;
    };
    readonly options: UnstorageOptions;
    getInstance(): UnstorageRedis;
    hasItem(key: string): Promise<boolean>;
    getItem(key: string): Promise<string | null>;
    getItems(items: {
        readonly key: string;
    }[]): Promise<{
        key: string;
        value: string | null;
    }[]>;
    getItemRaw(key: string): Promise<Uint8Array | null>;
    setItem(key: string, value: string, options?: ItemOptions): Promise<void>;
    setItems(items: Item[], options?: ItemOptions): Promise<void>;
    setItemRaw(key: string, value: string | Uint8Array | ArrayBuffer, options?: ItemOptions): Promise<void>;
    removeItem(key: string): Promise<void>;
    getKeys(base: string): Promise<string[]>;
    clear(base: string): Promise<void>;
    dispose(): Promise<void>;
}

declare function unstorageDriver(kv: UnstorageRedis, options?: UnstorageOptions): UnstorageDriver;

interface Item {
    readonly key: string;
    readonly value: string;
    readonly options?: ItemOptions | undefined;
}

interface ItemOptions {
    readonly ttl?: number | undefined;
}

export {
    UnstorageRedis,
    UnstorageOptions,
    UnstorageDriver,
    unstorageDriver,
};
