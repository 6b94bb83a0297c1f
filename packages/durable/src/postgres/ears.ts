// LISTEN for everybody: one connection of the pool listens to the channels of all Workers that ask for it, and each of them
// gets what it wants as a stream. The connection goes back when the last of them is gone.

import type { Deadline } from "@landline/core";
import { RpcTarget } from "cloudflare:workers";
import { PostgresError } from "@landline/postgres";
import { BackendDecoder, listenText, serverReport, type BackendMessage } from "@landline/postgres/wire";
import { errorData, type ErrorData } from "../error-data.ts";
import { Outlet } from "../outlet.ts";
import type { Backends } from "./backends.ts";
import { durableError } from "../durable-error.ts";
import { postgresErrors } from "./errors.ts";
import type { Landing } from "./flight.ts";
import type { EarReply, RemoteEar } from "./rpc.ts";
import type { Tenure } from "./tenure.ts";

/** A Worker that is behind by more is told of a gap, by the end of its stream. */
const MAX_EXCESS_BYTES = 256 * 1024;
const MAX_CHANNEL_BYTES = 63;
const DEFAULT_LIFETIME = 600_000;
const encoder = new TextEncoder();

/** All who listen, of one object. */
export class Ears {
  readonly #backends: Backends;
  readonly #channels = new Map<string, Set<HeldEar>>();
  readonly #ears = new Set<HeldEar>();
  #tenure: Promise<Tenure> | undefined;
  #life: Deadline | undefined;

  constructor(backends: Backends) {
    this.#backends = backends;
  }

  /** How many Workers listen. */
  get size(): number {
    return this.#ears.size;
  }

  async open(): Promise<EarReply> {
    const ear = new HeldEar(this);
    this.#ears.add(ear);
    try {
      await this.#connected();
      return { ear, readable: ear.outlet.readable };
    } catch (error) {
      this.leave(ear);
      return { error: errorData(error, postgresErrors, "unsent") };
    }
  }

  /** @throws what the server says against it; TypeError for what is no channel. */
  async join(ear: HeldEar, channels: readonly string[]): Promise<void> {
    for (const channel of channels) checkChannel(channel);
    const tenure = await this.#connected();
    const fresh = channels.filter((channel) => !this.#channels.has(channel));
    for (const channel of channels) {
      const ears = this.#channels.get(channel) ?? new Set();
      this.#channels.set(channel, ears.add(ear));
    }
    // Also for channels that are known: the answer tells that those before have been listened to, too.
    const text = fresh.length > 0 ? listenText(fresh) : "";
    try {
      throwIfRefused(await tenure.command(text));
    } catch (error) {
      for (const channel of channels) this.#drop(ear, channel);
      throw error;
    }
  }

  async part(ear: HeldEar, channel: string): Promise<void> {
    if (!this.#drop(ear, channel) || this.#tenure === undefined) return;
    const tenure = await this.#tenure;
    // Somebody may have come back for it meanwhile.
    if (!this.#channels.has(channel)) await tenure.command(`un${listenText([channel])}`);
  }

  /** One Worker listens no more. */
  leave(ear: HeldEar): void {
    if (!this.#ears.delete(ear)) return;
    ear.outlet.end();
    if (this.#ears.size === 0) return this.#end();
    for (const channel of this.#channels.keys()) void this.part(ear, channel).catch(() => {});
  }

  #drop(ear: HeldEar, channel: string): boolean {
    const ears = this.#channels.get(channel);
    if (ears?.delete(ear) !== true || ears.size > 0) return false;
    return this.#channels.delete(channel);
  }

  #connected(): Promise<Tenure> {
    return (this.#tenure ??= this.#connect().catch((error: unknown) => {
      this.#tenure = undefined;
      throw error;
    }));
  }

  async #connect(): Promise<Tenure> {
    const { pool } = this.#backends.settings;
    if ((pool.max ?? 0) < 2) {
      throw durableError(
        "POOL_UNSUPPORTED",
        "unsent",
        "listening takes one of the pool's connections for itself, and this pool has only one: raise max",
      );
    }
    const tenure = await this.#backends.acquire(undefined);
    tenure.listen((channel, payload, processId) => this.#tell(channel, payload, processId));
    tenure.watch(() => this.#end());
    // A connection has a longest life. Its end is a gap to those who listen, and they come back at once.
    this.#life = this.#backends.deadlines.guard(pool.maxLifetime ?? DEFAULT_LIFETIME, undefined, () => this.#end());
    return tenure;
  }

  #tell(channel: string, payload: string, processId: number): void {
    const ears = this.#channels.get(channel);
    if (ears === undefined) return;
    const line = encoder.encode(`${JSON.stringify([channel, payload, processId])}\n`);
    for (const ear of ears) {
      ear.outlet.push(line);
      if (ear.outlet.excess > MAX_EXCESS_BYTES) this.leave(ear);
    }
  }

  /** Gives the connection back, and tells everybody who listens that it is over. */
  #end(): void {
    const tenure = this.#tenure;
    this.#tenure = undefined;
    this.#life?.clear();
    this.#channels.clear();
    for (const ear of this.#ears) ear.outlet.end();
    this.#ears.clear();
    void tenure?.then(
      (own) => {
        own.soil();
        own.listen(undefined);
        own.finish();
      },
      () => {},
    );
  }
}

/** @internal */
class HeldEar extends RpcTarget implements RemoteEar {
  /** An own property, which RPC does not reach. */
  readonly outlet: Outlet;
  readonly #ears: Ears;

  constructor(ears: Ears) {
    super();
    this.#ears = ears;
    this.outlet = new Outlet({ pull: () => {}, cancel: () => this.#ears.leave(this) });
  }

  async listen(channels: readonly string[]): Promise<ErrorData | undefined> {
    try {
      await this.#ears.join(this, channels);
      return undefined;
    } catch (error) {
      return errorData(error, postgresErrors, "unsent");
    }
  }

  async unlisten(channel: string): Promise<void> {
    await this.#ears.part(this, channel);
  }

  close(): Promise<void> {
    this.#ears.leave(this);
    return Promise.resolve();
  }

  [Symbol.dispose](): void {
    this.#ears.leave(this);
  }
}

function checkChannel(channel: unknown): void {
  const good =
    typeof channel === "string" &&
    channel !== "" &&
    !channel.includes("\0") &&
    encoder.encode(channel).length <= MAX_CHANNEL_BYTES;
  if (!good) throw durableError("POOL_UNSUPPORTED", "unsent", "this cannot be the name of a channel");
}

function throwIfRefused({ bytes, error }: Landing): void {
  if (error !== undefined) throw error;
  new BackendDecoder().push(bytes, {
    row: () => {},
    copyData: () => {},
    message: (message: BackendMessage) => {
      if (message.type !== "errorResponse") return;
      throw new PostgresError(serverReport(message.fields), { outcome: "refused" });
    },
  });
}
