// What waits for replies on behalf of a caller: one command, a pipeline, a transaction. One object from the call to its
// end: the session's queue holds it, the line that sent it guards its time, and it settles one promise, once.

import { ProtocolError } from "@landline/core";
import type { Deadline } from "@landline/core";
import type { CommandFacts } from "./commands.ts";
import { RedisError } from "./errors.ts";
import type { Line } from "./line.ts";
import type { Command, Reply, ReplyFormat } from "./protocol/messages.ts";
import type { Script } from "./script.ts";
import type { Confirmations, Session } from "./session.ts";

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

/** Commands that go out back to back, with nothing in between. Their arguments have been checked. */
export abstract class Flight {
  readonly commands: readonly Command[];
  readonly format: ReplyFormat;
  /** What the server has told beside the reply that comes next. */
  readonly attributes: OnAttributes;
  /** For (un)subscribing, which pushes confirm. */
  readonly confirms?: Confirmations;
  /** Replies still to come, on the session that it was sent on last. */
  left = 0;
  /** Whoever waited has been told. Replies that still come are swallowed. */
  over = false;
  tries = 0;
  line: Line | undefined;
  session: Session | undefined;
  deadline: Deadline | undefined;
  /** Why the server does not take it for now. */
  refusal: RedisError | undefined;
  /** Called once it is over. */
  settled: (() => void) | undefined;
  protected readonly resolve: Resolve;
  protected readonly reject: Reject;

  constructor(
    commands: readonly Command[],
    format: ReplyFormat,
    resolve: Resolve,
    reject: Reject,
    attributes?: OnAttributes,
  ) {
    this.commands = commands;
    this.format = format;
    this.resolve = resolve;
    this.reject = reject;
    this.attributes = attributes;
  }

  /** May be sent again after it may have been carried out. */
  get repeatable(): boolean {
    return false;
  }

  /** A refusal is the server's own: what a script says may come after its writes. */
  get plain(): boolean {
    return false;
  }

  /** One of its replies, in order; `left` has been counted down. */
  protected abstract take(value: Reply, inexact: RedisError | undefined): void;

  /** Told by the session: a reply. Never throws. */
  reply(value: Reply, inexact: RedisError | undefined): void {
    if (this.over) {
      if (this.left === 0) this.deadline?.clear();
      return;
    }
    if (value instanceof RedisError && this.plain && this.line?.mayGoAgain(this, value) === true) return;
    if (this.left === 0) this.#finish();
    this.take(value, inexact);
  }

  /** Told by the session: no further reply will come. The error's `outcome` tells whether the commands were sent. */
  fail(error: unknown): void {
    if (!this.over && this.line?.mayGoAgain(this, error) !== true) this.end(error);
  }

  /** Tells whoever waits; nothing is tried any more. */
  end(error: unknown): void {
    this.#finish();
    this.reject(error);
  }

  #finish(): void {
    this.over = true;
    this.deadline?.clear();
    this.settled?.();
  }
}

/** One command. */
export class Single extends Flight {
  readonly #order: Order;

  constructor(order: Order, format: ReplyFormat, resolve: Resolve, reject: Reject, attributes?: OnAttributes) {
    super([order.command], format, resolve, reject, attributes);
    this.#order = order;
  }

  override get repeatable(): boolean {
    return this.#order.facts?.readonly === true;
  }

  override get plain(): boolean {
    const { facts } = this.#order;
    return facts !== undefined && !/^(?:eval|fcall)/.test(facts.name);
  }

  protected take(value: Reply, inexact: RedisError | undefined): void {
    const result = inexact ?? valueOf(value, this.#order, this.format);
    if (result instanceof Error) this.reject(named(result, this.#order.command));
    else this.resolve(result as never);
  }
}

/** Commands one after the other; resolves to what each came to, errors included. */
export class Pipeline extends Flight {
  readonly #orders: readonly Order[];
  readonly #results: unknown[] = [];

  constructor(orders: readonly Order[], format: ReplyFormat, resolve: Resolve, reject: Reject) {
    super(commandsOf(orders), format, resolve, reject);
    this.#orders = orders;
  }

  override get repeatable(): boolean {
    return this.#orders.every((order) => order.facts?.readonly === true);
  }

  protected take(value: Reply, inexact: RedisError | undefined): void {
    const results = this.#results;
    results.push(resultOf(value, inexact, this.#orders[results.length] as Order, this.format));
    if (this.left === 0) this.resolve(results as never);
  }
}

/** MULTI, the commands, EXEC, in one piece; resolves to the elements of EXEC's reply, errors included. */
export class Transaction extends Flight {
  readonly #orders: readonly Order[];
  /** The first error before EXEC: of MULTI, or of a command that could not be queued. */
  #refusal: unknown;

  constructor(orders: readonly Order[], format: ReplyFormat, resolve: Resolve, reject: Reject) {
    super([["MULTI"], ...commandsOf(orders), ["EXEC"]], format, resolve, reject);
    this.#orders = orders;
  }

  protected take(value: Reply): void {
    if (this.left > 0) {
      const command = this.commands[this.commands.length - 1 - this.left] as Command;
      if (value instanceof RedisError) this.#refusal ??= named(value, command);
    } else if (value instanceof RedisError) {
      const { message, code } = value;
      // Without EXECABORT, a MULTI that failed has let the commands through one by one.
      const outcome = code === "EXECABORT" ? "refused" : "unknown";
      this.reject(new RedisError(message, { code, command: "EXEC", cause: this.#refusal, outcome }));
    } else if (value === null) {
      const message = "ABORTED the transaction was not carried out: a watched key has changed";
      this.reject(new RedisError(message, { command: "EXEC" }));
    } else if (Array.isArray(value) && value.length === this.#orders.length) {
      const results = (value as readonly Reply[]).map((item, index) =>
        resultOf(item, undefined, this.#orders[index] as Order, this.format),
      );
      this.resolve(results as never);
    } else this.reject(new ProtocolError("the server's reply to EXEC does not have a result for each command"));
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

function resultOf(value: Reply, inexact: RedisError | undefined, order: Order, format: ReplyFormat): unknown {
  const result = inexact ?? valueOf(value, order, format);
  return result instanceof Error ? named(result, order.command) : result;
}

function commandsOf(orders: readonly Order[]): Command[] {
  return orders.map((order) => order.command);
}
