// Where a login by SCRAM was guessed and was wrong: plain facts about servers, so that nobody pays for them twice. Bounded.

import type { Settings } from "./options.ts";

const MAX_REMEMBERED = 64;
const wrong = new Set<string>();

type Place = Pick<Settings, "address" | "user">;

function keyOf({ address, user }: Place): string {
  return `${address.hostname}:${address.port}/${user}`;
}

/** Whether a guess is worth it there. */
export function mayGuess(place: Place): boolean {
  return !wrong.has(keyOf(place));
}

/** From now on the server is asked there first. */
export function rememberWrongGuess(place: Place): void {
  const [oldest] = wrong;
  if (wrong.size >= MAX_REMEMBERED && oldest !== undefined) wrong.delete(oldest);
  wrong.add(keyOf(place));
}
