// Commands that cannot go over a connection which many callers share: they would change what the others' commands mean,
// take their replies, or hold them up. Refused before a byte is written, with what to use instead.

import type { CommandFacts } from "./commands.ts";
import type { Command } from "./protocol/messages.ts";

const SUBSCRIBED = "use subscribe(), psubscribe() or ssubscribe()";
const STREAM = "it turns the connection into a stream";
const BLOCKING = "it would hold up the commands behind it; send it by itself, and it gets a connection of its own";
const ACKNOWLEDGING = "it waits for the writes of its own connection; use reserve(), and it after them";
const TRANSACTION = "use multi(), which sends a transaction in one piece";
const WATCHING = "use watch() on a connection of your own, which reserve() gives";
const SESSION = "it would change the session for everybody; say it in the options of redis()";
const CLUSTER = "it would change what the others' commands mean on a node of a cluster";
const REPLIES = "it changes which replies come, and so who gets them";
const OVER = "use end()";

const REFUSED: ReadonlyMap<string, string> = new Map([
  ...words("SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE", SUBSCRIBED),
  ...words("MONITOR SYNC PSYNC REPLCONF", STREAM),
  ...words("MULTI EXEC DISCARD", TRANSACTION),
  ...words("WATCH UNWATCH", WATCHING),
  ...words("SELECT AUTH HELLO", SESSION),
  ...words("ASKING READONLY READWRITE", CLUSTER),
  ...words("QUIT RESET", OVER),
]);
const REFUSED_SUBCOMMANDS: ReadonlyMap<string, string> = new Map([
  ["CLIENT REPLY", REPLIES],
  ["CLIENT TRACKING", REPLIES],
  ["CLIENT CACHING", REPLIES],
  ["SCRIPT DEBUG", STREAM],
]);

/** A batch leaves in one piece; a reserved connection is the caller's own. */
export type Where = "batch" | "reserved" | "shared";

/** @throws TypeError when the command cannot go over a shared connection, with the reason. */
export function refuseUnshareable(command: Command, facts: CommandFacts | undefined, where: Where): void {
  const [name, first] = command;
  if (typeof name !== "string" || !/^[^\s]+$/.test(name)) {
    throw new TypeError('the name of a command is one word; say further ones as arguments: call("CONFIG", "GET", "*")');
  }
  const word = name.toUpperCase();
  const subcommand = first === undefined ? word : `${word} ${wordOf(first).toUpperCase()}`;
  const reason = REFUSED.get(word) ?? REFUSED_SUBCOMMANDS.get(subcommand);
  if (reason !== undefined) throw new TypeError(`${REFUSED.has(word) ? word : subcommand} cannot be sent: ${reason}`);
  if (facts?.blocking === "m" && where !== "reserved") throw new TypeError(`${word} cannot be sent: ${ACKNOWLEDGING}`);
  if (where === "batch" && blockingTime(command, facts) !== undefined) {
    throw new TypeError(`${word} that blocks cannot be sent: ${BLOCKING}`);
  }
}

/** How many milliseconds a command waits for something to happen, 0 for ever; `undefined` where it does not wait. */
export function blockingTime(command: Command, facts: CommandFacts | undefined): number | undefined {
  const args = command.slice(1);
  const kind = facts?.blocking;
  if (kind === undefined) return undefined;
  const told = args.findIndex((argument) => wordOf(argument).toUpperCase() === "BLOCK");
  if (kind === "k" && told === -1) return undefined;
  const argument = { b: args.at(-1), m: args.at(-1), f: args[0], k: args[told + 1] }[kind];
  const time = Number(argument) * (kind === "b" || kind === "f" ? 1000 : 1);
  // What is no time, the server refuses at once.
  return time >= 0 ? time : 1;
}

function words(names: string, reason: string): [string, string][] {
  return names.split(" ").map((name) => [name, reason]);
}

/** A word may be said in bytes too. Long ones are no words. */
export function wordOf(argument: unknown): string {
  if (argument instanceof Uint8Array) return argument.length > 24 ? "" : String.fromCharCode(...argument);
  return typeof argument === "string" ? argument : "";
}
