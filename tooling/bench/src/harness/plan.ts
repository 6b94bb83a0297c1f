// Runs a plan: starts each client of a scenario, warms it up, and interleaves the rounds A B C A B C, so that what the
// machine does meanwhile falls on all of them alike.

import { summarize } from "../report.ts";
import type { Scenario } from "../report.ts";
import type { Target } from "./contestant.ts";
import type { Round, Runner, Start } from "./runner.ts";

/** How much is measured. */
export interface Effort {
  readonly name: "quick" | "full";
  readonly rounds: number;
  readonly roundMs: number;
  readonly warmUpMs: number;
}

export const QUICK: Effort = { name: "quick", rounds: 3, roundMs: 150, warmUpMs: 300 };
export const FULL: Effort = { name: "full", rounds: 5, roundMs: 700, warmUpMs: 500 };

/** A figure to be read from the rounds. */
export interface Reading {
  /** Added to the scenario's name. */
  readonly suffix?: string;
  readonly unit: string;
  readonly of: (round: Round) => number;
  /** Rounds after which CPU time for one operation is not to be shown again. */
  readonly cpu?: boolean;
}

/** One scenario on one runtime. */
export interface Plan {
  readonly area: string;
  /** As the clients know it. */
  readonly key: string;
  /** As people read it. */
  readonly scenario: string;
  readonly runtime: string;
  readonly readings: readonly Reading[];
  readonly clients: Readonly<Record<string, Start>>;
  /** A round is one operation that takes its time: ignore `roundMs`, and do this many rounds. */
  readonly rounds?: { readonly quick: number; readonly full: number };
  readonly warmUp?: boolean;
}

export const PER_SECOND: Reading = { unit: "ops/s", of: perSecond };

export function perSecond({ operations, elapsedMs }: Round): number {
  return (operations / elapsedMs) * 1_000;
}

export type Say = (line: string) => void;

/** Everything that is measured in a plan, one scenario for each reading. A client that fails is left out, and said so. */
export async function carryOut(plan: Plan, target: Target, effort: Effort, say: Say): Promise<Scenario[]> {
  const { area, key, scenario, runtime, readings, clients, warmUp = true } = plan;
  const running = new Map<string, Runner>();
  const rounds = new Map<string, Round[]>();
  const drop = async (name: string, error: unknown): Promise<void> => {
    say(`left out: ${name} in ${area}, ${scenario} on ${runtime}: ${(error as Error).message}`);
    rounds.delete(name);
    await running.get(name)?.close();
    running.delete(name);
  };
  try {
    for (const [name, start] of Object.entries(clients)) {
      try {
        running.set(name, await start(key, target));
        if (warmUp) await running.get(name)?.run(effort.warmUpMs);
        rounds.set(name, []);
      } catch (error) {
        await drop(name, error);
      }
    }
    const count = plan.rounds?.[effort.name] ?? effort.rounds;
    for (let round = 0; round < count; round++) {
      for (const [name, runner] of running) {
        try {
          rounds.get(name)?.push(await runner.run(effort.roundMs));
        } catch (error) {
          await drop(name, error);
        }
      }
    }
  } finally {
    await Promise.all([...running.values()].map((runner) => runner.close()));
  }
  return readings.map(({ suffix = "", unit, of, cpu = true }) => {
    const samples = new Map(
      [...rounds].map(([name, each]) => [
        name,
        each
          .map((round) => ({
            value: of(round),
            cpuMicros: cpu && round.cpuMicros !== null ? round.cpuMicros / round.operations : null,
          }))
          .filter(({ value }) => Number.isFinite(value)),
      ]),
    );
    for (const [name, each] of samples) if (each.length === 0) samples.delete(name);
    return summarize({ area, scenario: `${scenario}${suffix}`, runtime, unit }, samples);
  });
}
