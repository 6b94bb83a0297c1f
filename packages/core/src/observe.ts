// What clients tell about their work: to the `observe` option, and to the tracing channels of node:diagnostics_channel where the
// runtime has that (reached without importing it). Names are OpenTelemetry's. Without a listener nothing is computed.

import type { PoolEvent } from "./pool/types.ts";

/** Facts about a piece of work, under the names of OpenTelemetry's semantic conventions. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** The kinds of work, each with a tracing channel `landline:<kind>`; of `pool`, moments rather than work. */
export type OperationKind = "connect" | "query" | "command" | "send" | "pool";

/** One piece of work, as it begins. Holds no secret and no parameter, unless {@link details} is called. */
export class Operation {
  readonly kind: OperationKind;
  /** The same for all work of its sort, as the name of a span should be. */
  readonly name: string;
  readonly attributes: Attributes;
  /** How it ended, once it has: for subscribers of the channels, whom nobody else tells. Not enumerable, as `error`. */
  declare readonly ended: OperationEnd | undefined;
  /** What it failed with, where the convention of tracing channels has it. */
  declare readonly error: unknown;
  readonly #details: (() => Attributes) | undefined;

  constructor(kind: OperationKind, name: string, attributes: Attributes, details?: () => Attributes) {
    this.kind = kind;
    this.name = name;
    this.attributes = attributes;
    this.#details = details;
  }

  /** What may be confidential: texts as they were written, parameters, addresses of people. Computed when it is called. */
  details(): Attributes {
    return this.#details?.() ?? {};
  }
}

/** How an operation ended. */
export interface OperationEnd {
  /** What it failed with. Its message may quote a parameter. */
  readonly error?: unknown;
  /** What is known at the end only, such as the number of rows. */
  readonly attributes?: Attributes;
}

/**
 * Hears of each operation as it begins, in the caller's own context; what it returns is called once, when that ends. What it
 * throws is reported on the console and changes nothing.
 */
export type Observer = (operation: Operation) => ((end: OperationEnd) => void) | void;

interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
}

/** What is used of node:diagnostics_channel's TracingChannel. */
type TracingChannel = Readonly<Record<"start" | "end" | "asyncStart" | "asyncEnd" | "error", Channel>>;

type DiagnosticsChannel = { tracingChannel(name: string): TracingChannel };

let channels: Map<OperationKind, TracingChannel> | undefined;

function channelOf(kind: OperationKind): TracingChannel | undefined {
  if (channels === undefined) {
    channels = new Map();
    const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
    const module = process?.getBuiltinModule?.("node:diagnostics_channel") as DiagnosticsChannel | undefined;
    if (module !== undefined) {
      for (const each of ["connect", "query", "command", "send", "pool"] as const) {
        channels.set(each, module.tracingChannel(`landline:${each}`));
      }
    }
  }
  return channels.get(kind);
}

/** Tells the observer of one client, and whoever has subscribed, of one kind of work. */
export class Observation {
  readonly #kind: OperationKind;
  readonly #observer: Observer | undefined;
  readonly #channel: TracingChannel | undefined;
  /** What all operations of the client have. */
  readonly attributes: Attributes;

  constructor(kind: OperationKind, observer: Observer | undefined, attributes: Attributes) {
    if (observer !== undefined && typeof observer !== "function") throw new TypeError("observe must be a function");
    this.#kind = kind;
    this.#observer = observer;
    this.#channel = channelOf(kind);
    this.attributes = attributes;
  }

  /** Whether anybody listens: to be asked before anything is computed. */
  get on(): boolean {
    if (this.#observer !== undefined) return true;
    const channel = this.#channel;
    if (channel === undefined) return false;
    return channel.start.hasSubscribers || channel.asyncEnd.hasSubscribers || channel.error.hasSubscribers;
  }

  /** An operation begins. What is returned is called once, when it ends. */
  begin(name: string, attributes: Attributes, details?: () => Attributes): (end: OperationEnd) => void {
    const operation = new Operation(this.#kind, name, { ...this.attributes, ...attributes }, details);
    const told = quietly(() => this.#observer?.(operation));
    const channel = this.#channel;
    channel?.start.publish(operation);
    channel?.end.publish(operation);
    return (end) => {
      if (typeof told === "function") quietly(() => told(end));
      // Not enumerable: whoever copies what he gets, as Workers do for Tail Workers, would copy the error's message with it.
      Object.defineProperties(operation, { ended: { value: end }, error: { value: end.error } });
      if (end.error !== undefined) channel?.error.publish(operation);
      channel?.asyncStart.publish(operation);
      channel?.asyncEnd.publish(operation);
    };
  }

  /** Follows `promise` to its end, without being in its way. */
  follow<T>(promise: Promise<T>, end: (end: OperationEnd) => void, attributes?: (value: T) => Attributes): void {
    promise.then(
      (value) => end(attributes === undefined ? {} : { attributes: attributes(value) }),
      (error: unknown) => end({ error }),
    );
  }

  /** Does `work`, and tells of it if anybody listens. */
  run<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (!this.on) return work();
    const end = this.begin(name, {});
    const promise = work();
    this.follow(promise, end);
    return promise;
  }
}

/** For a pool's `observe`: tells what happens in it, as operations of the kind `pool` that end as they begin. */
export function poolObserver(observer: Observer | undefined, attributes: Attributes): (event: PoolEvent) => void {
  const observation = new Observation("pool", observer, attributes);
  return (event) => {
    if (!observation.on) return;
    const reason = event.type === "retire" ? { "landline.pool.reason": event.reason } : {};
    const error = event.type === "createFailed" ? event.error : undefined;
    observation.begin(event.type, reason)(error === undefined ? {} : { error });
  };
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    console.error("an observer threw", error);
    return undefined;
  }
}
