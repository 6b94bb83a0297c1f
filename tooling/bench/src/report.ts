// The document that a run comes to: what --json prints, what the tables and docs/benchmarks.md are made from.

/** One client's figure in one scenario. */
interface Result {
  /** In the scenario's unit, over the rounds. */
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** CPU time of the client's process for one operation, in microseconds; `null` where it is not told. */
  readonly cpuMicros: number | null;
}

/** One comparison. */
export interface Scenario {
  readonly area: string;
  readonly scenario: string;
  readonly runtime: string;
  /** `ops/s` and the like: more is better. Times, bytes, counts: less is better. */
  readonly unit: string;
  readonly results: Readonly<Record<string, Result>>;
  /** `landline/<peer>`: our median divided by the peer's. */
  readonly ratios: Readonly<Record<string, number>>;
}

/** Where and with what it ran. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memory: string;
  readonly system: string;
  readonly date: string;
  /** How many processes wanted to run, on average over the minute before: beyond the cores, figures are noise. */
  readonly load: number;
  readonly rounds: "quick" | "full";
  readonly versions: Readonly<Record<string, string>>;
}

/** A whole run. */
export interface Report {
  readonly machine: Machine;
  readonly scenarios: readonly Scenario[];
}

/** Our name in every table. */
export const OURS = "landline";

/** What is no client: how fast it could go at all. */
export const FLOORS: ReadonlySet<string> = new Set(["floor", "pgbench", "redis-benchmark", "one write", "BYOB loop"]);

/** Whether a larger figure is the better one. */
export function moreIsBetter(unit: string): boolean {
  return unit.endsWith("/s");
}

/** The scenario from each client's rounds. */
export function summarize(
  facts: Pick<Scenario, "area" | "scenario" | "runtime" | "unit">,
  rounds: ReadonlyMap<string, readonly { readonly value: number; readonly cpuMicros: number | null }[]>,
): Scenario {
  const results: Record<string, Result> = {};
  for (const [client, samples] of rounds) {
    const values = samples.map(({ value }) => value);
    const cpu = samples.map(({ cpuMicros }) => cpuMicros).filter((each) => each !== null);
    results[client] = {
      median: rounded(median(values)),
      min: rounded(Math.min(...values)),
      max: rounded(Math.max(...values)),
      cpuMicros: cpu.length === 0 ? null : rounded(median(cpu)),
    };
  }
  const ours = results[OURS];
  const ratios: Record<string, number> = {};
  for (const [client, { median: theirs }] of Object.entries(results)) {
    if (ours === undefined || client === OURS || theirs === 0) continue;
    ratios[`${OURS}/${client}`] = Number((ours.median / theirs).toFixed(3));
  }
  return { ...facts, results, ratios };
}

/** The middle value. @throws RangeError for no values. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new RangeError("the median of nothing");
  return (upper + lower) / 2;
}

function rounded(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(4));
}
