// Iterators over what is scanned in steps (SCAN, HSCAN, SSCAN, ZSCAN): all that is there during the whole of it comes at
// least once. Asks for the next step when the last one has been taken.

import type { Argument, Reply } from "./protocol/messages.ts";
import { compileReply } from "./reply-codes.ts";
import { DEFAULT_FORMAT } from "./protocol/messages.ts";

/** What is scanned for. */
export interface ScanOptions {
  /** A glob-style pattern. */
  readonly match?: string | Uint8Array;
  /** About how many the server looks at in one step. Default 100. */
  readonly count?: number;
}

/** What SCAN looks for. */
export interface ScanKeysOptions extends ScanOptions {
  /** Keys of this type only: `string`, `hash`, `stream`, … */
  readonly type?: string;
}

type Step = (cursor: string, ...options: Argument[]) => Promise<unknown>;

/** One element after the other. */
export async function* scan(step: Step, options: ScanKeysOptions = {}): AsyncGenerator<Reply, void, undefined> {
  const { match, count = 100, type } = options;
  const told: Argument[] = ["COUNT", count];
  if (match !== undefined) told.push("MATCH", match);
  if (type !== undefined) told.push("TYPE", type);
  let cursor = "0";
  do {
    // oxlint-disable-next-line no-await-in-loop -- each step begins where the one before ended
    const [next, items] = (await step(cursor, ...told)) as [string, readonly Reply[]];
    yield* items;
    cursor = next;
  } while (cursor !== "0");
}

const score = compileReply("d");

/** One pair after the other; scores are numbers. */
export async function* scanPairs(
  step: Step,
  options: ScanOptions | undefined,
  scored: boolean,
): AsyncGenerator<readonly [Reply, unknown], void, undefined> {
  let first: Reply | undefined;
  for await (const item of scan(step, options)) {
    if (first === undefined) first = item;
    else {
      yield [first, scored ? score(item, ["ZSCAN"], DEFAULT_FORMAT) : item];
      first = undefined;
    }
  }
}
