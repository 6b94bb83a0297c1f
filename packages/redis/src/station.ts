// What a client has in one I/O context: the connection of its commands, its subscriptions, and connections of their own
// for what cannot share one. On Workers a connection belongs to the request that opened it, and so each request has its
// own station.

import { Observation, poolObserver } from "@landline/core";
import { ContextLocal, Pool } from "@landline/core/pool";
import type { Lease, PoolInit } from "@landline/core/pool";
import type { ReplyCache } from "./cache.ts";
import { Single } from "./flights.ts";
import type { Flight } from "./flights.ts";
import { Line } from "./line.ts";
import { Link } from "./link.ts";
import type { Patience } from "./line.ts";
import { clientAttributes } from "./observe.ts";
import type { OpenSession } from "./open.ts";
import type { Settings } from "./options.ts";
import { BYTES_FORMAT, DEFAULT_FORMAT } from "./protocol/messages.ts";
import type { OwnSession } from "./session.ts";
import { Subscriptions } from "./subscriptions.ts";

export class Station {
  readonly link: Link;
  readonly subscriptions: Subscriptions;
  readonly cache: ReplyCache | undefined;
  /** Connections on which keys were watched since they were lent. */
  readonly watched: WeakSet<OwnSession> = new WeakSet();
  readonly #pool: Pool<OwnSession>;
  readonly #blocked = new Set<Line>();

  constructor(settings: Settings, openSession: OpenSession) {
    const observation = new Observation("connect", settings.observe, clientAttributes(settings));
    const open: OpenSession = (signal, options) => observation.run("connect", () => openSession(signal, options));
    const linkOf = (subscriber: boolean): Link => {
      const link: Link = new Link(
        (signal) =>
          open(signal, {
            subscriber,
            pushFormat: BYTES_FORMAT,
            tracking: this.cache !== undefined && !subscriber,
            onPush: (items) => {
              this.cache?.push(items);
              this.subscriptions.push(items);
            },
            onLost: () => left(),
          }),
        {
          maxWaiting: settings.maxWaiting,
          failFast: settings.failFast,
          onLeft: () => left(),
        },
      );
      const left = (): void => {
        if (!subscriber) this.cache?.flush();
        this.subscriptions.lost(link);
      };
      return link;
    };
    this.cache = settings.cache?.((flight, patience) => this.link.send(flight, patience));
    this.link = linkOf(false);
    this.subscriptions = new Subscriptions(this.link, () => linkOf(true));
    this.#pool = poolOf(settings, this.watched, {
      open,
      observe: poolObserver(settings.observe, observation.attributes),
    });
  }

  /** A connection of the caller's own. */
  lease({ timeout, signal }: Patience): Promise<Lease<OwnSession>> {
    return this.#pool.acquire(timeout === Infinity ? { signal } : { timeout, signal });
  }

  /** Sends what waits `milliseconds` for something to happen (0: for ever), on a connection of its own. */
  async block(flight: Flight, patience: Patience, milliseconds: number): Promise<void> {
    let lease: Lease<OwnSession>;
    try {
      lease = await this.lease(patience);
    } catch (error) {
      return flight.fail(error);
    }
    const line = new Line(lease.resource);
    this.#blocked.add(line);
    const timeout = milliseconds === 0 ? Infinity : milliseconds + patience.timeout;
    flight.settled = () => {
      this.#blocked.delete(line);
      lease.release();
    };
    line.send(flight, { timeout, signal: patience.signal });
  }

  /** What blocks is given up; what else is under way still comes in. */
  async end(): Promise<void> {
    this.#pool.close();
    this.cache?.flush();
    for (const line of this.#blocked) line.cut();
    await Promise.all([this.subscriptions.end(), this.link.end()]);
  }
}

function poolOf(
  settings: Settings,
  watched: WeakSet<OwnSession>,
  { open, observe }: { readonly open: OpenSession } & PoolInit,
): Pool<OwnSession> {
  const deaths = new WeakMap<OwnSession, () => void>();
  return new Pool<OwnSession>(
    {
      create: async (signal) => {
        const connection: OwnSession = await open(signal, {
          onLost: () => deaths.get(connection)?.(),
        });
        return connection;
      },
      destroy: (connection) => connection.release(),
      isAlive: (connection) => connection.alive,
      validate: async (connection) => (await ask(connection, "PING", settings.connectTimeout)) === "PONG",
      reset: async (connection) => {
        if (!watched.delete(connection)) return true;
        return (await ask(connection, "UNWATCH", settings.connectTimeout)) === "OK";
      },
      watch: (connection, died) => deaths.set(connection, died),
    },
    settings.pool,
    observe === undefined ? {} : { observe },
  );
}

function ask(connection: OwnSession, command: string, timeout: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const order = { command: [command], facts: undefined } as const;
    new Line(connection).send(new Single(order, DEFAULT_FORMAT, resolve, reject), { timeout, signal: undefined });
  });
}

/** The station of each I/O context, and the end of them all. */
export class Stations {
  readonly #stations: ContextLocal<Station>;
  #ended = false;

  constructor(settings: Settings, openSession: OpenSession) {
    this.#stations = new ContextLocal(() => new Station(settings, openSession));
  }

  get(): Station {
    const station = this.#stations.get();
    if (this.#ended) void station.end();
    return station;
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#stations.peek()?.end();
  }
}
