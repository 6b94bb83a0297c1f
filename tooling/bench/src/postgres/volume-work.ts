// The work of what is about volume: the values, the gigabyte, and the rows of COPY, the same for every client.

import type { Count } from "../harness/contestant.ts";

/** Sizes of one value, by scenario. */
export const VALUE_BYTES: Readonly<Record<string, number>> = {
  "value 16": 16 * 1024 * 1024,
  "value 64": 64 * 1024 * 1024,
};
/** A text of that size, which no server has to read from a disk. */
export const SELECT_VALUE: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(VALUE_BYTES).map(([scenario, bytes]) => [scenario, `select repeat('x', ${bytes}) as t`]),
);

export const ROW_BYTES = 999;
/** With the line end that COPY adds. */
export const GIGABYTE = 1_000_000_000;
export const SELECT_GIGABYTE = `select repeat('x', ${ROW_BYTES}) as t from generate_series(1, ${GIGABYTE / (ROW_BYTES + 1)})`;

export const COPY_IN = "copy bench_copied from stdin";
/** Rows of one piece, and how many pieces make a million rows. */
const PIECE_ROWS = 1_000;
export const COPY_PIECES = 1_000;

/** A thousand rows of six columns in their text form. Made once: what is measured is the way to the server. */
export function copyPiece(): Uint8Array {
  let text = "";
  for (let id = 0; id < PIECE_ROWS; id++)
    text += `${id}\tPerson number ${id}\tperson${id}@mail.example\t${id * 1.25}\t${id % 2 === 0}\t2026-01-01 00:00:00Z\n`;
  return new TextEncoder().encode(text);
}

/** Empties the table, so that the next COPY is as fast as the last. */
export async function truncateCopied(sql: { unsafe(text: string): PromiseLike<unknown> }): Promise<void> {
  await sql.unsafe("truncate bench_copied");
}

/** A slow reader rests so long after so many bytes: a gigabyte takes it two seconds more. */
const REST_MS = 5;
const REST_AFTER = 2_500_000;

/** Tells how much has been read; resolves when more is to be. */
export function slowly(): (bytes: number) => Promise<void> {
  let awake = REST_AFTER;
  return (bytes) => {
    awake -= bytes;
    if (awake > 0) return Promise.resolve();
    awake = REST_AFTER;
    return new Promise((resolve) => setTimeout(resolve, REST_MS));
  };
}

/** One operation. */
export async function timed(work: () => Promise<unknown>): Promise<Count> {
  const start = performance.now();
  await work();
  return { operations: 1, elapsedMs: performance.now() - start };
}

/** @throws when the value is not whole. */
export function expectValue(scenario: string, rows: readonly unknown[]): void {
  const { t } = rows[0] as { readonly t: string };
  if (t.length !== VALUE_BYTES[scenario]) throw new Error(`${scenario}: ${t.length} characters`);
}
