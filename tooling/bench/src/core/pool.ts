// @landline/core/pool: a pair of acquire and release, with one idle resource that costs nothing.

import { Pool } from "@landline/core/pool";
import type { Contestant } from "../harness/contestant.ts";
import { inFlight } from "../harness/contestant.ts";

const PAIRS = 1_000;

export const contestant: Contestant = async () => {
  const pool = new Pool<object>({ create: async () => ({}), destroy: () => {} }, { max: 1 });
  const pairs = async (): Promise<void> => {
    for (let i = 0; i < PAIRS; i++) (await pool.acquire()).release();
  };
  return { run: inFlight(1, pairs, PAIRS), close: () => pool.close() };
};
