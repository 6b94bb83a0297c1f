// What must hold of every decoder and parser, whatever the bytes.

import { isDeepStrictEqual } from "node:util";
import { ProtocolError } from "@landline/core";
import type { Random } from "@landline/core/testing";

/** Something to fuzz. */
export interface Target {
  readonly name: string;
  /** What a corpus begins with. */
  readonly seeds: readonly string[];
  /** Pieces that the format knows. */
  readonly words: readonly string[];
  /** Throws when something does not hold. */
  run(input: Uint8Array, random: Random): void | Promise<void>;
}

/** A decoder that is fed chunks. */
export interface Feed {
  push(chunk: Uint8Array): void;
  /** What has come out so far. */
  readonly events: readonly unknown[];
}

/** Something did not hold. */
export class Broken extends Error {
  override readonly name = "Broken";
}

/** The value of `parse`, or `undefined` when it refused as it may: with one of `allowed`. @throws Broken when it failed otherwise. */
export function refusedOr<T>(parse: () => T, allowed: new (...args: never[]) => Error): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof allowed) return undefined;
    throw new Broken(`threw ${String(error)} where only ${allowed.name} may be thrown`, { cause: error });
  }
}

/**
 * Whole, in pieces and byte by byte, the same comes out; only a ProtocolError is thrown, and from then on by every call,
 * with nothing more coming out. A chunk is overwritten behind the decoder's back, so that a view of it shows.
 */
export function decodesAlike(makeFeed: () => Feed, input: Uint8Array, random: Random): void {
  const whole = outcome(makeFeed(), [input]);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < input.length;) {
    const end = at + 1 + Math.floor(random() ** 2 * input.length);
    pieces.push(input.subarray(at, end));
    at = end;
  }
  same(whole, outcome(makeFeed(), pieces), "in pieces");
  if (input.length <= 512) {
    const bytes = Array.from(input, (byte) => Uint8Array.of(byte));
    same(whole, outcome(makeFeed(), bytes), "byte by byte");
  }
}

interface Outcome {
  readonly events: readonly unknown[];
  readonly failed: boolean;
}

function outcome(feed: Feed, chunks: readonly Uint8Array[]): Outcome {
  let failed = false;
  for (const chunk of chunks) {
    const lent = chunk.slice();
    const before = feed.events.length;
    let threw = true;
    refusedOr(() => {
      feed.push(lent);
      threw = false;
    }, ProtocolError);
    if (failed && !threw) throw new Broken("took more bytes after an error");
    if (failed && feed.events.length > before) throw new Broken("told something after an error");
    failed ||= threw;
    lent.fill(0xa5);
  }
  return { events: feed.events, failed };
}

function same(whole: Outcome, split: Outcome, how: string): void {
  if (whole.failed !== split.failed) throw new Broken(`${how}, an error ${split.failed ? "came" : "did not come"}`);
  if (!isDeepStrictEqual(whole.events, split.events)) {
    throw new Broken(`${how}, something else came out: ${show(split.events)} in place of ${show(whole.events)}`);
  }
}

function show(events: readonly unknown[]): string {
  return JSON.stringify(events, (_key, value: unknown) => (typeof value === "bigint" ? `${value}n` : value)).slice(
    0,
    400,
  );
}
