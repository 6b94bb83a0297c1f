// What is known of each command, from the generated table, and the methods that are made of it.

import { TABLE } from "./generated/table.ts";
import type { Argument, Command, Reply, ReplyFormat } from "./protocol/messages.ts";
import { compileReply } from "./reply-codes.ts";

/** Turns a reply into what the method promises, where RESP2, RESP3 and JavaScript differ. Not asked for errors and nulls. */
export type ReplyShape = (reply: Reply, command: Command, format: ReplyFormat) => unknown;

/** Where a blocking command says how long: in its last argument or its first, in seconds or milliseconds, or behind BLOCK. */
export type Blocking = "b" | "f" | "m" | "k";

/** What is known of a command. */
export class CommandFacts {
  readonly name: string;
  /** Changes nothing: may be sent again when its reply was lost. */
  readonly readonly: boolean;
  /** Whether it waits for something to happen. */
  readonly blocking: Blocking | undefined;
  /** Whether its first argument is the name of a subcommand. */
  readonly container: boolean;
  /** Whether its arguments can say something that is refused, or that blocks: then they are looked at. */
  readonly careful: boolean;
  readonly #code: string;
  #reply: ReplyShape | undefined;

  constructor(line: string) {
    const [head, code = ""] = line.split(" :") as [string, string?];
    const [name, flags = ""] = head.split(" ") as [string, string?];
    this.name = name;
    this.readonly = flags.includes("r");
    this.container = flags.includes("/");
    this.blocking = /[bfmk]/.exec(flags)?.[0] as Blocking | undefined;
    this.careful = this.container || this.blocking !== undefined || name.includes("/");
    this.#code = code;
  }

  get reply(): ReplyShape | undefined {
    if (this.#code === "") return undefined;
    return (this.#reply ??= compileReply(this.#code));
  }
}

const FACTS: ReadonlyMap<string, CommandFacts> = new Map(
  TABLE.split("\n").map((line) => {
    const facts = new CommandFacts(line);
    return [facts.name, facts];
  }),
);

/** What is known of a command, or of its subcommand. */
export function factsOf([name, first]: Command): CommandFacts | undefined {
  const facts = FACTS.get(name.toLowerCase());
  if (facts?.container !== true || first === undefined) return facts;
  return FACTS.get(`${facts.name}/${wordOf(first).toLowerCase()}`) ?? facts;
}

/** Gives `prototype` a method for each command, which calls `run` with the object it is called on. */
export function installCommands<T extends object>(
  prototype: T,
  run: (self: T, facts: CommandFacts, command: Command) => unknown,
): void {
  for (const facts of FACTS.values()) {
    if (facts.name.includes("/")) continue;
    const word = facts.name.toUpperCase();
    Object.defineProperty(prototype, facts.name, {
      configurable: true,
      writable: true,
      value(this: T, ...args: Argument[]) {
        const command: Command = [word, ...args];
        return run(this, facts.container ? (factsOf(command) ?? facts) : facts, command);
      },
    });
  }
}

/** A word may be said in bytes too. Long ones are no words. */
export function wordOf(argument: unknown): string {
  if (argument instanceof Uint8Array) return argument.length > 24 ? "" : String.fromCharCode(...argument);
  return typeof argument === "string" ? argument : "";
}
