// What one Redis pool object keeps: the connection that all share, opened when it is needed and closed when it is not, and the
// pool of those that are leased. Opens nothing and starts no timer before somebody asks.

import { Deadlines, type Deadline } from "@landline/core";
import { Pool, type Lease } from "@landline/core/pool";
import { logIn } from "@landline/redis/wire";
import { Tunnel } from "./leased.ts";
import type { PoolSettings } from "./options.ts";
import { SharedPipe } from "./shared-pipe.ts";

const STALL_TIMEOUT = 10_000;

/** Connections to one server. */
export class House {
  readonly settings: PoolSettings;
  /** One timer for everything that is lent. */
  readonly deadlines: Deadlines = new Deadlines();
  readonly #tunnels: Pool<Tunnel>;
  #pipe: SharedPipe | undefined;
  #opening: Promise<SharedPipe> | undefined;
  #idle: Deadline | undefined;
  #retireAt = 0;
  #opened = 0;
  #commands = 0;

  constructor(settings: PoolSettings) {
    this.settings = settings;
    this.#tunnels = new Pool<Tunnel>(
      {
        create: async (signal) => new Tunnel(await logIn(settings.redis, signal)),
        destroy: (tunnel) => tunnel.close(),
        isAlive: (tunnel) => tunnel.alive,
        watch: (tunnel, died) => (tunnel.onEnd = died),
      },
      settings.pool,
    );
  }

  /** Runs commands on the connection that all share. */
  async share(commands: Uint8Array, count: number, timeout: number): Promise<Uint8Array> {
    const pipe = this.#pipe?.alive === true && Date.now() < this.#retireAt ? this.#pipe : await this.#open();
    this.#idle?.clear();
    this.#commands += count;
    try {
      return await pipe.run(commands, count, Math.min(timeout, this.settings.runTimeout));
    } finally {
      if (pipe === this.#pipe && pipe.inFlight === 0) this.#rest(pipe);
    }
  }

  /** A connection that nobody else has. */
  lease(timeout: number): Promise<Lease<Tunnel>> {
    return this.#tunnels.acquire({ timeout });
  }

  /** Commands in flight, for each that there may be. */
  get load(): number {
    return (this.#pipe?.inFlight ?? 0) / this.settings.maxInFlight;
  }

  stats(): Readonly<Record<string, number>> {
    const { idle, leased, creating, waiting, created } = this.#tunnels.stats();
    return {
      shared: this.#pipe?.alive === true ? 1 : 0,
      inFlight: this.#pipe?.inFlight ?? 0,
      commands: this.#commands,
      idle,
      leased,
      creating,
      waiting,
      created: created + this.#opened,
    };
  }

  #open(): Promise<SharedPipe> {
    return (this.#opening ??= this.#connect().finally(() => (this.#opening = undefined)));
  }

  async #connect(): Promise<SharedPipe> {
    const { redis, maxInFlight, maxReplyBytes, maxLifetime } = this.settings;
    const old = this.#pipe;
    const { transport } = await logIn(redis, new AbortController().signal);
    const pipe = new SharedPipe(transport, { maxInFlight, maxReplyBytes, stallTimeout: STALL_TIMEOUT }, this.deadlines);
    this.#opened++;
    this.#pipe = pipe;
    this.#retireAt = Date.now() + maxLifetime * (0.9 + Math.random() / 10);
    // What is in flight on the one before is still answered.
    if (old?.alive === true) this.#retire(old);
    return pipe;
  }

  #retire(pipe: SharedPipe): void {
    if (pipe.inFlight === 0) return void pipe.close();
    this.deadlines.guard(this.settings.runTimeout, undefined, () => void pipe.close());
  }

  #rest(pipe: SharedPipe): void {
    this.#idle?.clear();
    this.#idle = this.deadlines.guard(this.settings.idleTimeout, undefined, () => {
      if (pipe.inFlight === 0) void pipe.close();
    });
  }
}
