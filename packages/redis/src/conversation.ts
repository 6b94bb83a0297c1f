// What can be said over a connection, whosever it is: commands, pipelines, transactions. The base of the client, and of
// a connection that is reserved.

import type { Observation } from "@landline/core";
import { Collector } from "./batch.ts";
import type { Batch } from "./batch.ts";
import type { Key, Shape } from "./command-types.ts";
import { factsOf, installCommands } from "./commands.ts";
import { Pipeline, Single, Transaction } from "./flights.ts";
import type { Flight, Order } from "./flights.ts";
import type { Commands } from "./generated/commands.ts";
import type { Patience } from "./line.ts";
import { observeCommands } from "./observe.ts";
import { checkOptions, formatOf } from "./options.ts";
import type { CallOptions, FormatOptions } from "./options.ts";
import { checkArguments } from "./protocol/encoder.ts";
import type { Argument, Reply, ReplyFormat } from "./protocol/messages.ts";
import { isUnknownScript } from "./script.ts";
import type { Script } from "./script.ts";
import { blockingTime, refuseUnshareable } from "./refusals.ts";

interface Integers {
  readonly number: number;
  readonly bigint: bigint;
  readonly string: string;
}

/** The {@link Shape} of a client that is not told otherwise. */
export interface TextShape extends Shape {
  readonly string: string;
  readonly integer: number;
}

/** The {@link Shape} that options `O` give, and `S` where they are silent. */
export type ShapeOf<O extends FormatOptions, S extends Shape = TextShape> = {
  readonly string: O extends { readonly bytes: infer B extends boolean }
    ? B extends true
      ? Uint8Array
      : string
    : S["string"];
  readonly integer: O extends { readonly integers: infer I extends keyof Integers } ? Integers[I] : S["integer"];
};

/** What can be said to a server. */
export interface Conversation<S extends Shape> extends Commands<S, undefined>, AsyncDisposable {
  /**
   * Any command, by name; its words and arguments as in the command reference. Never sent twice.
   * @throws TypeError for one that changes what the connection is (SUBSCRIBE, MULTI, SELECT, …).
   * @example
   * await kv.call("JSON.GET", "doc");
   */
  call(name: string, ...args: Argument[]): Promise<Reply>;
  /** Runs a script, which travels only where the server does not know it yet. */
  run(script: Script, keys?: readonly Key[], args?: readonly Argument[]): Promise<Reply>;
  /** Collects commands and sends them in one piece; each has its own result. */
  pipeline(): Batch<S, []>;
  /** Collects commands and sends them as one transaction, in one piece. */
  multi(): Batch<S, []>;
}

/** How a view waits. */
export interface Manner extends Patience {
  readonly maxQueued: number | undefined;
  readonly onAttributes: CallOptions["onAttributes"];
  readonly cacheFor: CallOptions["cacheFor"];
}

/** Where flights go. */
export interface Carrier {
  /** Whether the connection belongs to the caller. */
  readonly own: boolean;
  /** Scripts that the server has been given. It may forget them. */
  readonly scripts: WeakSet<Script>;
  /** A read by way of a cache, where there is one and the command is for it. */
  cached?(order: Order, format: ReplyFormat, patience: Patience, milliseconds: number): Promise<unknown> | undefined;
  /** Who hears of commands. */
  readonly observation: Observation;
  send(flight: Flight, patience: Patience): void;
  /** What waits `milliseconds` for something to happen, 0 for ever. */
  block(flight: Flight, patience: Patience, milliseconds: number): void;
}

/** The conversation behind {@link Conversation}. */
export class Talk<C extends Carrier> {
  protected readonly carrier: C;
  protected readonly format: ReplyFormat;
  protected readonly manner: Manner;

  constructor(carrier: C, format: ReplyFormat, manner: Manner) {
    this.carrier = carrier;
    this.format = format;
    this.manner = manner;
  }

  async call(name: string, ...args: Argument[]): Promise<unknown> {
    const command = [name, ...args] as const;
    const facts = factsOf(command);
    this.#refuse({ command, facts });
    return this.#send({ command, facts: undefined }, blockingTime(command, facts));
  }

  async run(script: Script, keys: readonly Argument[] = [], args: readonly Argument[] = []): Promise<unknown> {
    const rest = [keys.length, ...keys, ...args];
    checkArguments(["EVALSHA", ...rest]);
    const suffix = script.readonly ? "_RO" : "";
    const known = [`EVALSHA${suffix}`, await script.sha(), ...rest] as const;
    const { scripts } = this.carrier;
    try {
      const reply = await this.#send({ command: known, facts: factsOf(known) }, undefined);
      scripts.add(script);
      return reply;
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
    }
    const whole = [`EVAL${suffix}`, script.source, ...rest] as const;
    const reply = await this.#send({ command: whole, facts: factsOf(whole) }, undefined);
    scripts.add(script);
    return reply;
  }

  pipeline(): Collector {
    return new Collector((orders) => this.#pipe(orders));
  }

  multi(): Collector {
    return new Collector((orders) => this.#fly(Transaction, orders));
  }

  with(options: CallOptions): this {
    const manner = { ...this.manner, ...options };
    checkOptions(manner);
    const { timeout, signal, maxQueued, onAttributes, cacheFor } = manner;
    const Kind = this.constructor as new (carrier: C, format: ReplyFormat, manner: Manner) => this;
    return new Kind(this.carrier, formatOf(options, this.format), {
      timeout,
      signal,
      maxQueued,
      onAttributes,
      cacheFor,
    });
  }

  /** @internal */
  order(order: Order): Promise<unknown> {
    if (order.facts?.careful !== true) return this.#send(order, undefined);
    return this.#carefully(order);
  }

  async #carefully(order: Order): Promise<unknown> {
    this.#refuse(order);
    return this.#send(order, blockingTime(order.command, order.facts));
  }

  #refuse({ command, facts }: Order): void {
    refuseUnshareable(command, facts, this.carrier.own ? "reserved" : "shared");
  }

  #send(order: Order, time: number | undefined): Promise<unknown> {
    const answer = new Promise<unknown>((resolve, reject) => {
      // A throw in here rejects: what a caller began beside this one is then still awaited.
      checkArguments(order.command);
      const { cacheFor } = this.manner;
      if (cacheFor !== undefined && time === undefined) {
        const cached = this.carrier.cached?.(order, this.format, this.manner, cacheFor);
        if (cached !== undefined) return resolve(cached);
      }
      const flight = new Single(order, this.format, resolve, reject, this.manner.onAttributes);
      if (time === undefined) this.carrier.send(flight, this.manner);
      else this.carrier.block(flight, this.manner, time);
    });
    const { observation } = this.carrier;
    if (observation.on) observeCommands(observation, [order.command], undefined, answer);
    return answer;
  }

  /** Scripts that the server has been given go by their SHA-1; those that it has forgotten go again, whole, behind the rest. */
  async #pipe(orders: readonly Order[]): Promise<readonly unknown[]> {
    if (!orders.some(({ script }) => script !== undefined)) return this.#fly(Pipeline, orders);
    const { scripts } = this.carrier;
    const short = await Promise.all(
      orders.map(async (order) => {
        const { command, script } = order;
        if (script === undefined || !scripts.has(script)) return order;
        const [name, , ...rest] = command;
        return { command: [name.replace("L", "LSHA"), await script.sha(), ...rest] as const, facts: undefined };
      }),
    );
    const results = [...(await this.#fly(Pipeline, short))];
    const forgotten = orders.flatMap((order, index) => {
      if (order.script !== undefined) scripts.add(order.script);
      return short[index] !== order && isUnknownScript(results[index]) ? [index] : [];
    });
    if (forgotten.length === 0) return results;
    const again = await this.#fly(
      Pipeline,
      forgotten.map((index) => orders[index] as Order),
    );
    for (const [position, index] of forgotten.entries()) results[index] = again[position];
    return results;
  }

  #fly(Kind: typeof Pipeline | typeof Transaction, orders: readonly Order[]): Promise<readonly unknown[]> {
    const answer = new Promise<readonly unknown[]>((resolve, reject) => {
      this.carrier.send(new Kind(orders, this.format, resolve, reject), this.manner);
    });
    const { observation } = this.carrier;
    if (observation.on) {
      const commands = orders.map(({ command }) => command);
      observeCommands(observation, commands, Kind === Pipeline ? "PIPELINE" : "MULTI", answer);
    }
    return answer;
  }
}

installCommands(Talk.prototype, (self, facts, command) => self.order({ command, facts }));
