// What waits for replies on behalf of a caller: one command, a pipeline, a transaction. Each settles one promise.

import { ProtocolError } from "@landline/core";
import type { CommandFacts } from "./commands.ts";
import { RedisError } from "./errors.ts";
import type { Flight } from "./link.ts";
import type { Command, Reply, ReplyFormat } from "./protocol/messages.ts";
import type { Script } from "./script.ts";

/** A command and what is known of it; nothing is known of one that was sent by `call`. */
export interface Order {
  readonly command: Command;
  readonly facts: CommandFacts | undefined;
  /** The script that it runs, whole. */
  readonly script?: Script | undefined;
}

type OnAttributes = ((attributes: ReadonlyMap<Reply, Reply>) => void) | undefined;
type Resolve = (value: never) => void;
type Reject = (error: unknown) => void;

/** One command. */
export class Single implements Flight {
  readonly commands: readonly [Command];
  readonly format: ReplyFormat;
  readonly attributes: OnAttributes;
  readonly #facts: CommandFacts | undefined;
  readonly #resolve: Resolve;
  readonly #reject: Reject;

  constructor(
    { command, facts }: Order,
    format: ReplyFormat,
    resolve: Resolve,
    reject: Reject,
    attributes?: OnAttributes,
  ) {
    this.commands = [command];
    this.format = format;
    this.attributes = attributes;
    this.#facts = facts;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get repeatable(): boolean {
    return this.#facts?.readonly === true;
  }

  get plain(): boolean {
    return this.#facts !== undefined && !/^(?:eval|fcall)/.test(this.#facts.name);
  }

  reply(value: Reply, inexact: RedisError | undefined): void {
    const [command] = this.commands;
    const result = inexact ?? valueOf(value, { command, facts: this.#facts }, this.format);
    if (result instanceof Error) this.#reject(named(result, command));
    else this.#resolve(result as never);
  }

  fail(error: unknown): void {
    this.#reject(error);
  }
}

/** Commands one after the other; resolves to what each came to, errors included. */
export class Pipeline implements Flight {
  readonly commands: readonly Command[];
  readonly format: ReplyFormat;
  readonly repeatable: boolean;
  readonly #orders: readonly Order[];
  readonly #results: unknown[] = [];
  readonly #resolve: Resolve;
  readonly #reject: Reject;

  constructor(orders: readonly Order[], format: ReplyFormat, resolve: Resolve, reject: Reject) {
    this.#orders = orders;
    this.commands = orders.map((order) => order.command);
    this.format = format;
    this.repeatable = orders.every((order) => order.facts?.readonly === true);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  reply(value: Reply, inexact: RedisError | undefined): void {
    const order = this.#orders[this.#results.length] as Order;
    const result = inexact ?? valueOf(value, order, this.format);
    this.#results.push(result instanceof Error ? named(result, order.command) : result);
    if (this.#results.length === this.#orders.length) this.#resolve(this.#results as never);
  }

  fail(error: unknown): void {
    this.#reject(error);
  }
}

/** MULTI, the commands, EXEC, in one piece; resolves to the elements of EXEC's reply, errors included. */
export class Transaction implements Flight {
  readonly commands: readonly Command[];
  readonly format: ReplyFormat;
  readonly repeatable = false;
  readonly #orders: readonly Order[];
  readonly #resolve: Resolve;
  readonly #reject: Reject;
  #seen = 0;
  /** The first error before EXEC: of MULTI, or of a command that could not be queued. */
  #refusal: unknown;

  constructor(orders: readonly Order[], format: ReplyFormat, resolve: Resolve, reject: Reject) {
    this.#orders = orders;
    this.commands = [["MULTI"], ...orders.map((order) => order.command), ["EXEC"]];
    this.format = format;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  reply(value: Reply): void {
    const index = this.#seen++;
    if (index < this.commands.length - 1) {
      if (value instanceof RedisError) this.#refusal ??= named(value, this.commands[index] as Command);
      return;
    }
    if (value instanceof RedisError) return this.#reject(this.#refused(value));
    if (value === null) {
      return this.#reject(
        new RedisError("ABORTED the transaction was not carried out: a watched key has changed", { command: "EXEC" }),
      );
    }
    if (!Array.isArray(value) || value.length !== this.#orders.length) {
      return this.#reject(new ProtocolError("the server's reply to EXEC does not have a result for each command"));
    }
    const results = (value as readonly Reply[]).map((item, position) => {
      const order = this.#orders[position] as Order;
      const result = valueOf(item, order, this.format);
      return result instanceof Error ? named(result, order.command) : result;
    });
    this.#resolve(results as never);
  }

  fail(error: unknown): void {
    this.#reject(error);
  }

  #refused(error: RedisError): RedisError {
    const { message, code } = error;
    // Without EXECABORT, a MULTI that failed has let the commands through one by one.
    const outcome = code === "EXECABORT" ? "refused" : "unknown";
    return new RedisError(message, { code, command: "EXEC", cause: this.#refusal, outcome });
  }
}

/** The reply in the form that the command's method promises. An error is returned, not thrown. */
export function valueOf(value: Reply, { command, facts }: Order, format: ReplyFormat): unknown {
  const shape = facts?.reply;
  if (shape === undefined || value === null || value instanceof RedisError) return value;
  try {
    return shape(value, command, format);
  } catch (error) {
    return error;
  }
}

/** The error of a command, with its name. */
export function named(error: Error, [name]: Command): Error {
  if (error instanceof RedisError) error.command = name;
  return error;
}
