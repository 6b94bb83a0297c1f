// What every composer is given: bytes for an attachment, a text that goes as quoted-printable, a long list of addresses.

import { unknownScenario } from "../harness/contestant.ts";
import type { Count, Trial } from "../harness/contestant.ts";

const MIB = 1024 * 1024;

/** One way of writing each. What comes back is the proof that it was done. */
export interface Composer {
  /** Lines of 76 characters. Returns how many bytes came out. */
  base64(content: Uint8Array): number | Promise<number>;
  quotedPrintable(text: string): number | Promise<number>;
  /** Returns how many addresses were found. */
  addresses(list: string): number;
}

const BYTES = Uint8Array.from({ length: 4 * MIB }, (_, index) => (index * 2654435761) >>> 24);
const TEXT = "Grüße aus Köln: the quick brown fox jumps over the lazy dog, again and again — até amanhã.\r\n".repeat(
  5_000,
);
export const ADDRESSES = 200_000;

/** The rounds of a composer. Operations are MiB that went in, or lists. */
export function composing(scenario: string, composer: Composer): Trial {
  const list = Array.from(
    { length: ADDRESSES },
    (_, index) => `"User ${index}" <user${index}@host${index % 97}.example>`,
  );
  const joined = list.join(", ");
  const mib = new TextEncoder().encode(TEXT).length / MIB;
  const work: Readonly<Record<string, () => Promise<number>>> = {
    base64: async () => {
      const length = await composer.base64(BYTES);
      if (length < (BYTES.length * 4) / 3) throw new Error(`only ${length} bytes of base64`);
      return BYTES.length / MIB;
    },
    "quoted-printable": async () => {
      const length = await composer.quotedPrintable(TEXT);
      if (length < TEXT.length) throw new Error(`only ${length} bytes of quoted-printable`);
      return mib;
    },
    addresses: async () => {
      const found = composer.addresses(joined);
      if (found !== ADDRESSES) throw new Error(`found ${found} addresses`);
      return 1;
    },
  };
  const once = work[scenario];
  if (once === undefined) throw unknownScenario(scenario);
  const run = async (budgetMs: number): Promise<Count> => {
    const start = performance.now();
    let operations = 0;
    do operations += await once();
    while (performance.now() < start + budgetMs);
    return { operations, elapsedMs: performance.now() - start };
  };
  return { run, close: () => {} };
}
