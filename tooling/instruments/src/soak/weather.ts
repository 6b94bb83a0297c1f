// The weather of a soak: what the proxy does to each connection, drawn from its seed.

import type { Random } from "@landline/core/testing";
import type { Faults, Plan, PlannedConnection } from "@landline/core/testing/proxy";

/** One of several, by weight. */
export function pick<T>(random: Random, choices: readonly (readonly [weight: number, value: T])[]): T {
  let at = random() * choices.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, value] of choices) {
    at -= weight;
    if (at < 0) return value;
  }
  return (choices.at(-1) as readonly [number, T])[1];
}

const up = (random: Random, most: number): number => Math.floor(random() * most);

type Weather = (random: Random) => Plan;

/** Faults of one direction chosen at random. */
function oneWay(make: (random: Random) => Faults): Weather {
  return (random) => (random() < 0.5 ? { toServer: make(random) } : { toClient: make(random) });
}

/** Stalls end, so that every connection does: a proxy cannot see that a peer which it does not read has gone. */
const STALL = 2_500;

const WEATHERS: readonly (readonly [weight: number, Weather])[] = [
  [30, () => ({})],
  [15, (random) => ({ toServer: { delay: up(random, 15) }, toClient: { delay: up(random, 15) } })],
  [12, (random) => ({ toServer: { chunkBytes: 1 + up(random, 9) }, toClient: { chunkBytes: 1 + up(random, 9) } })],
  [5, oneWay((random) => ({ bytesPerSecond: 2_000 + up(random, 50_000) }))],
  // Early offsets hit TLS and the login, late ones the work.
  [9, oneWay((random) => ({ resetAt: up(random, 3_000) }))],
  [9, oneWay((random) => ({ resetAt: up(random, 200_000) }))],
  [6, oneWay((random) => ({ endAt: up(random, 50_000) }))],
  [6, oneWay((random) => ({ stallAt: up(random, 50_000), stallFor: STALL }))],
  [2, () => ({ refuse: "silent" })],
  [3, () => ({ refuse: "reset" })],
];

/** The plan of a connection. `corruption` is for TLS alone: in the clear nobody could tell a changed byte from a true one. */
export function weather(corruption: boolean): (connection: PlannedConnection) => Plan {
  return ({ random }) => {
    if (corruption && random() < 0.05) {
      return oneWay(() => ({ corrupt: { [up(random, 20_000)]: 1 + up(random, 255) } }))(random);
    }
    return pick(random, WEATHERS)(random);
  };
}
