// The Durable Object that keeps connections to Postgres warm. It uses no storage, no alarms and no blockConcurrencyWhile, and
// its constructor does nothing: the first query dials, and when the last connection has idled out, the object can hibernate.

import { DurableObject } from "cloudflare:workers";
import { durableError } from "./errors.ts";
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
      throw durableError(
        "POOL_UNSUPPORTED",
        "unsent",
        `the pool object speaks version ${RPC_VERSION} and the Worker ${version}: deploy them with the same release of @landline/durable`,
      );
    }
    return new PoolSession(() => (this.#house ??= houseOf(this.#settings())));
  }

  #settings(): PoolSettings {
    let options: PostgresPoolOptions;
    try {
      options = this.options(this.env);
    } catch (error) {
      // Its message may quote a secret, so that it stays here.
      console.error("options() of the pool object threw", error);
      throw durableError("POOL_OBJECT_FAILED", "unsent", "options() of the pool object threw; its log says what");
    }
    try {
      return parsePoolOptions(options);
    } catch (error) {
      // A TypeError of ours, which names the option and shows no value.
      const why = error instanceof TypeError ? error.message : "they could not be read";
      throw durableError("POOL_OBJECT_FAILED", "unsent", `the options of the pool object are not right: ${why}`);
    }
  }
}

function houseOf(settings: PoolSettings): House {
  const backends = new Backends(settings);
  return { backends, ears: new Ears(backends) };
}
