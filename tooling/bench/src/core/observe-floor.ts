// The floor of observation: the same work with nobody to ask.

import type { Contestant } from "../harness/contestant.ts";
import { inFlight } from "../harness/contestant.ts";

const OPERATIONS = 1_000;

export const contestant: Contestant = async () => {
  const operation = (command: readonly string[]): Promise<number> => {
    const answer = Promise.resolve(command.length);
    return answer;
  };
  const operations = async (): Promise<void> => {
    const command = ["GET", "key"];
    for (let i = 0; i < OPERATIONS; i++) await operation(command);
  };
  return { run: inFlight(1, operations, OPERATIONS), close: () => {} };
};
