// The backends of one object: the pool of core, filled by logins. Opens nothing and starts no timer before somebody asks.

import { Deadlines, poolObserver } from "@landline/core";
import { Pool, type PoolStats } from "@landline/core/pool";
import { Backend } from "./backend.ts";
import type { PoolSettings } from "./options.ts";
import { SlowStart } from "../slow-start.ts";
import { Tenure } from "./tenure.ts";

const DEFAULT_DIALS = 4;

/** Lends backends. */
export class Backends {
  readonly settings: PoolSettings;
  /** One timer for everything that is lent. */
  readonly deadlines: Deadlines = new Deadlines();
  readonly #pool: Pool<Backend>;
  #parameters: ReadonlyMap<string, string> | undefined;

  constructor(settings: PoolSettings) {
    const { postgres, pool, maxReplyBytes, maxStatements } = settings;
    this.settings = settings;
    const dials = new SlowStart(pool.maxCreating ?? DEFAULT_DIALS);
    this.#pool = new Pool<Backend>(
      {
        create: (signal) => dials.run(() => Backend.open(postgres, { maxReplyBytes, maxStatements }, signal)),
        destroy: (backend) => backend.close(),
        isAlive: (backend) => backend.alive,
        watch: (backend, died) => (backend.onEnd = died),
      },
      pool,
      { observe: poolObserver(postgres.observe, { "db.system.name": "postgresql" }) },
    );
  }

  /** Borrows one. @throws PoolError, what a login throws, or the signal's reason. */
  async acquire(signal: AbortSignal | undefined): Promise<Tenure> {
    const lease = await this.#pool.acquire({ signal });
    return new Tenure(lease, { deadlines: this.deadlines, cancelTimeout: this.settings.postgres.cancelTimeout });
  }

  /** What the server told of itself at a login. @throws as {@link acquire}. */
  async parameters(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    if (this.#parameters !== undefined) return this.#parameters;
    const tenure = await this.acquire(signal);
    this.#parameters = tenure.backend.parameters;
    tenure.finish();
    return this.#parameters;
  }

  stats(): PoolStats {
    return this.#pool.stats();
  }

  /** Callers that wait and connections that are lent, for each connection that there may be. */
  get load(): number {
    const { leased, waiting } = this.#pool.stats();
    return (leased + waiting) / (this.settings.pool.max ?? 1);
  }
}
