// Checks that the options of all pool objects share.

/** A socket keeps the object in memory for 15 minutes. One that is older works on, until the object is evicted under it. */
const MOST_LIFETIME = 14 * 60_000;

/** @throws TypeError that names the option when `value` is no number in its range. */
export function within(name: string, value: number, most: number, least = 1): number {
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw new TypeError(`${name} must be a number from ${least} to ${most}`);
}

/** @throws TypeError for connections that would outlive what keeps their object in memory. */
export function checkLifetime(maxLifetime: number | undefined): void {
  if (maxLifetime === undefined || maxLifetime <= MOST_LIFETIME) return;
  throw new TypeError(
    `pool.maxLifetime must be at most ${MOST_LIFETIME}: a connection keeps its object in memory for 15 minutes`,
  );
}
