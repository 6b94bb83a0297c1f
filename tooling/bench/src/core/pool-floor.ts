// The floor of a pool: an array, and the promise that an asynchronous function makes anyway.

import type { Contestant } from "../harness/contestant.ts";
import { inFlight } from "../harness/contestant.ts";

const PAIRS = 1_000;

export const contestant: Contestant = async () => {
  const idle: object[] = [{}];
  const acquire = async (): Promise<object> => idle.pop() ?? {};
  const pairs = async (): Promise<void> => {
    for (let i = 0; i < PAIRS; i++) idle.push(await acquire());
  };
  return { run: inFlight(1, pairs, PAIRS), close: () => {} };
};
