// The Durable Object that keeps connections to Postgres warm. It uses no storage, no alarms and no blockConcurrencyWhile, and
// its constructor does nothing: the first query dials, and when the last connection has idled out, the object can hibernate.

import { DurableObject } from "cloudflare:workers";
import { durableError } from "../durable-error.ts";
import { settingsOfObject, versionError } from "../object-settings.ts";
import { Backends } from "./backends.ts";
import { parsePoolOptions, type PoolSettings, type PostgresPoolOptions } from "./options.ts";
import { Ears } from "./ears.ts";
import { PoolSession, type House } from "./pool-session.ts";
import { RPC_VERSION, type RemoteSession } from "./rpc.ts";

/**
 * Base class of a pool. Export a class of your own and bind it; give the binding to `durablePostgres()`.
 *
 * @example
 * export class PG extends PostgresPool<Env> {
 *   options(env: Env) {
 *     return { url: env.DATABASE_URL, max: 5 };
 *   }
 * }
 */
export abstract class PostgresPool<Env = unknown> extends DurableObject<Env> {
  #house: House | undefined;

  constructor(ctx: ConstructorParameters<typeof DurableObject<Env>>[0], env: Env) {
    super(ctx, env);
    // RPC reaches what is on the prototype. The options hold credentials, and are nobody's business.
    const options = this.options.bind(this);
    Object.defineProperty(this, "options", { value: options });
  }

  /** Where the database is, and how much of it this object may use. Asked once, when the first query comes. */
  abstract options(env: Env): PostgresPoolOptions;

  /** @internal What `durablePostgres()` calls. */
  openSession(version: number): RemoteSession {
    if (version !== RPC_VERSION) {
      throw durableError("POOL_UNSUPPORTED", "unsent", versionError(RPC_VERSION, version));
    }
    return new PoolSession(
      () => (this.#house ??= houseOf(settingsOfObject(() => this.options(this.env), parsePoolOptions))),
    );
  }
}

function houseOf(settings: PoolSettings): House {
  const backends = new Backends(settings);
  return { backends, ears: new Ears(backends) };
}
