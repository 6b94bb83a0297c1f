// Commands that cannot go over a connection which many callers share: they would change what the others' commands mean,
// take their replies, or hold them up. Refused before a byte is written, with what to use instead.

import type { CommandFacts } from "./commands.ts";
import type { Command } from "./protocol/messages.ts";

const SUBSCRIBED = "use subscribe(), psubscribe() or ssubscribe()";
const STREAM = "it turns the connection into a stream";
const BLOCKING =
  "it would hold up every other command on the connection, and commands on a connection of their own are not part of this client yet";
const TRANSACTION = "use multi(), which sends a transaction in one piece";
const WATCHING =
  "it needs a connection of its own, which is not part of this client yet; a script by eval() can check and change at once";
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

/** @throws TypeError when the command cannot go over a shared connection, with the reason. */
export function refuseUnshareable(command: Command, facts: CommandFacts | undefined): void {
  const [name, first] = command;
  if (typeof name !== "string" || !/^[^\s]+$/.test(name)) {
    throw new TypeError('the name of a command is one word; say further ones as arguments: call("CONFIG", "GET", "*")');
  }
  const word = name.toUpperCase();
  const subcommand = first === undefined ? word : `${word} ${wordOf(first).toUpperCase()}`;
  const reason = REFUSED.get(word) ?? REFUSED_SUBCOMMANDS.get(subcommand);
  if (reason !== undefined) throw new TypeError(`${REFUSED.has(word) ? word : subcommand} cannot be sent: ${reason}`);
  if (blocks(command, facts)) throw new TypeError(`${word} that blocks cannot be sent: ${BLOCKING}`);
}

/** Whether a method can say something that is refused: then what it says is looked at. */
export function needsCare(facts: CommandFacts): boolean {
  return facts.container || facts.blocking !== undefined || facts.name.includes("/");
}

/** Whether a command waits until something happens. */
export function blocks([, ...args]: Command, facts: CommandFacts | undefined): boolean {
  if (facts?.blocking !== "told") return facts?.blocking === "always";
  return args.some((argument) => wordOf(argument).toUpperCase() === "BLOCK");
}

function words(names: string, reason: string): [string, string][] {
  return names.split(" ").map((name) => [name, reason]);
}

/** A word may be said in bytes too. Long ones are no words. */
export function wordOf(argument: unknown): string {
  if (argument instanceof Uint8Array) return argument.length > 24 ? "" : String.fromCharCode(...argument);
  return typeof argument === "string" ? argument : "";
}
