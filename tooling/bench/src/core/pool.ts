// @landline/core/pool: a pair of acquire and release, with one idle resource that costs nothing. A pair that sets a timer ends
// the benchmark: that none is needed is part of what is measured.

import { Pool } from "@landline/core/pool";
import type { Contestant } from "../harness/contestant.ts";
import { inFlight } from "../harness/contestant.ts";

const PAIRS = 1_000;

export const contestant: Contestant = async () => {
  const pool = new Pool<object>({ create: async () => ({}), destroy: () => {} }, { max: 1 });
  // The first one sets the timer that will retire the resource when it has been idle for long.
  (await pool.acquire()).release();
  const { setTimeout: before } = globalThis;
  const refuse = (): never => {
    throw new Error("a pair of acquire and release set a timer");
  };
  const pairs = async (): Promise<void> => {
    globalThis.setTimeout = refuse as never;
    try {
      for (let i = 0; i < PAIRS; i++) (await pool.acquire()).release();
    } finally {
      globalThis.setTimeout = before;
    }
  };
  return { run: inFlight(1, pairs, PAIRS), close: () => pool.close() };
};
