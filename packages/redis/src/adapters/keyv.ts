// A store for Keyv (6, and whatever takes its stores: cache-manager, cacheable) over a client of Redis. Deadlines are the
// server's own.

/** What is asked of a client. */
export interface KeyvRedis {
  call(name: string, ...args: (string | number)[]): Promise<unknown>;
  end(): Promise<void>;
}

/** How the store keeps its entries. */
export interface KeyvOptions {
  /** Between the namespace and the key. Default `"::"`. */
  readonly separator?: string | undefined;
  /** Whether `keyv.disconnect()` ends the client. Default `false`: whoever has made it may need it elsewhere. */
  readonly owned?: boolean | undefined;
  /**
   * Whether `clear()` may empty the whole database where there is no namespace. Default `false`: it is refused then.
   */
  readonly clearsDatabase?: boolean | undefined;
}

interface Entry {
  readonly key: string;
  readonly value: unknown;
  readonly expires?: number | undefined;
}

/** Keys that leave in one command. */
const BATCH = 500;

/**
 * A store, for `new Keyv({ store: new KeyvStore(kv), namespace: "app" })`. `expires` is a time in milliseconds since 1970.
 * @example
 * import Keyv from "keyv";
 * const cache = new Keyv({ store: new KeyvStore(kv), namespace: "app" });
 */
export class KeyvStore {
  /** Set by Keyv. */
  namespace: string | undefined;
  /** Told by Keyv: deadlines are absolute. */
  readonly capabilities: { readonly expires: true } = { expires: true };
  readonly #kv: KeyvRedis;
  readonly #separator: string;
  readonly #options: KeyvOptions;

  constructor(kv: KeyvRedis, options: KeyvOptions = {}) {
    this.#kv = kv;
    this.#options = options;
    this.#separator = options.separator ?? "::";
  }

  async get(key: string): Promise<string | undefined> {
    return ((await this.#kv.call("GET", this.#key(key))) as string | null) ?? undefined;
  }

  async getMany(keys: readonly string[]): Promise<(string | undefined)[]> {
    if (keys.length === 0) return [];
    const values = (await this.#kv.call("MGET", ...keys.map((key) => this.#key(key)))) as (string | null)[];
    return values.map((value) => value ?? undefined);
  }

  async has(key: string): Promise<boolean> {
    return (await this.#kv.call("EXISTS", this.#key(key))) === 1;
  }

  async hasMany(keys: readonly string[]): Promise<boolean[]> {
    return Promise.all(keys.map((key) => this.has(key)));
  }

  /** @throws TypeError when Keyv has been told not to serialize, and the value is no string. */
  async set(key: string, value: unknown, expires?: number): Promise<boolean> {
    if (typeof value !== "string") throw new TypeError("a value for Redis is a string: leave Keyv its serialization");
    // In the past, the server would refuse it; what has expired is not there.
    if (expires !== undefined && expires <= Date.now()) {
      await this.delete(key);
      return true;
    }
    const deadline = expires === undefined ? [] : ["PXAT", Math.ceil(expires)];
    await this.#kv.call("SET", this.#key(key), value, ...deadline);
    return true;
  }

  async setMany(entries: readonly Entry[]): Promise<boolean[]> {
    return Promise.all(entries.map(({ key, value, expires }) => this.set(key, value, expires)));
  }

  async delete(key: string): Promise<boolean> {
    return (await this.#kv.call("UNLINK", this.#key(key))) === 1;
  }

  async deleteMany(keys: readonly string[]): Promise<boolean[]> {
    return Promise.all(keys.map((key) => this.delete(key)));
  }

  /** Forgets what is in the namespace. @throws TypeError without one, unless `clearsDatabase` is set. */
  async clear(): Promise<void> {
    if (this.#prefix() === "" && this.#options.clearsDatabase !== true) {
      throw new TypeError("without a namespace this would empty the database: give one, or set clearsDatabase");
    }
    for await (const keys of this.#keys()) {
      for (let at = 0; at < keys.length; at += BATCH) await this.#kv.call("UNLINK", ...keys.slice(at, at + BATCH));
    }
  }

  /** All entries of the namespace, each at least once, with their keys as Keyv knows them. */
  async *iterator(): AsyncGenerator<[key: string, value: string], void, undefined> {
    const { length } = this.#prefix();
    for await (const keys of this.#keys()) {
      const names = keys.map((key) => key.slice(length));
      const values = await this.getMany(names);
      for (const [index, name] of names.entries()) {
        const value = values[index];
        if (value !== undefined) yield [name, value];
      }
    }
  }

  async disconnect(): Promise<void> {
    if (this.#options.owned === true) await this.#kv.end();
  }

  #prefix(): string {
    return this.namespace === undefined || this.namespace === "" ? "" : this.namespace + this.#separator;
  }

  #key(key: string): string {
    return this.#prefix() + key;
  }

  async *#keys(): AsyncGenerator<string[], void, undefined> {
    const pattern = `${this.#prefix().replaceAll(/[\\*?[\]]/g, String.raw`\$&`)}*`;
    let cursor = "0";
    do {
      const reply = await this.#kv.call("SCAN", cursor, "MATCH", pattern, "COUNT", 1000);
      const [next, keys] = reply as [string, string[]];
      if (keys.length > 0) yield keys;
      cursor = next;
    } while (cursor !== "0");
  }
}
