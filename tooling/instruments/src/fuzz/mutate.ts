// Inputs from inputs: what a fuzzer does to bytes. Everything by the random numbers it is given.

import type { Random } from "@landline/core/testing";

const INTERESTING = [0x00, 0x01, 0x0a, 0x0d, 0x20, 0x2d, 0x30, 0x39, 0x7f, 0x80, 0xc3, 0xff] as const;
const INTEGERS = [-1, 0, 1, 4, 0x7f, 0xff, 0x7fff, 0xffff, 0x1_0000, 0x7fff_ffff, -0x8000_0000] as const;
const MAX_BYTES = 2_048;

/** A few random changes of `input`; `others` are inputs to borrow from, `words` pieces that the format knows. */
export function mutate(
  input: Uint8Array,
  others: readonly Uint8Array[],
  words: readonly Uint8Array[],
  random: Random,
): Uint8Array {
  let bytes = input;
  const changes = 1 + Math.floor(random() ** 2 * 6);
  for (let count = 0; count < changes; count++) {
    const change = CHANGES[Math.floor(random() * CHANGES.length)] as Change;
    bytes = change(bytes, random, { others, words }).slice(0, MAX_BYTES);
  }
  return bytes;
}

interface Stock {
  readonly others: readonly Uint8Array[];
  readonly words: readonly Uint8Array[];
}

type Change = (bytes: Uint8Array, random: Random, stock: Stock) => Uint8Array;

const below = (random: Random, bound: number): number => Math.floor(random() * bound);

const CHANGES: readonly Change[] = [
  (bytes, random) => replaced(bytes, below(random, bytes.length), [below(random, 256)]),
  (bytes, random) => {
    const at = below(random, bytes.length);
    return replaced(bytes, at, [(bytes[at] ?? 0) ^ (1 << below(random, 8))]);
  },
  (bytes, random) => replaced(bytes, below(random, bytes.length), [pickOf(INTERESTING, random)]),
  (bytes, random) => {
    const value = pickOf(INTEGERS, random);
    return replaced(bytes, below(random, bytes.length), [value >> 24, value >> 16, value >> 8, value]);
  },
  (bytes, random) => inserted(bytes, below(random, bytes.length + 1), [below(random, 256)]),
  (bytes, random, { words }) =>
    words.length === 0 ? bytes : inserted(bytes, below(random, bytes.length + 1), pickOf(words, random)),
  (bytes, random, { words }) =>
    words.length === 0 ? bytes : replaced(bytes, below(random, bytes.length), pickOf(words, random)),
  (bytes, random) => {
    const [start, end] = range(bytes, random);
    return joined(bytes.subarray(0, start), bytes.subarray(end));
  },
  (bytes, random) => {
    const [start, end] = range(bytes, random);
    const piece = bytes.subarray(start, end);
    const times = 1 + below(random, 8);
    return inserted(bytes, end, joined(...Array.from({ length: times }, () => piece)));
  },
  (bytes, random, { others }) => {
    if (others.length === 0) return bytes;
    const other = pickOf(others, random);
    return joined(bytes.subarray(0, below(random, bytes.length + 1)), other.subarray(below(random, other.length)));
  },
  (bytes, random, { others }) => (others.length === 0 ? bytes : joined(bytes, pickOf(others, random))),
];

function pickOf<T>(choices: readonly T[], random: Random): T {
  return choices[below(random, choices.length)] as T;
}

function range(bytes: Uint8Array, random: Random): [start: number, end: number] {
  const start = below(random, bytes.length);
  return [start, start + 1 + below(random, Math.min(64, bytes.length - start))];
}

function replaced(bytes: Uint8Array, at: number, by: ArrayLike<number>): Uint8Array {
  const changed = bytes.slice();
  for (let index = 0; index < by.length && at + index < changed.length; index++)
    changed[at + index] = by[index] as number;
  return changed;
}

function inserted(bytes: Uint8Array, at: number, piece: ArrayLike<number>): Uint8Array {
  return joined(bytes.subarray(0, at), Uint8Array.from(piece), bytes.subarray(at));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
