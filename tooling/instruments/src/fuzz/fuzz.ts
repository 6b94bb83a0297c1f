// The loop: changes inputs, runs them, keeps those that reach something new, and makes what breaks something as small as it
// can. The same seed and the same corpus give the same inputs.

import { seededRandom } from "@landline/core/testing";
import { Coverage } from "./coverage.ts";
import type { Target } from "./invariants.ts";
import { mutate } from "./mutate.ts";

/** What a run of one target came to. */
export interface FuzzReport {
  readonly runs: number;
  /** Blocks reached, by magnitude. */
  readonly reached: number;
  /** The corpus, with what was new. */
  readonly corpus: readonly Uint8Array[];
  /** The first input that broke something, made small, and what it broke. */
  readonly broken: { readonly input: Uint8Array; readonly error: Error } | undefined;
}

/** How long to fuzz, from what. */
export interface FuzzOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly corpus: readonly Uint8Array[];
}

const BATCH = 64;
/** An input of at most 2 KiB that takes longer than this, three times, is a way to keep a process busy. */
const SLOW = 250;

/** A run took too long. */
class Slow extends Error {}

/** Fuzzes one target. */
export async function fuzz(target: Target, { seconds, seed, corpus: given }: FuzzOptions): Promise<FuzzReport> {
  const random = seededRandom(seed);
  const words = target.words.map(bytesOf);
  const corpus = [...given];
  const coverage = new Coverage();
  let runs = 0;
  const failure = async (input: Uint8Array): Promise<{ error: Error } | undefined> => {
    runs++;
    return failureOf(target, input, seed);
  };
  try {
    for (const input of corpus) {
      const failed = await failure(input);
      if (failed !== undefined)
        return { runs, reached: 0, corpus, broken: await smallest(target, input, seed, failed.error) };
    }
    coverage.take({ keep: true });
    const until = performance.now() + seconds * 1_000;
    while (performance.now() < until) {
      const batch = Array.from({ length: BATCH }, () =>
        mutate(corpus[Math.floor(random() * corpus.length)] ?? new Uint8Array(0), corpus, words, random),
      );
      for (const input of batch) {
        const failed = await failure(input);
        if (failed !== undefined)
          return { runs, reached: coverage.reached, corpus, broken: await smallest(target, input, seed, failed.error) };
      }
      if (coverage.take({ keep: false }) === 0) continue;
      for (const input of batch) {
        await failure(input);
        if (coverage.take({ keep: true }) > 0) corpus.push(input);
      }
    }
    return { runs, reached: coverage.reached, corpus, broken: undefined };
  } finally {
    coverage.close();
  }
}

/** What an input breaks, if anything. */
export async function failureOf(
  target: Target,
  input: Uint8Array,
  seed: number,
): Promise<{ error: Error } | undefined> {
  for (let attempt = 1; ; attempt++) {
    const begin = performance.now();
    try {
      await target.run(input, seededRandom(seed, input.length));
    } catch (error) {
      return { error: error instanceof Error ? error : new Error(String(error)) };
    }
    const took = performance.now() - begin;
    if (took <= SLOW) return undefined;
    // The machine may have been busy with something else.
    if (attempt === 3) return { error: new Slow(`took ${took.toFixed(0)} ms`) };
  }
}

/** Leaves out whatever can be left out, in ever smaller pieces. */
async function smallest(
  target: Target,
  input: Uint8Array,
  seed: number,
  error: Error,
): Promise<{ input: Uint8Array; error: Error }> {
  let best = { input, error };
  for (let size = Math.ceil(input.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.input.length;) {
      const shorter = Uint8Array.from([...best.input.subarray(0, at), ...best.input.subarray(at + size)]);
      const failed = await failureOf(target, shorter, seed);
      if (failed === undefined) at += size;
      else best = { input: shorter, error: failed.error };
    }
  }
  return best;
}

/** Bytes from text where each character is one; from any other text its UTF-8. */
export function bytesOf(text: string): Uint8Array {
  if (/[\u0100-\uffff]/.test(text)) return new TextEncoder().encode(text);
  return Uint8Array.from(Array.from(text), (character) => character.charCodeAt(0));
}

/** Text where each character is a byte. */
export function textOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
