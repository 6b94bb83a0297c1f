// The Durable Object that keeps connections to Redis or Valkey warm. It uses no storage, no alarms and no
// blockConcurrencyWhile, and its constructor does nothing: the first command dials, and when the last connection has idled
// out, the object can hibernate.

import { DurableObject } from "cloudflare:workers";
import { durableError } from "../durable-error.ts";
import { settingsOfObject, versionError } from "../object-settings.ts";
import { House } from "./house.ts";
import { parsePoolOptions, type RedisPoolOptions } from "./options.ts";
import { PoolSession } from "./pool-session.ts";
import { RPC_VERSION, type RemoteSession } from "./rpc.ts";

/**
 * Base class of a pool. Export a class of your own and bind it; give the binding to `durableRedis()`.
 *
 * @example
 * export class KV extends RedisPool<Env> {
 *   options(env: Env) {
 *     return { url: env.REDIS_URL };
 *   }
 * }
 */
export abstract class RedisPool<Env = unknown> extends DurableObject<Env> {
  #house: House | undefined;

  constructor(ctx: ConstructorParameters<typeof DurableObject<Env>>[0], env: Env) {
    super(ctx, env);
    // RPC reaches what is on the prototype. The options hold credentials, and are nobody's business.
    const options = this.options.bind(this);
    Object.defineProperty(this, "options", { value: options });
  }

  /** Where the server is, and how its connections are lent. Asked once, when the first command comes. */
  abstract options(env: Env): RedisPoolOptions;

  /** @internal What `durableRedis()` calls. */
  openSession(version: number): RemoteSession {
    if (version !== RPC_VERSION) throw durableError("POOL_UNSUPPORTED", "unsent", versionError(RPC_VERSION, version));
    return new PoolSession(() => this.#keep());
  }

  /** Counts at this moment: of connections, of commands in flight, and of all commands on the shared connection. */
  stats(): Promise<Readonly<Record<string, number>>> {
    return Promise.resolve(this.#house?.stats() ?? {});
  }

  #keep(): House {
    return (this.#house ??= new House(settingsOfObject(() => this.options(this.env), parsePoolOptions)));
  }
}
