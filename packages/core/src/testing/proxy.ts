// A TCP proxy that breaks connections on purpose, for tests on Node, Deno and Bun. It listens on loopback only, and each
// connection gets a plan of its own: what to delay, cut, stall, end, reset or corrupt. The same seed makes the same plans.

import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { parseAddress } from "../address.ts";
import type { AnySocketAddress } from "../socket.ts";
import { checkFaults, type Faults } from "./faults.ts";
import { Lane } from "./lane.ts";
import { type Random, seededRandom } from "./random.ts";

export { startBlackHole } from "./black-hole.ts";
export type { BlackHole } from "./black-hole.ts";
export type { Faults } from "./faults.ts";

/** What happens to one connection. Without anything, it passes everything on. */
export interface Plan {
  /** What the client sends. */
  readonly toServer?: Faults;
  /** What the server sends. */
  readonly toClient?: Faults;
  /**
   * What happens in place of a connection: `"silent"` accepts, listens, and never says a word; `"reset"` resets at once.
   * (A port that does not even accept: {@link startBlackHole}.)
   */
  readonly refuse?: "silent" | "reset";
}

/** What a plan is made from. */
export interface PlannedConnection {
  /** 0 for the first connection. */
  readonly index: number;
  /** Numbers of this connection's own: the seed and the index repeat them. */
  readonly random: Random;
}

/** Options of {@link startProxy}. */
export interface ProxyOptions {
  /** Where connections go. */
  readonly target: AnySocketAddress;
  /** The plan of each connection. Default: none, everything is passed on. */
  readonly plan?: Plan | ((connection: PlannedConnection) => Plan);
  /** For the random numbers of the plans. Default 1. */
  readonly seed?: number;
}

/** What a proxy has counted. */
export interface ProxyStats {
  /** Connections accepted so far. */
  readonly connections: number;
  /** Connections that are open now, through to the server. */
  readonly open: number;
  /** Sockets that are open now, of both sides. */
  readonly sockets: number;
  /** Bytes passed on. */
  readonly bytesToServer: number;
  readonly bytesToClient: number;
}

/** A running proxy. */
export interface FaultProxy extends AsyncDisposable {
  readonly hostname: string;
  readonly port: number;
  /** The counters, now. */
  stats(): ProxyStats;
  /** Another plan, for connections to come. */
  setPlan(plan: NonNullable<ProxyOptions["plan"]>): void;
  /** Resets every connection that is open. */
  resetAll(): void;
  /** Accepts no more, resets what is open, and frees the port. Idempotent. Rejects with what a plan has thrown. */
  close(): Promise<void>;
}

const HOST = "127.0.0.1";

/**
 * Starts a proxy on a free loopback port.
 * @throws TypeError when the target is not an address, or a fault not possible.
 *
 * @example
 * await using proxy = await startProxy({ target: "localhost:6379", plan: { toClient: { chunkBytes: 1, delay: 5 } } });
 */
export async function startProxy(options: ProxyOptions): Promise<FaultProxy> {
  const target = parseAddress(options.target);
  const { seed = 1 } = options;
  let planOf = plannerOf(options.plan);
  let emptied = (): void => {};
  let failure: { readonly error: unknown } | undefined;
  const links = new Set<Link>();
  let connections = 0;
  const counted = { toServer: 0, toClient: 0 };

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const index = connections++;
    let plan: Plan;
    try {
      plan = planOf({ index, random: seededRandom(seed, index) });
    } catch (error) {
      failure ??= { error };
      plan = { refuse: "reset" };
    }
    const link = new Link(client, plan, counted);
    links.add(link);
    link.open(target, () => {
      links.delete(link);
      if (links.size === 0) emptied();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: 0, host: HOST }, resolve);
  });
  let closing: Promise<void> | undefined;
  const resetAll = (): void => {
    for (const link of links) link.reset();
  };
  const close = (): Promise<void> =>
    (closing ??= (async () => {
      const empty = links.size === 0 ? undefined : new Promise<void>((resolve) => (emptied = resolve));
      const freed = new Promise<void>((resolve) => server.close(() => resolve()));
      resetAll();
      await Promise.all([empty, freed]);
      if (failure !== undefined) throw failure.error;
    })());
  return {
    hostname: HOST,
    port: (server.address() as AddressInfo).port,
    stats: () => ({
      connections,
      open: [...links].filter((link) => link.through).length,
      sockets: [...links].reduce((sum, link) => sum + link.sockets, 0),
      bytesToServer: counted.toServer,
      bytesToClient: counted.toClient,
    }),
    setPlan: (plan) => void (planOf = plannerOf(plan)),
    resetAll,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function plannerOf(plan: ProxyOptions["plan"] = {}): (connection: PlannedConnection) => Plan {
  if (typeof plan === "function") return (connection) => checked(plan(connection));
  checked(plan);
  return () => plan;
}

function checked(plan: Plan): Plan {
  checkFaults(plan.toServer ?? {});
  checkFaults(plan.toClient ?? {});
  return plan;
}

/** One connection: two sockets and two lanes. */
class Link {
  readonly #client: Socket;
  readonly #plan: Plan;
  readonly #counted: { toServer: number; toClient: number };
  /** Whether both sides are connected. */
  through = false;
  #lanes: readonly Lane[] = [];
  readonly #open = new Set<Socket>();

  constructor(client: Socket, plan: Plan, counted: { toServer: number; toClient: number }) {
    this.#client = client;
    this.#plan = plan;
    this.#counted = counted;
  }

  get sockets(): number {
    return this.#open.size;
  }

  open(target: { hostname: string; port: number }, closed: () => void): void {
    this.#watch(this.#client, closed);
    const { refuse, toServer = {}, toClient = {} } = this.#plan;
    if (refuse === "reset") return this.reset();
    if (refuse === "silent") return void this.#client.resume().once("end", () => this.#client.end());
    const server = connect({ host: target.hostname, port: target.port, allowHalfOpen: true, noDelay: true });
    this.#watch(server, closed);
    // Not before: what is written to a socket that is still connecting leaves in one piece.
    server.once("connect", () => {
      this.through = true;
      this.#lanes = [
        this.#lane(this.#client, server, toServer, "toServer"),
        this.#lane(server, this.#client, toClient, "toClient"),
      ];
      for (const lane of this.#lanes) lane.start();
    });
  }

  reset(): void {
    for (const lane of this.#lanes) lane.stop();
    for (const socket of this.#open) {
      // Node leaves a socket open that is reset while its FIN waits behind unsent bytes; closing it drops them as well.
      if (socket.connecting || (socket.writableEnded && !socket.writableFinished)) socket.destroy();
      else if (!socket.destroyed) socket.resetAndDestroy();
    }
  }

  #lane(source: Socket, destination: Socket, faults: Faults, name: "toServer" | "toClient"): Lane {
    return new Lane(source, destination, faults, {
      passed: (bytes) => (this.#counted[name] += bytes),
      reset: () => this.reset(),
    });
  }

  #watch(socket: Socket, closed: () => void): void {
    this.#open.add(socket);
    // A side that breaks breaks the other: what it would still have said has nobody to hear it.
    socket.on("error", () => this.reset());
    socket.on("close", () => {
      this.#open.delete(socket);
      this.through = false;
      if (this.#open.size > 0) return;
      for (const lane of this.#lanes) lane.stop();
      closed();
    });
  }
}
