// What a client has in one I/O context: the connection of its commands and its subscriptions. On Workers a connection
// belongs to the request that opened it, and so each request has its own station.

import { ContextLocal } from "@landline/core/pool";
import { Link } from "./link.ts";
import { openConnection } from "./open.ts";
import type { Settings } from "./options.ts";
import { BYTES_FORMAT } from "./protocol/messages.ts";
import { Subscriptions } from "./subscriptions.ts";

export class Station {
  readonly link: Link;
  readonly subscriptions: Subscriptions;

  constructor(settings: Settings) {
    const linkOf = (subscriber: boolean): Link => {
      const link: Link = new Link(
        (signal) =>
          openConnection(settings, signal, {
            subscriber,
            pushFormat: BYTES_FORMAT,
            onPush: (items) => this.subscriptions.push(items),
            onLost: () => this.subscriptions.lost(link),
          }),
        settings.connection.maxWaiting,
      );
      return link;
    };
    this.link = linkOf(false);
    this.subscriptions = new Subscriptions(this.link, () => linkOf(true));
  }

  async end(): Promise<void> {
    await Promise.all([this.subscriptions.end(), this.link.end()]);
  }
}

/** The station of each I/O context, and the end of them all. */
export class Stations {
  readonly #stations: ContextLocal<Station>;
  #ended = false;

  constructor(settings: Settings) {
    this.#stations = new ContextLocal(() => new Station(settings));
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
