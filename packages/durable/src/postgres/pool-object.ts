// The Durable Object that keeps connections to Postgres warm. It uses no storage, no alarms and no blockConcurrencyWhile, and
// its constructor does nothing: the first query dials, and when the last connection has idled out, the object can hibernate.

import { transportOf, type Connector, type Socket } from "@landline/core";
import { ContextLocal } from "@landline/core/pool";
import { DurableObject } from "cloudflare:workers";
import type { PoolNamespace } from "../binding.ts";
import { Shards, type ShardOptions } from "../shards.ts";
import { WireSession, type WireSessions } from "./wire-session.ts";
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
  readonly #wired: WireSessions = new Map();

  constructor(ctx: ConstructorParameters<typeof DurableObject<Env>>[0], env: Env) {
    super(ctx, env);
    // RPC reaches what is on the prototype. The options hold credentials, and are nobody's business.
    const options = this.options.bind(this);
    Object.defineProperty(this, "options", { value: options });
  }

  /** Where the database is, and how much of it this object may use. Asked once, when the first query comes. */
  abstract options(env: Env): PostgresPoolOptions;

  /** @internal What a socket of `poolConnector()` leads to. */
  override async connect(socket: Socket): Promise<void> {
    const { backends } = this.#keep();
    const transport = await transportOf(socket, "pool:5432");
    await new WireSession(transport, backends, this.#wired).closed;
  }

  /** Counts at this moment. */
  stats(): Promise<Readonly<Record<string, number>>> {
    const house = this.#house;
    if (house === undefined) return Promise.resolve({});
    const { backends, ears } = house;
    return Promise.resolve({
      ...backends.stats(),
      load: backends.load,
      listening: ears.size,
      drivers: this.#wired.size,
    });
  }

  /** @internal What `durablePostgres()` calls. */
  openSession(version: number): RemoteSession {
    if (version !== RPC_VERSION) {
      throw durableError("POOL_UNSUPPORTED", "unsent", versionError(RPC_VERSION, version));
    }
    return new PoolSession(() => this.#keep());
  }

  #keep(): House {
    return (this.#house ??= houseOf(settingsOfObject(() => this.options(this.env), parsePoolOptions)));
  }
}

/**
 * For unmodified drivers: a connector that opens sockets into the pool object, which speaks to them as a PgBouncer in
 * transaction mode does. All sockets of a request lead to one object, because a driver cancels by a socket of its own. Needs a
 * runtime that passes sockets to Durable Objects.
 *
 * @throws LandlineError `POOL_UNSUPPORTED` where it does not.
 *
 * @example
 * import { postgres } from "@landline/postgres";
 * const sql = postgres({ url: "postgres://any@pool/any?sslmode=disable", connect: poolConnector(env.PG) });
 */
export function poolConnector(binding: PoolNamespace, options: ShardOptions = {}): Connector {
  const shards = new Shards(binding, options, { name: "poolConnector", binding: "env.PG" });
  const shard = new ContextLocal(() => shards.pick());
  return () => {
    const stub = shard.get().stub() as { connect(address: string): Partial<Socket> };
    const socket = stub.connect("pool:5432");
    // Where there is no such thing, a stub takes it for a method of the object.
    if (socket.readable instanceof ReadableStream) return socket as Socket;
    throw durableError("POOL_UNSUPPORTED", "unsent", "this runtime opens no sockets to Durable Objects");
  };
}

function houseOf(settings: PoolSettings): House {
  const backends = new Backends(settings);
  return { backends, ears: new Ears(backends) };
}
