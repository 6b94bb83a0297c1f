// The leaderboard: a sorted set. A score is added and told to whoever listens in one script, so that nobody hears of what
// did not happen, and nothing happens unheard.

import { script } from "@landline/redis";
import type { Redis } from "@landline/redis";
import { Problem } from "./http.ts";

/** Where scores are kept, and where they are told. */
export const BOARD = "board";
export const CHANNEL = "board:scores";
const MOST_SHOWN = 10;
const MOST_POINTS = 1_000;

const add = script(`
local score = redis.call('ZINCRBY', KEYS[1], ARGV[1], ARGV[2])
redis.call('PUBLISH', ARGV[3], cjson.encode({player = ARGV[2], score = tonumber(score)}))
return score
`);

/** A line of the board. */
export interface Score {
  readonly player: string;
  readonly score: number;
}

/** The best, best first. */
export async function readBoard(kv: Redis): Promise<readonly Score[]> {
  const pairs = await kv.zrange(BOARD, 0, MOST_SHOWN - 1, "REV", "WITHSCORES");
  return pairs.map(([player, score]) => ({ player, score }));
}

/** Adds points to a player's score. */
export async function addPoints(kv: Redis, { player, points }: Draft): Promise<Score> {
  const score = await kv.run(add, [BOARD], [points, player, CHANNEL]);
  return { player, score: Number(score) };
}

/** Points to be added. */
export interface Draft {
  readonly player: string;
  readonly points: number;
}

/** @throws Problem 400 */
export function draftOf({ player, points }: Readonly<Record<string, unknown>>): Draft {
  const name = typeof player === "string" ? player.trim() : "";
  if (name === "" || name.length > 40 || !name.isWellFormed()) {
    throw new Problem(400, "invalid_player", "`player` is a name of 1 to 40 characters.");
  }
  if (typeof points !== "number" || !Number.isInteger(points) || points < 1 || points > MOST_POINTS) {
    throw new Problem(400, "invalid_points", `\`points\` is a whole number from 1 to ${MOST_POINTS}.`);
  }
  return { player: name, points };
}
