// A connection that one Worker has for itself, for what blocks, watches or subscribes: bytes both ways. It is used again
// only when everything on it is answered and nothing is left on it.

import { ClosedError, type Deadline, type Deadlines } from "@landline/core";
import type { Lease } from "@landline/core/pool";
import type { Login } from "@landline/redis/wire";
import { RpcTarget } from "cloudflare:workers";
import { durableError } from "../durable-error.ts";
import { errorData, type ErrorData } from "../error-data.ts";
import { Outlet } from "../outlet.ts";
import { trace, type Traces } from "./commands.ts";
import { redisErrors } from "./errors.ts";
import { ReplyWalker } from "./reply-walker.ts";
import type { Facts, RemoteLease } from "./rpc.ts";
import type { PipeWire } from "./shared-pipe.ts";

/** Takes what a tunnel's server sends. */
interface TunnelSink {
  data(chunk: Uint8Array): void;
  end(cause: unknown): void;
}

/** A connection of the pool, between its loans. */
export class Tunnel {
  readonly facts: Facts;
  alive = true;
  onEnd: (() => void) | undefined;
  readonly transport: Login["transport"];
  sink: TunnelSink | undefined;

  constructor({ transport, facts }: Login) {
    const { protocol, server, version } = facts;
    this.facts = { protocol, server, version };
    this.transport = transport;
    transport.receive({
      data: (chunk) => this.sink?.data(chunk),
      end: () => {
        this.#end(new ClosedError("the server closed the connection", { code: "CONNECTION_LOST", outcome: "unknown" }));
        void transport.close();
      },
      error: (cause) => this.#end(cause),
    });
  }

  /** As what a pipe goes over, for as long as that is. */
  get wire(): PipeWire {
    const { transport } = this;
    return {
      receive: (sink) => {
        this.sink = { data: (chunk) => sink.data(chunk), end: (cause) => sink.error(cause) };
      },
      write: (bytes) => transport.write(bytes),
      abort: (reason) => transport.abort(reason),
      close: () => transport.close(),
    };
  }

  async close(): Promise<void> {
    this.#end(new ClosedError("the connection was closed", { code: "CLOSED", outcome: "unknown" }));
    await this.transport.close();
  }

  #end(cause: unknown): void {
    if (!this.alive) return;
    this.alive = false;
    this.sink?.end(cause);
    this.onEnd?.();
  }
}

/** How long a loan may last, in milliseconds. */
export interface LoanLimits {
  readonly timeout: number;
  /** Without anything under way. Not of subscribers. */
  readonly idleTimeout: number;
  readonly subscriber: boolean;
}

const UNWATCH = new TextEncoder().encode("*1\r\n$7\r\nUNWATCH\r\n");
const CLEAN_TIMEOUT = 2_000;

/** @internal */
export class HeldTunnel extends RpcTarget implements RemoteLease {
  /** Own properties, which RPC does not reach. */
  readonly outlet: Outlet;
  readonly #tunnel: Tunnel;
  readonly #lease: Lease<Tunnel>;
  readonly #deadlines: Deadlines;
  readonly #limits: LoanLimits;
  readonly #walker = new ReplyWalker();
  readonly #traces: Traces = { watched: false, spoilt: false };
  readonly #life: Deadline;
  #silence: Deadline | undefined;
  #outstanding = 0;
  #over: ErrorData | undefined;

  constructor(lease: Lease<Tunnel>, deadlines: Deadlines, limits: LoanLimits) {
    super();
    const tunnel = lease.resource;
    this.#lease = lease;
    this.#tunnel = tunnel;
    this.#deadlines = deadlines;
    this.#limits = limits;
    this.outlet = new Outlet({ pull: () => tunnel.transport.resume(), cancel: () => this.#end() });
    tunnel.sink = { data: (chunk) => this.#data(chunk), end: () => this.#end() };
    this.#life = deadlines.guard(limits.timeout, undefined, () =>
      this.#end(`it was held for over ${limits.timeout} ms`),
    );
    this.#listen();
  }

  async write(commands: Uint8Array): Promise<ErrorData | undefined> {
    if (this.#over !== undefined) return this.#over;
    try {
      this.#outstanding += trace(commands, this.#traces, this.#limits.subscriber);
    } catch (error) {
      return errorData(error, redisErrors, "unsent");
    }
    this.#silence?.clear();
    this.#tunnel.transport.write(commands);
    await this.#tunnel.transport.drained();
    return undefined;
  }

  release(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  [Symbol.dispose](): void {
    this.#end();
  }

  #data(chunk: Uint8Array): void {
    this.#walker.push(chunk, {
      reply: () => this.#outstanding--,
      push: () => {},
    });
    if (!this.outlet.push(chunk)) this.#tunnel.transport.pause();
    if (this.#outstanding <= 0) this.#listen();
  }

  #listen(): void {
    this.#silence?.clear();
    if (this.#limits.subscriber || this.#over !== undefined) return;
    const { idleTimeout } = this.#limits;
    this.#silence = this.#deadlines.guard(idleTimeout, undefined, () =>
      this.#end(`nothing was heard on it for over ${idleTimeout} ms`),
    );
  }

  #end(why = "it has been given back"): void {
    if (this.#over !== undefined) return;
    const error = durableError("LEASE_EXPIRED", "unsent", `the pool took its connection back, because ${why}`);
    this.#over = errorData(error, redisErrors, "unsent");
    this.#life.clear();
    this.#silence?.clear();
    this.outlet.end();
    this.#tunnel.sink = undefined;
    void this.#giveBack();
  }

  async #giveBack(): Promise<void> {
    const { watched, spoilt } = this.#traces;
    const tunnel = this.#tunnel;
    tunnel.transport.resume();
    if (!tunnel.alive || spoilt || this.#outstanding !== 0) return this.#lease.destroy();
    if (watched && !(await this.#unwatch())) return this.#lease.destroy();
    this.#lease.release();
  }

  #unwatch(): Promise<boolean> {
    const tunnel = this.#tunnel;
    return new Promise((resolve) => {
      const done = (clean: boolean): void => {
        late.clear();
        tunnel.sink = undefined;
        resolve(clean);
      };
      const late = this.#deadlines.guard(CLEAN_TIMEOUT, undefined, () => done(false));
      tunnel.sink = {
        data: (chunk) => this.#walker.push(chunk, { reply: () => done(chunk[0] === 0x2b), push: () => {} }),
        end: () => done(false),
      };
      tunnel.transport.write(UNWATCH);
    });
  }
}
