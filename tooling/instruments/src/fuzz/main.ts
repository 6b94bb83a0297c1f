#!/usr/bin/env node
// `pnpm fuzz`: looks for bytes that break a decoder or a parser.

import { parseArgs } from "node:util";
import { readCorpus, writeCorpus } from "./corpus.ts";
import { failureOf, fuzz, textOf } from "./fuzz.ts";
import type { Target } from "./invariants.ts";
import { TARGETS } from "./targets.ts";

const HELP = `Usage: pnpm fuzz [target ...] [--seconds N] [--seed S] [--keep] [--input BASE64] [--help]

Changes inputs of each decoder and parser, guided by what they reach in the source, and checks that nothing breaks: only the
errors that are allowed, the same result however the bytes are cut, no further word after an error, bounded time.
Exits 1 when something broke, with the smallest input that does it.

  --seconds N     for each target, default 10
  --seed S        repeats a run on the same corpus
  --keep          adds inputs that reached something new to the corpus
  --input BASE64  runs this one input
  --help          this text

Targets: ${TARGETS.map(({ name }) => name).join(", ")}
`;

await main();

async function main(): Promise<void> {
  let given: {
    values: { seconds: string; seed: string | undefined; keep: boolean; input: string | undefined; help: boolean };
    positionals: string[];
  };
  try {
    given = parseArgs({
      args: process.argv.slice(2).filter((arg) => arg !== "--"),
      allowPositionals: true,
      options: {
        seconds: { type: "string", default: "10" },
        seed: { type: "string" },
        keep: { type: "boolean", default: false },
        input: { type: "string" },
        help: { type: "boolean", default: false },
      },
    }) as typeof given;
  } catch (error) {
    return usage((error as Error).message);
  }
  const { values, positionals } = given;
  if (values.help) return void process.stdout.write(HELP);
  const [seconds, seed] = [Number(values.seconds), Number(values.seed ?? Date.now() % 1_000_000)];
  if (!(seconds > 0) || !Number.isInteger(seed)) return usage("--seconds and --seed take numbers");
  const stranger = positionals.find((name) => !TARGETS.some((target) => target.name === name));
  if (stranger !== undefined) return usage(`there is no target ${stranger}`);
  const targets = TARGETS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));

  if (values.input !== undefined) {
    const [target] = targets;
    if (target === undefined || targets.length > 1) return usage("--input needs one target");
    const input = new Uint8Array(Buffer.from(values.input, "base64"));
    return tell(target, input, (await failureOf(target, input, seed))?.error, seed);
  }
  process.stdout.write(`fuzz: seed ${seed}\n`);
  for (const target of targets) {
    const corpus = readCorpus(target);
    const report = await fuzz(target, { seconds, seed, corpus });
    process.stdout.write(
      `  ${target.name}: ${report.runs} runs, ${report.reached} blocks, ${report.corpus.length - corpus.length} new inputs\n`,
    );
    if (report.broken !== undefined) tell(target, report.broken.input, report.broken.error, seed);
    else if (values.keep) writeCorpus(target, report.corpus);
  }
}

function tell(target: Target, input: Uint8Array, error: Error | undefined, seed: number): void {
  if (error === undefined) return void process.stdout.write(`  ${target.name}: holds\n`);
  process.exitCode = 1;
  process.stdout.write(
    `FAILED ${target.name}: ${error.name}: ${error.message}\n  input: ${JSON.stringify(textOf(input))}\n` +
      `  again: pnpm fuzz ${target.name} --seed ${seed} --input ${Buffer.from(input).toString("base64")}\n`,
  );
}

function usage(why: string): void {
  process.stderr.write(`pnpm fuzz: ${why}\n\n${HELP}`);
  process.exitCode = 2;
}
