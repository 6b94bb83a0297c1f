// Commands that cannot go over a connection which many callers share: they would change what the others' commands mean,
// take their replies, or hold them up. Refused before a byte is written, with what to use instead.

import { wordOf } from "./commands.ts";
import type { CommandFacts } from "./commands.ts";
import type { Command } from "./protocol/messages.ts";

const REFUSED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "use subscribe(), psubscribe() or ssubscribe()":
      "SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE",
    "it turns the connection into a stream": "MONITOR SYNC PSYNC REPLCONF SCRIPT/DEBUG",
    "use multi(), which sends a transaction in one piece": "MULTI EXEC DISCARD",
    "use watch() on a connection of reserve()": "WATCH UNWATCH",
    "it changes the session for everybody; say it in the options of redis()": "SELECT AUTH HELLO",
    "it changes what the others' commands mean on a node of a cluster": "ASKING READONLY READWRITE",
    "it changes which replies come, and so who gets them": "CLIENT/REPLY CLIENT/TRACKING CLIENT/CACHING",
    "use end()": "QUIT RESET",
  }).flatMap(([reason, names]) => names.split(" ").map((name): [string, string] => [name, reason])),
);

/** A batch leaves in one piece; a reserved connection is the caller's own. */
export type Where = "batch" | "reserved" | "shared";

/** @throws TypeError when the command cannot go over a shared connection, with the reason. */
export function refuseUnshareable(command: Command, facts: CommandFacts | undefined, where: Where): void {
  const [name, first] = command;
  if (typeof name !== "string" || !/^[^\s]+$/.test(name)) {
    throw new TypeError('the name of a command is one word: call("CONFIG", "GET", "*")');
  }
  const word = name.toUpperCase();
  let reason = REFUSED.get(word) ?? REFUSED.get(`${word}/${wordOf(first).toUpperCase()}`);
  if (facts?.blocking === "m" && where !== "reserved") {
    reason ??= "it waits for the writes of its own connection; send it behind them on one of reserve()";
  }
  if (where === "batch" && blockingTime(command, facts) !== undefined) {
    reason ??= "it would hold up those behind it; by itself, it gets a connection of its own";
  }
  if (reason !== undefined) throw new TypeError(`${word} cannot be sent: ${reason}`);
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
