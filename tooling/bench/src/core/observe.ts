// What observation costs where nobody observes: the place at which every client asks whether anybody listens, around work that
// is no more than a promise. Beside observe-floor.ts, which has the work alone.

import { Observation } from "@landline/core";
import type { Contestant } from "../harness/contestant.ts";
import { inFlight } from "../harness/contestant.ts";

const OPERATIONS = 1_000;

export const contestant: Contestant = async () => {
  const observation = new Observation("command", undefined, { "db.system.name": "redis", "server.port": 6379 });
  const operation = (command: readonly string[]): Promise<number> => {
    const answer = Promise.resolve(command.length);
    if (observation.on) observation.follow(answer, observation.begin(String(command[0]), {}));
    return answer;
  };
  const operations = async (): Promise<void> => {
    const command = ["GET", "key"];
    for (let i = 0; i < OPERATIONS; i++) await operation(command);
  };
  return { run: inFlight(1, operations, OPERATIONS), close: () => {} };
};
