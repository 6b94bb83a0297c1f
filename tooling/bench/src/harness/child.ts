// The process of one contestant, on Node and on Bun: reads one JSON command per line, answers each with one line that
// begins with MARK, because a client may print things of its own.

import { createInterface } from "node:readline";
import type { Contestant, Target, Trial } from "./contestant.ts";

/** What the harness says to a child. */
export type Order =
  | { readonly open: { readonly module: string; readonly scenario: string; readonly target: Target } }
  | { readonly run: number }
  | { readonly close: true };

/** Begins each answer. */
export const MARK = "#bench ";

if (process.argv.includes("--child")) await serve();

async function serve(): Promise<void> {
  let trial: Trial | undefined;
  const obey = async (order: Order): Promise<unknown> => {
    if ("open" in order) {
      const { module, scenario, target } = order.open;
      const { contestant } = (await import(module)) as { contestant: Contestant };
      trial = await contestant(scenario, target);
      return {};
    }
    if ("run" in order) {
      const before = process.cpuUsage();
      const count = await trial?.run(order.run);
      const { user, system } = process.cpuUsage(before);
      return { ...count, cpuMicros: user + system };
    }
    await trial?.close();
    return {};
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const order = JSON.parse(line) as Order;
    let answer: unknown;
    try {
      answer = await obey(order);
    } catch (error) {
      answer = { error: String((error as Error).stack ?? error) };
    }
    process.stdout.write(`${MARK}${JSON.stringify(answer)}\n`);
    if ("close" in order) break;
  }
  process.exit();
}
