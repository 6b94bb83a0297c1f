// A driver for unstorage over a client of Redis, and so for what keeps its things there: Nitro, Auth.js, hono-rate-limiter.

/** What is asked of a client. */
export interface UnstorageRedis {
  call(name: string, ...args: (string | number | Uint8Array)[]): Promise<unknown>;
  with(options: { readonly bytes: true }): { call(name: string, ...args: (string | number)[]): Promise<unknown> };
  end(): Promise<void>;
}

/** How the driver keeps its items. */
export interface UnstorageOptions {
  /** In front of every key, with a colon. Default: nothing. */
  readonly base?: string | undefined;
  /** Seconds that an item lives, unless it says otherwise. Default: for ever. */
  readonly ttl?: number | undefined;
  /** About how many keys the server looks at in one step of a listing. Default 1,000. */
  readonly scanCount?: number | undefined;
  /** Whether `storage.dispose()` ends the client. Default `false`: whoever has made it may need it elsewhere. */
  readonly owned?: boolean | undefined;
}

interface ItemOptions {
  readonly ttl?: number | undefined;
}

interface Item {
  readonly key: string;
  readonly value: string;
  readonly options?: ItemOptions | undefined;
}

/** The driver, as unstorage's `createStorage({ driver })` takes it. */
export interface UnstorageDriver {
  readonly name: string;
  readonly flags: { readonly ttl: true };
  readonly options: UnstorageOptions;
  getInstance(): UnstorageRedis;
  hasItem(key: string): Promise<boolean>;
  getItem(key: string): Promise<string | null>;
  getItems(items: { readonly key: string }[]): Promise<{ key: string; value: string | null }[]>;
  getItemRaw(key: string): Promise<Uint8Array | null>;
  setItem(key: string, value: string, options?: ItemOptions): Promise<void>;
  setItems(items: Item[], options?: ItemOptions): Promise<void>;
  setItemRaw(key: string, value: string | Uint8Array | ArrayBuffer, options?: ItemOptions): Promise<void>;
  removeItem(key: string): Promise<void>;
  getKeys(base: string): Promise<string[]>;
  clear(base: string): Promise<void>;
  dispose(): Promise<void>;
}

/** Keys that leave in one command. */
const BATCH = 500;

/**
 * A driver over `kv`.
 * @throws TypeError when `ttl` or `scanCount` is not a positive number.
 * @example
 * import { createStorage } from "unstorage";
 * const storage = createStorage({ driver: unstorageDriver(kv, { base: "app" }) });
 */
export function unstorageDriver(kv: UnstorageRedis, options: UnstorageOptions = {}): UnstorageDriver {
  const { scanCount = 1000, owned = false } = options;
  for (const [name, value] of Object.entries({ scanCount, ttl: options.ttl })) {
    if (value !== undefined && !(value > 0)) throw new TypeError(`${name} must be a positive number`);
  }
  const base = (options.base ?? "").replace(/:+$/, "");
  const prefix = base === "" ? "" : `${base}:`;
  const keyOf = (key: string): string => prefix + key;
  const write = async (key: string, value: string | Uint8Array, given: ItemOptions | undefined): Promise<void> => {
    const ttl = given?.ttl ?? options.ttl;
    const expiry = ttl === undefined ? [] : ["PX", Math.ceil(ttl * 1000)];
    await kv.call("SET", keyOf(key), value, ...expiry);
  };
  /** Keys without the prefix, each once: a scan may tell of one twice. */
  const list = async (under: string | undefined = ""): Promise<string[]> => {
    const found = new Set<string>();
    const pattern = `${escapeGlob(prefix + under)}*`;
    let cursor = "0";
    do {
      // oxlint-disable-next-line no-await-in-loop -- each step begins where the one before ended
      const reply = await kv.call("SCAN", cursor, "MATCH", pattern, "COUNT", scanCount);
      const [next, keys] = reply as [string, string[]];
      for (const key of keys) found.add(key.slice(prefix.length));
      cursor = next;
    } while (cursor !== "0");
    return [...found];
  };
  return {
    name: "landline-redis",
    flags: { ttl: true },
    options,
    getInstance: () => kv,
    hasItem: async (key) => (await kv.call("EXISTS", keyOf(key))) === 1,
    getItem: async (key) => (await kv.call("GET", keyOf(key))) as string | null,
    getItems: async (items) => {
      if (items.length === 0) return [];
      const values = (await kv.call("MGET", ...items.map(({ key }) => keyOf(key)))) as (string | null)[];
      return items.map(({ key }, index) => ({ key, value: values[index] ?? null }));
    },
    getItemRaw: async (key) => (await kv.with({ bytes: true }).call("GET", keyOf(key))) as Uint8Array | null,
    setItem: write,
    setItems: async (items, common) => {
      await Promise.all(items.map((item) => write(item.key, item.value, { ...common, ...item.options })));
    },
    setItemRaw: (key, value, given) => write(key, value instanceof ArrayBuffer ? new Uint8Array(value) : value, given),
    removeItem: async (key) => {
      await kv.call("UNLINK", keyOf(key));
    },
    getKeys: list,
    clear: async (under) => {
      const keys = await list(under);
      for (let at = 0; at < keys.length; at += BATCH) {
        // oxlint-disable-next-line no-await-in-loop -- so that a large store does not fill the connection at once
        await kv.call("UNLINK", ...keys.slice(at, at + BATCH).map(keyOf));
      }
    },
    dispose: async () => {
      if (owned) await kv.end();
    },
  };
}

/** A text that a pattern of SCAN takes as it is. */
function escapeGlob(text: string): string {
  return text.replaceAll(/[\\*?[\]]/g, String.raw`\$&`);
}
