// What decoders are given, with nothing around them: the inputs that redis-parser's own benchmarks have, and the same
// replies as small pieces, as a network brings them.

import { inFlight, unknownScenario } from "../harness/contestant.ts";
import type { Trial } from "../harness/contestant.ts";

const REPLIES = 1_000;
const LARGE = 4 * 1024 * 1024;

/** Takes one chunk. */
export type Feed = (chunk: Buffer) => void;

interface Input {
  readonly wire: Buffer;
  readonly chunkBytes: number;
  /** Values of the top level. */
  readonly replies: number;
}

const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
const repeat = (one: (index: number) => string): string => Array.from({ length: REPLIES }, (_, i) => one(i)).join("");

const INPUTS: Readonly<Record<string, () => Input>> = {
  "decode gets": () =>
    input(
      repeat(() => bulk("0123456789abcdef".repeat(4))),
      Infinity,
      REPLIES,
    ),
  "decode ints": () =>
    input(
      repeat((i) => `:${i * 7}\r\n`),
      Infinity,
      REPLIES,
    ),
  "decode array": () => input(`*${REPLIES}\r\n${repeat((i) => bulk(`element number ${i}`))}`, Infinity, 1),
  "decode large": () => input(bulk("x".repeat(LARGE)), 64 * 1024, 1),
  "decode pieces": () =>
    input(
      repeat(() => bulk("0123456789abcdef".repeat(4))),
      1_460,
      REPLIES,
    ),
};

/** What the scenarios of the decoders are called. */
export const DECODING: readonly (readonly [key: string, name: string])[] = [
  ["decode gets", "decoder alone, 1,000 replies of 64 B in one chunk"],
  ["decode ints", "decoder alone, 1,000 integers in one chunk"],
  ["decode array", "decoder alone, an array of 1,000 strings"],
  ["decode large", "decoder alone, 4 MiB in chunks of 64 KiB"],
  ["decode pieces", "decoder alone, 1,000 replies of 64 B in chunks of 1,460 B"],
];

function input(text: string, chunkBytes: number, replies: number): Input {
  return { wire: Buffer.from(text), chunkBytes, replies };
}

/** Feeds the input of a scenario again and again, and checks that all of it comes out. */
export function decodeTrial(scenario: string, open: (onReply: () => void) => Feed): Trial {
  const make = INPUTS[scenario];
  if (make === undefined) throw unknownScenario(scenario);
  const { wire, chunkBytes, replies } = make();
  const chunks: Buffer[] = [];
  for (let at = 0; at < wire.length; at += chunkBytes) chunks.push(wire.subarray(at, at + chunkBytes));
  let seen = 0;
  const feed = open(() => seen++);
  const pass = (): Promise<void> => {
    // Many between two looks at the clock, and a promise for all of them.
    for (let turn = 0; turn < 10; turn++) {
      seen = 0;
      for (const chunk of chunks) feed(chunk);
      if (seen !== replies) throw new Error(`expected ${replies} replies, got ${seen}`);
    }
    return Promise.resolve();
  };
  return { run: inFlight(1, pass, 10), close: () => {} };
}
