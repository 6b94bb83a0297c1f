// The commands in a Worker's bytes: their names and first words, which decide where they may go. RESP arrays of bulk strings
// only. Pure.

import { ProtocolError } from "@landline/core";
import { factsOf, refuseUnshareable } from "@landline/redis/wire";
import { unsupported } from "./errors.ts";

/** Where commands go. */
export type Way = "shared" | "leased";

/** What a leased connection has been told that its next borrower must not find. */
export interface Traces {
  /** Keys are watched. */
  watched: boolean;
  /** MULTI without its end, a subscription, a setting: the connection is not to be used again. */
  spoilt: boolean;
}

interface Told {
  readonly name: string;
  readonly args: readonly Uint8Array[];
}

const ARRAY = 0x2a; // '*'
const BULK = 0x24; // '$'
/** How many arguments are looked at: BLOCK comes early, and nothing else is looked for. */
const LOOKED_AT = 8;
const ENDS_MULTI: ReadonlySet<string> = new Set(["EXEC", "DISCARD"]);
/** Never on any connection of a pool. */
const FORBIDDEN = words(
  "AUTH HELLO SELECT RESET QUIT MONITOR SYNC PSYNC REPLCONF SHUTDOWN DEBUG ASKING READONLY READWRITE",
);
/** What a client looks up of its own connection, and what does nothing to it. */
const HARMLESS_CLIENT = words("ID INFO LIST GETNAME KILL PAUSE UNPAUSE NO-EVICT NO-TOUCH");
const SUBSCRIBING = words("SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE");
const latin1 = new TextDecoder("latin1");

/**
 * Where a piece of commands may go: over the connection that all share, when each of them is known to leave nothing in it
 * and to hold up nobody, or is part of a whole transaction; else over one of its own.
 * @throws ProtocolError when they are not `count` whole commands; DurableError for what no connection takes.
 */
export function wayOf(bytes: Uint8Array, count: number): Way {
  let way: Way = "shared";
  let multi = false;
  const commands = parse(bytes);
  if (commands.length !== count) throw broken(`there are ${commands.length}, and not ${count}`);
  for (const { name, args } of commands) {
    if (FORBIDDEN.has(name) || SUBSCRIBING.has(name)) throw unsupported(name);
    if (name === "MULTI" && !multi) multi = true;
    else if (ENDS_MULTI.has(name) && multi) multi = false;
    else if (!shareable(name, args)) way = "leased";
  }
  // A transaction that is not whole would take in what others send.
  return multi ? "leased" : way;
}

/** Notes what commands leave on a connection of its own; returns how many replies they call for. @throws as {@link wayOf}. */
export function trace(bytes: Uint8Array, traces: Traces, subscriber: boolean): number {
  const commands = parse(bytes);
  for (const { name, args } of commands) {
    if (FORBIDDEN.has(name)) throw unsupported(name);
    if (name === "WATCH") traces.watched = true;
    else if (SUBSCRIBING.has(name)) {
      if (!subscriber) throw unsupported(name);
      traces.spoilt = true;
    } else if (name === "MULTI") traces.spoilt = true;
    else if (ENDS_MULTI.has(name)) traces.spoilt = traces.watched = false;
    else if (name === "CLIENT" && !HARMLESS_CLIENT.has(wordOf(args[0]))) traces.spoilt = true;
  }
  return commands.length;
}

function shareable(name: string, args: readonly Uint8Array[]): boolean {
  const command = [name, ...args] as const;
  const facts = factsOf(command);
  if (facts === undefined) return false;
  if (name === "CLIENT" && !HARMLESS_CLIENT.has(wordOf(args[0]))) return false;
  try {
    refuseUnshareable(command, facts, "batch");
    return true;
  } catch {
    return false;
  }
}

function parse(bytes: Uint8Array): Told[] {
  const commands: Told[] = [];
  const reader = { bytes, at: 0 };
  while (reader.at < bytes.length) {
    const parts = header(reader, ARRAY);
    if (parts < 1) throw broken("one is empty");
    let name = "";
    const args: Uint8Array[] = [];
    for (let part = 0; part < parts; part++) {
      const length = header(reader, BULK);
      const end = reader.at + length;
      if (end + 2 > bytes.length) throw broken("they end inside one");
      const word = bytes.subarray(reader.at, end);
      if (part === 0) name = latin1.decode(word).toUpperCase();
      else if (part <= LOOKED_AT) args.push(word);
      reader.at = end + 2;
    }
    commands.push({ name, args });
  }
  return commands;
}

function header(reader: { readonly bytes: Uint8Array; at: number }, type: number): number {
  const { bytes } = reader;
  if (bytes[reader.at++] !== type) throw broken("they are not arrays of bulk strings");
  let count = 0;
  let digits = 0;
  for (; ; digits++) {
    const byte = bytes[reader.at++];
    if (byte === 0x0d) break;
    if (byte === undefined || byte < 0x30 || byte > 0x39 || digits > 9) throw broken("a length is no number");
    count = count * 10 + byte - 0x30;
  }
  if (digits === 0 || bytes[reader.at++] !== 0x0a) throw broken("a length is no number");
  return count;
}

function wordOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined || bytes.length > 24 ? "" : latin1.decode(bytes).toUpperCase();
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

function broken(why: string): ProtocolError {
  return new ProtocolError(`commands that cannot go through the pool: ${why}`, { outcome: "unsent" });
}
