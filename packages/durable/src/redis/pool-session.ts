// The object's side of a session with one Worker.

import { RpcTarget } from "cloudflare:workers";
import { errorData } from "../error-data.ts";
import { trace, wayOf, type Traces } from "./commands.ts";
import { redisErrors } from "./errors.ts";
import type { House } from "./house.ts";
import { HeldTunnel } from "./leased.ts";
import type { LeaseReply, RemoteSession, Reply } from "./rpc.ts";
import { SharedPipe } from "./shared-pipe.ts";

const EMPTY = new Uint8Array(0);

/** @internal */
export class PoolSession extends RpcTarget implements RemoteSession {
  readonly #house: () => House;

  constructor(house: () => House) {
    super();
    this.#house = house;
  }

  async run(commands: Uint8Array, count: number, timeout: number): Promise<Reply> {
    try {
      const house = this.#house();
      const way = wayOf(commands, count);
      const bytes =
        way === "shared" ? await house.share(commands, count, timeout) : await alone(house, commands, count, timeout);
      return { bytes, load: house.load };
    } catch (error) {
      return { bytes: EMPTY, error: errorData(error, redisErrors, "unsent") };
    }
  }

  async lease(timeout: number, subscriber: boolean): Promise<LeaseReply> {
    try {
      const house = this.#house();
      const { leaseTimeout, leaseIdleTimeout: idleTimeout } = house.settings;
      const lease = await house.lease(timeout);
      const held = new HeldTunnel(lease, house.deadlines, { timeout: leaseTimeout, idleTimeout, subscriber });
      return { lease: held, facts: lease.resource.facts, readable: held.outlet.readable };
    } catch (error) {
      return { error: errorData(error, redisErrors, "unsent") };
    }
  }
}

/** Commands that cannot go over the shared connection, on one that is theirs meanwhile. */
async function alone(house: House, commands: Uint8Array, count: number, timeout: number): Promise<Uint8Array> {
  const lease = await house.lease(timeout);
  const tunnel = lease.resource;
  const traces: Traces = { watched: false, spoilt: false };
  const { maxInFlight, maxReplyBytes, runTimeout } = house.settings;
  const limits = { maxInFlight, maxReplyBytes, stallTimeout: runTimeout };
  let clean = false;
  try {
    trace(commands, traces, false);
    const bytes = await new SharedPipe(tunnel.wire, limits, house.deadlines).run(
      commands,
      count,
      Math.min(timeout, runTimeout),
    );
    clean = !traces.spoilt && !traces.watched;
    return bytes;
  } finally {
    tunnel.sink = undefined;
    if (clean) lease.release();
    else lease.destroy();
  }
}
