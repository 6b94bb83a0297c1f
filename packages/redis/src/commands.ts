// The commands that have a method: their types, and the table from which the methods are made. Names and the order of
// arguments are those of the command reference (https://valkey.io/commands/), in lower case.

import type { Batch } from "./batch.ts";
import type { Argument, Command, Reply, ReplyFormat } from "./protocol/messages.ts";
import { doubleOf, fieldsOf, scanOf, scoresOf } from "./replies.ts";

/** The types that a client's format gives to strings and integers. */
export interface Shape {
  readonly string: string | Uint8Array;
  readonly integer: number | bigint | string;
}

/** A key, a field, a channel. */
export type Key = string | Uint8Array;
/** A value: numbers and bigints are sent in decimal. */
export type Value = Argument;
/** A number, or a spelling of it that only Redis knows (`"+inf"`, `"(1.5"`). */
export type Numeric = number | bigint | string;
/** The fields of a hash: an object of text, or a `Map` of bytes. */
export type Fields<S extends Shape> = S["string"] extends string ? Record<string, string> : Map<Uint8Array, Uint8Array>;

type Expiry = [unit: "EX" | "PX" | "EXAT" | "PXAT", time: number | bigint] | [keep: "KEEPTTL"] | [];
type ZaddOption = "NX" | "XX" | "GT" | "LT" | "CH";
type RangeOption = "BYSCORE" | "BYLEX" | "REV" | "LIMIT" | number;
type Condition = "NX" | "XX" | "GT" | "LT";

/** What a method returns: a promise, or, in a batch whose results so far are `Q`, the batch with one more. */
type Out<S extends Shape, Q, R> = Q extends readonly unknown[] ? Batch<S, [...Q, R]> : Promise<R>;

/** Commands on a client (`Q` is `undefined`) or in a batch. */
export interface Commands<S extends Shape, Q> {
  ping(): Out<S, Q, "PONG">;
  ping(message: Value): Out<S, Q, S["string"]>;
  publish(channel: Key, message: Value): Out<S, Q, S["integer"]>;

  get(key: Key): Out<S, Q, S["string"] | null>;
  getdel(key: Key): Out<S, Q, S["string"] | null>;
  mget(...keys: [Key, ...Key[]]): Out<S, Q, (S["string"] | null)[]>;
  set(key: Key, value: Value, ...expiry: Expiry): Out<S, Q, "OK">;
  set(key: Key, value: Value, condition: "NX" | "XX", ...expiry: Expiry): Out<S, Q, "OK" | null>;
  set(key: Key, value: Value, get: "GET", ...expiry: Expiry): Out<S, Q, S["string"] | null>;
  set(key: Key, value: Value, condition: "NX" | "XX", get: "GET", ...expiry: Expiry): Out<S, Q, S["string"] | null>;
  mset(key: Key, value: Value, ...more: Argument[]): Out<S, Q, "OK">;
  incr(key: Key): Out<S, Q, S["integer"]>;
  incrby(key: Key, increment: Numeric): Out<S, Q, S["integer"]>;
  decr(key: Key): Out<S, Q, S["integer"]>;
  decrby(key: Key, decrement: Numeric): Out<S, Q, S["integer"]>;

  del(...keys: [Key, ...Key[]]): Out<S, Q, S["integer"]>;
  unlink(...keys: [Key, ...Key[]]): Out<S, Q, S["integer"]>;
  exists(...keys: [Key, ...Key[]]): Out<S, Q, S["integer"]>;
  expire(key: Key, seconds: Numeric, ...condition: [] | [Condition]): Out<S, Q, S["integer"]>;
  pexpire(key: Key, milliseconds: Numeric, ...condition: [] | [Condition]): Out<S, Q, S["integer"]>;
  persist(key: Key): Out<S, Q, S["integer"]>;
  ttl(key: Key): Out<S, Q, S["integer"]>;
  pttl(key: Key): Out<S, Q, S["integer"]>;
  type(key: Key): Out<S, Q, string>;
  scan(cursor: Numeric, ...options: Argument[]): Out<S, Q, [cursor: string, keys: S["string"][]]>;

  hset(key: Key, field: Key, value: Value, ...more: Argument[]): Out<S, Q, S["integer"]>;
  hget(key: Key, field: Key): Out<S, Q, S["string"] | null>;
  hmget(key: Key, ...fields: [Key, ...Key[]]): Out<S, Q, (S["string"] | null)[]>;
  hgetall(key: Key): Out<S, Q, Fields<S>>;
  hdel(key: Key, ...fields: [Key, ...Key[]]): Out<S, Q, S["integer"]>;
  hincrby(key: Key, field: Key, increment: Numeric): Out<S, Q, S["integer"]>;
  hlen(key: Key): Out<S, Q, S["integer"]>;

  lpush(key: Key, ...elements: [Value, ...Value[]]): Out<S, Q, S["integer"]>;
  rpush(key: Key, ...elements: [Value, ...Value[]]): Out<S, Q, S["integer"]>;
  lrange(key: Key, start: Numeric, stop: Numeric): Out<S, Q, S["string"][]>;
  lpop(key: Key): Out<S, Q, S["string"] | null>;
  lpop(key: Key, count: Numeric): Out<S, Q, S["string"][] | null>;
  rpop(key: Key): Out<S, Q, S["string"] | null>;
  rpop(key: Key, count: Numeric): Out<S, Q, S["string"][] | null>;
  ltrim(key: Key, start: Numeric, stop: Numeric): Out<S, Q, "OK">;
  llen(key: Key): Out<S, Q, S["integer"]>;

  sadd(key: Key, ...members: [Value, ...Value[]]): Out<S, Q, S["integer"]>;
  srem(key: Key, ...members: [Value, ...Value[]]): Out<S, Q, S["integer"]>;
  smembers(key: Key): Out<S, Q, S["string"][]>;
  sismember(key: Key, member: Value): Out<S, Q, S["integer"]>;
  scard(key: Key): Out<S, Q, S["integer"]>;

  zadd(key: Key, score: number | bigint, member: Value, ...more: Argument[]): Out<S, Q, S["integer"]>;
  zadd(key: Key, increment: "INCR", score: Numeric, member: Value): Out<S, Q, number | null>;
  zadd(
    key: Key,
    option: ZaddOption,
    score: number | bigint,
    member: Value,
    ...more: Argument[]
  ): Out<S, Q, S["integer"]>;
  zadd(key: Key, option: ZaddOption, increment: "INCR", score: Numeric, member: Value): Out<S, Q, number | null>;
  zrange(
    key: Key,
    start: Numeric,
    stop: Numeric,
    ...options: [...RangeOption[], "WITHSCORES"]
  ): Out<S, Q, [member: S["string"], score: number][]>;
  zrange(key: Key, start: Numeric, stop: Numeric, ...options: RangeOption[]): Out<S, Q, S["string"][]>;
  zincrby(key: Key, increment: Numeric, member: Value): Out<S, Q, number>;
  zscore(key: Key, member: Value): Out<S, Q, number | null>;
  zrem(key: Key, ...members: [Value, ...Value[]]): Out<S, Q, S["integer"]>;
  zremrangebyscore(key: Key, min: Numeric, max: Numeric): Out<S, Q, S["integer"]>;
  zcard(key: Key): Out<S, Q, S["integer"]>;

  eval(script: string, numkeys: Numeric, ...keysAndArgs: Argument[]): Out<S, Q, Reply>;
  evalsha(sha1: string, numkeys: Numeric, ...keysAndArgs: Argument[]): Out<S, Q, Reply>;
}

/** Turns a reply into what the method promises, where RESP2, RESP3 and JavaScript differ. Not asked for errors and nulls. */
type ReplyShape = (reply: Reply, command: Command, format: ReplyFormat) => unknown;

/** What is known of a command. */
export interface CommandFacts {
  readonly name: string;
  /** Changes nothing: may be sent again when its reply was lost. */
  readonly readonly: boolean;
  readonly reply: ReplyShape | undefined;
}

const READS =
  "exists get hget hgetall hlen hmget llen lrange mget ping pttl scan scard sismember smembers ttl type zcard zrange zscore";
const WRITES =
  "decr decrby del eval evalsha expire getdel hdel hincrby hset incr incrby lpop lpush ltrim mset persist pexpire publish " +
  "rpop rpush sadd set srem unlink zadd zincrby zrem zremrangebyscore";
const REPLIES: Readonly<Record<string, ReplyShape>> = {
  hgetall: fieldsOf,
  scan: scanOf,
  zadd: (reply, command) => (command.includes("INCR", 2) ? doubleOf(reply) : reply),
  zincrby: doubleOf,
  zrange: (reply, command) => (command.at(-1) === "WITHSCORES" ? scoresOf(reply) : reply),
  zscore: doubleOf,
};

/** Every command that has a method. */
export const COMMANDS: readonly CommandFacts[] = [...factsOf(READS, true), ...factsOf(WRITES, false)];

function factsOf(names: string, readonly: boolean): CommandFacts[] {
  return names.split(" ").map((name) => ({ name, readonly, reply: REPLIES[name] }));
}

/** Gives `prototype` a method for each command, which calls `run` with the object it is called on. */
export function installCommands<T extends object>(
  prototype: T,
  run: (self: T, facts: CommandFacts, command: Command) => unknown,
): void {
  for (const facts of COMMANDS) {
    const word = facts.name.toUpperCase();
    Object.defineProperty(prototype, facts.name, {
      configurable: true,
      writable: true,
      value(this: T, ...args: Argument[]) {
        return run(this, facts, [word, ...args]);
      },
    });
  }
}
