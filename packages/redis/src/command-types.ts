// The words of the command types: what arguments and replies are made of. Types only.

import type { Batch } from "./batch.ts";
import type { Argument } from "./protocol/messages.ts";

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

/** The fields of a hash, or whatever else is told by name: an object, or a `Map` where names are bytes. */
export type Fields<S extends Shape, V = S["string"]> = S["string"] extends string
  ? Record<string, V>
  : Map<Uint8Array, V>;
/** A known word in a reply: itself; where strings are bytes, they may be this one too, unless it is a status. */
export type Word<S extends Shape, W extends string> = S["string"] extends string ? W : W | S["string"];

/** Arguments that may be left out. */
export type Opt<T extends readonly unknown[]> = [] | T;
/** One of several forms of arguments. */
export type OneOf<T extends readonly unknown[]> = T;
/** Any number. */
export type Any<T> = T[];
/** One or more. */
export type Some<T> = [T, ...T[]];

/** What a method returns: a promise, or, in a batch whose results so far are `Q`, the batch with one more. */
export type Out<S extends Shape, Q, R> = Q extends readonly unknown[] ? Batch<S, [...Q, R]> : Promise<R>;
