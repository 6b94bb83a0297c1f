// Commands that are collected and sent together: a pipeline, or a transaction.

import type { Key, Shape } from "./command-types.ts";
import { factsOf, installCommands } from "./commands.ts";
import type { CommandFacts } from "./commands.ts";
import type { RedisError } from "./errors.ts";
import type { Order } from "./flights.ts";
import type { Commands } from "./generated/commands.ts";
import { checkArguments } from "./protocol/encoder.ts";
import type { Argument, Command, Reply } from "./protocol/messages.ts";
import type { Script } from "./script.ts";
import { refuseUnshareable } from "./refusals.ts";

/** What each command of a batch came to: its value, or the error that it alone met. */
export type Results<Q extends readonly unknown[]> = { -readonly [K in keyof Q]: Q[K] | RedisError };

/** Collects commands; nothing is sent before `exec()`. */
export interface Batch<S extends Shape, Q extends readonly unknown[]> extends Commands<S, Q> {
  /** How many commands it holds. */
  readonly length: number;
  /** Any command, by name. */
  call(name: string, ...args: Argument[]): Batch<S, [...Q, Reply]>;
  /**
   * A script. A pipeline sends it once and then its SHA-1; where the server has forgotten it, it runs behind the others. A
   * transaction sends it whole, because there is no second try.
   */
  run(script: Script, keys?: readonly Key[], args?: readonly Argument[]): Batch<S, [...Q, Reply]>;
  /**
   * Sends all of them in one piece. An error reply to one command is that command's result; the promise rejects when the
   * whole was refused, or when its outcome is not known. A batch is sent once.
   */
  exec(): Promise<Results<Q>>;
}

/** The batch behind {@link Batch}; `send` gets the commands. */
export class Collector {
  #orders: Order[] = [];
  #send: ((orders: readonly Order[]) => Promise<readonly unknown[]>) | undefined;

  constructor(send: (orders: readonly Order[]) => Promise<readonly unknown[]>) {
    this.#send = send;
  }

  get length(): number {
    return this.#orders.length;
  }

  call(name: string, ...args: Argument[]): this {
    const command = [name, ...args] as const;
    refuseUnshareable(command, factsOf(command), "batch");
    return this.add(command, undefined);
  }

  run(script: Script, keys: readonly Argument[] = [], args: readonly Argument[] = []): this {
    const name = script.readonly ? "EVAL_RO" : "EVAL";
    return this.add([name, script.source, keys.length, ...keys, ...args], undefined, script);
  }

  /** @internal */
  add(command: Command, facts: CommandFacts | undefined, script?: Script): this {
    if (this.#send === undefined) throw new TypeError("this batch has been sent; begin another one");
    checkArguments(command);
    if (facts?.careful === true) refuseUnshareable(command, facts, "batch");
    this.#orders.push({ command, facts, script });
    return this;
  }

  async exec(): Promise<readonly unknown[]> {
    const send = this.#send;
    if (send === undefined) throw new TypeError("this batch has been sent; begin another one");
    this.#send = undefined;
    return this.#orders.length === 0 ? [] : send(this.#orders);
  }
}

installCommands(Collector.prototype, (self, facts, command) => self.add(command, facts));
