// The backends of one object: the pool of core, filled by logins. Opens nothing and starts no timer before somebody asks.

import { Deadlines, poolObserver } from "@landline/core";
import { Pool, type Lease, type PoolStats } from "@landline/core/pool";
import { Backend } from "./backend.ts";
import { Dials } from "./dials.ts";
import type { PoolSettings } from "./options.ts";
import { Tenure, type TenureCounts } from "./tenure.ts";

const DEFAULT_DIALS = 4;

/** Lends backends. */
export class Backends {
  readonly settings: PoolSettings;
  /** One timer for everything that is lent. */
  readonly deadlines: Deadlines = new Deadlines();
  readonly #pool: Pool<Backend>;
  readonly #dials: Dials;
  readonly #counts: TenureCounts = { loans: 0, refused: 0, expired: 0, cancelled: 0, resets: 0, destroyed: 0 };
  #parameters: ReadonlyMap<string, string> | undefined;

  constructor(settings: PoolSettings) {
    const { postgres, pool, maxReplyBytes, maxStatements } = settings;
    this.settings = settings;
    this.#dials = new Dials(
      pool.maxCreating ?? DEFAULT_DIALS,
      (signal) => Backend.open(postgres, { maxReplyBytes, maxStatements }, signal),
      () => this.#pool.stats(),
    );
    this.#pool = new Pool<Backend>(
      {
        create: (signal) => this.#dials.dial(signal),
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
    let lease: Lease<Backend>;
    try {
      lease = await this.#pool.acquire({ signal });
    } catch (error) {
      this.#counts.refused++;
      throw error;
    }
    this.#counts.loans++;
    const { cancelTimeout } = this.settings.postgres;
    return new Tenure(lease, { deadlines: this.deadlines, cancelTimeout, counts: this.#counts });
  }

  /** What the server told of itself at a login. @throws as {@link acquire}. */
  async parameters(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    if (this.#parameters !== undefined) return this.#parameters;
    const tenure = await this.acquire(signal);
    this.#parameters = tenure.backend.parameters;
    tenure.finish();
    return this.#parameters;
  }

  /** Counts of connections; `refusedDials`: how often the server had none left; what has become of loans, since the start. */
  stats(): PoolStats & Readonly<Record<keyof TenureCounts | "refusedDials", number>> {
    return { ...this.#pool.stats(), refusedDials: this.#dials.refused, ...this.#counts };
  }

  /** Whether {@link acquire} would have to wait. */
  get busy(): boolean {
    const { idle, waiting } = this.#pool.stats();
    return idle === 0 || waiting > 0;
  }

  /** Callers that wait and connections that are lent, for each connection that there may be. */
  get load(): number {
    const { leased, waiting } = this.#pool.stats();
    return (leased + waiting) / (this.settings.pool.max ?? 1);
  }
}
