// The replies that RESP2 and RESP3 tell in different ways, brought into one: a code of a few characters for each command
// (generated/table.ts) is read into a function, once. Values of which a code says nothing stay as they are.
//
//   .        as it is          *x       a list, each element x       {name:x,}  names that are known; without one: the others
//   d        a double          (xy+z)   by position; z is the rest   |x         x if it is an aggregate
//   t        text              =xy      a list of pairs, told flat   @          the innermost {} or () around it
//   %x       names and x                in RESP2                     ?cxy       x if the arguments say so, else y

import { ProtocolError } from "@landline/core";
import type { Command, Reply, ReplyFormat } from "./protocol/messages.ts";
import { parseDouble } from "./protocol/scalars.ts";
import { text } from "./protocol/text.ts";

type Read = (value: Reply, format: ReplyFormat, command: Command) => unknown;
type Condition = (command: Command) => boolean;

const SCORED = new Set<unknown>(["WITHSCORES", "WITHVALUES"]);
const ZADD_OPTIONS = new Set<unknown>(["NX", "XX", "GT", "LT", "CH"]);

const CONDITIONS: Readonly<Record<string, Condition>> = {
  /** A count behind the key. */
  c: (command) => command.length > 2,
  /** INCR among the options of ZADD, where a member cannot stand. */
  i: (command) => {
    let at = 2;
    while (ZADD_OPTIONS.has(upper(command[at]))) at++;
    return upper(command[at]) === "INCR" && command.length === at + 3;
  },
  /** Behind keys of which the first argument tells the number. */
  n: (command) => command.slice(2 + Number(command[1])).some((word) => SCORED.has(upper(word))),
  /** Behind the key and what else must be there. */
  s: (command) => command.slice(3).some((word) => SCORED.has(upper(word))),
};

/** Reads a code of the table. */
export function compileReply(code: string): (reply: Reply, command: Command, format: ReplyFormat) => unknown {
  const read = new Compiler(code).next(asIs);
  return (reply, command, format) => read(reply, format, command);
}

class Compiler {
  readonly #code: string;
  #at = 0;

  constructor(code: string) {
    this.#code = code;
  }

  /** `self` is what `@` stands for. */
  next(self: Read): Read {
    const mark = this.#code[this.#at++];
    if (mark === ".") return asIs;
    if (mark === "@") return self;
    if (mark === "d") return nullable(doubleOf);
    if (mark === "t") return textOf;
    if (mark === "(") return this.#tuple();
    if (mark === "{") return this.#record();
    if (mark === "?") {
      const when = CONDITIONS[this.#code[this.#at++] as string] as Condition;
      const [then, otherwise] = [this.next(self), this.next(self)];
      return (value, format, command) => (when(command) ? then : otherwise)(value, format, command);
    }
    const inner = this.next(self);
    if (mark === "*") return nullable((value, ...more) => listOf(value).map((item) => inner(item, ...more)));
    if (mark === "%") return nullable((value, ...more) => fieldsOf(value, inner, ...more));
    if (mark === "|") return (value, ...more) => (isAggregate(value) ? inner(value, ...more) : value);
    const second = this.next(self); // mark is "="
    return nullable((value, ...more) =>
      pairsOf(value).map(([first, last]) => [inner(first, ...more), second(last, ...more)]),
    );
  }

  #tuple(): Read {
    const items: Read[] = [];
    let rest = asIs;
    const self: Read = nullable((value, ...more) =>
      listOf(value).map((item, index) => (items[index] ?? rest)(item, ...more)),
    );
    while (this.#code[this.#at] !== ")") {
      if (this.#code[this.#at] === "+") {
        this.#at++;
        rest = this.next(self);
      } else items.push(this.next(self));
    }
    this.#at++;
    return self;
  }

  #record(): Read {
    const fields = new Map<string, Read>();
    const self: Read = nullable((value, ...more) => {
      const others = fields.get("") ?? asIs;
      const told = pairsOf(value).map(([key, item]): [string, unknown] => {
        const name = nameOf(key);
        return [name, (fields.get(name) ?? others)(item, ...more)];
      });
      return Object.fromEntries(told);
    });
    while (this.#code[this.#at] !== "}") {
      const colon = this.#code.indexOf(":", this.#at);
      const name = this.#code.slice(this.#at, colon);
      this.#at = colon + 1;
      fields.set(name, this.next(self));
      this.#at++; // the comma
    }
    this.#at++;
    return self;
  }
}

const asIs: Read = (value) => value;

/** Nulls and errors stand where any value may. */
function nullable(read: Read): Read {
  return (value, ...more) => (value === null || value instanceof Error ? value : read(value, ...more));
}

/** A double, which RESP2 writes as a string. */
function doubleOf(reply: Reply): number {
  if (typeof reply === "number") return reply;
  if (typeof reply === "bigint") return Number(reply);
  const value = parseDouble(textOf(reply));
  if (value === undefined) throw unexpected();
  return value;
}

/** An object with own keys only, whatever their names, or a `Map` where names are bytes. */
function fieldsOf(value: Reply, read: Read, format: ReplyFormat, command: Command): unknown {
  const pairs = pairsOf(value).map(([key, item]): [Reply, unknown] => [key, read(item, format, command)]);
  if (format.bytes) return new Map(pairs);
  // Makes own properties of all names, `__proto__` too.
  return Object.fromEntries(pairs.map(([key, item]) => [nameOf(key), item]));
}

/** A map; or a list of alternate keys and values, or of pairs, which is what RESP2 has. */
function pairsOf(value: Reply): [Reply, Reply][] {
  if (value instanceof Map) return [...(value as ReadonlyMap<Reply, Reply>)];
  const items = listOf(value);
  const flat = Array.isArray(items[0]) ? (items as readonly (readonly Reply[])[]).flat() : items;
  if (flat.length % 2 === 1) throw unexpected();
  const pairs: [Reply, Reply][] = [];
  for (let index = 0; index < flat.length; index += 2) pairs.push([flat[index] as Reply, flat[index + 1] as Reply]);
  return pairs;
}

function listOf(value: Reply): readonly Reply[] {
  if (!Array.isArray(value)) throw unexpected();
  return value as readonly Reply[];
}

function nameOf(key: Reply): string {
  return typeof key === "number" || typeof key === "bigint" ? String(key) : textOf(key);
}

function textOf(reply: Reply): string {
  if (typeof reply === "string") return reply;
  if (reply instanceof Uint8Array) return text(reply, 0, reply.length);
  throw unexpected();
}

function isAggregate(value: Reply): boolean {
  return Array.isArray(value) || value instanceof Map;
}

function upper(word: unknown): unknown {
  return typeof word === "string" ? word.toUpperCase() : word;
}

function unexpected(): ProtocolError {
  return new ProtocolError("the server's reply does not have the form that its command has");
}
