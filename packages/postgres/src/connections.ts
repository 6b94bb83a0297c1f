// Sessions from connections of our own: the pool of core, with the hooks of Postgres.

import { ClosedError, Observation, poolObserver } from "@landline/core";
import { Pool, type Lease } from "@landline/core/pool";
import { openConnection, type Connection } from "./connection.ts";
import { clientAttributes, failureOf } from "./observe.ts";
import type { Settings } from "./options.ts";
import { unsupported } from "./listen.ts";
import type { AcquireSession, Load, OwnSession, Session, Sessions } from "./session.ts";

const DEFAULT_MAX = 10;
/** A Worker has six connections to open at a time; one stays free for a cancellation. */
const WORKERD_MAX = 5;
/** A caller waits a little longer than making a connection may take, so that he hears what went wrong with that. */
const GRACE = 1_000;
/** Whoever wants something of a closed pool is to hear so from the pool. */
const CLOSED: Load = { spare: 1, coming: 0, waiting: 0 };

/** A pool of connections. Opens nothing and starts no timer before the first `acquire`. */
export class Connections implements Sessions {
  readonly #settings: Settings;
  readonly #observation: Observation;
  readonly #max: number;
  readonly #open = new Map<Session, Connection>();
  #made: Pool<Session> | undefined;
  #closed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#observation = new Observation("connect", settings.observe, clientAttributes(settings));
    this.#max = settings.max ?? (onWorkerd() ? WORKERD_MAX : DEFAULT_MAX);
  }

  acquire({ signal }: AcquireSession): Promise<Lease<Session>> {
    return this.#pool().acquire({ signal });
  }

  load(): Load {
    if (this.#closed) return CLOSED;
    const { leased, creating, waiting } = this.#pool().stats();
    return { spare: this.#max - leased - creating, coming: creating, waiting };
  }

  async open({ signal }: { readonly signal?: AbortSignal | undefined }): Promise<OwnSession> {
    if (this.#settings.pooling === "transaction") throw unsupported();
    if (this.#closed) throw new ClosedError("the client has been ended", { code: "CLOSED", outcome: "unsent" });
    return this.#connect(signal);
  }

  async close({ timeout }: { readonly timeout: number }): Promise<void> {
    const pool = this.#pool();
    if (this.#closed && timeout === 0) return;
    this.#closed = true;
    if (timeout === 0) pool.close();
    else await pool.drain({ timeout });
  }

  #pool(): Pool<Session> {
    return (this.#made ??= this.#make());
  }

  #make(): Pool<Session> {
    const { pool, connectTimeout, observe } = this.#settings;
    return new Pool<Session>(
      {
        create: async (signal) => {
          const connection = await this.#connect(signal);
          this.#open.set(connection.session, connection);
          return connection.session;
        },
        destroy: async (session) => {
          const connection = this.#open.get(session);
          this.#open.delete(session);
          await connection?.close();
        },
        isAlive: (session) => session.alive,
        watch: (session, died) => {
          const connection = this.#open.get(session);
          if (connection !== undefined) connection.session.listeners.end = died;
        },
      },
      {
        acquireTimeout: connectTimeout + GRACE,
        ...pool,
        max: this.#max,
        createTimeout: Infinity, // connectTimeout bounds it, and says more about what took so long
      },
      { observe: poolObserver(observe, this.#observation.attributes) },
    );
  }

  /** What is told of it ends with the login, also where a query has gone out before the server's answer to that. */
  async #connect(signal: AbortSignal | undefined): Promise<Connection> {
    if (!this.#observation.on) return openConnection(this.#settings, signal);
    const tell = this.#observation.begin("connect", {});
    try {
      const connection = await openConnection(this.#settings, signal);
      void connection.loggedIn.then((error) => tell(error === undefined ? {} : failureOf(error)));
      return connection;
    } catch (error) {
      tell(failureOf(error));
      throw error;
    }
  }
}

function onWorkerd(): boolean {
  return (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent === "Cloudflare-Workers";
}
