// `pnpm bench`: our clients beside their peers and a floor, against the same servers, in rounds that take turns.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startServices } from "@landline/services";
import { AREAS } from "./areas.ts";
import { writeDocs } from "./docs/write.ts";
import { FULL, QUICK } from "./harness/plan.ts";
import { machine } from "./machine.ts";
import type { Report, Scenario } from "./report.ts";
import { table } from "./table.ts";

const HELP = `Usage: pnpm bench [area…] [--quick] [--json] [--only text]
                  [--docs [--from file]] [--help]

Measures our clients beside their peers and a floor: each in a process of its own, against the same servers, in rounds
that take turns. Areas: ${Object.keys(AREAS).join(", ")}; all of them by default.

  --quick   few and short rounds: an area ends within a minute
  --json    one JSON document on stdout, and nothing else there
  --docs    write docs/benchmarks.md, its charts and docs/benchmarks/results.json; areas that are not measured stay as
            they are there
  --from    with --docs: write them from this JSON document, and measure nothing
  --only    only the scenarios whose name holds this text
  --help    this text
`;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

interface Flags {
  readonly quick: boolean;
  readonly json: boolean;
  readonly docs: boolean;
  readonly from: string | undefined;
  readonly only: string | undefined;
}

function read(): { areas: string[]; flags: Flags; help: boolean } | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: process.argv.slice(2).filter((arg) => arg !== "--"),
      allowPositionals: true,
      options: {
        quick: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        docs: { type: "boolean", default: false },
        from: { type: "string" },
        only: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const stranger = positionals.find((name) => AREAS[name] === undefined);
    if (stranger !== undefined) throw new Error(`there is no area ${stranger}`);
    const { help, quick, json, docs, from, only } = values;
    if (from !== undefined && !docs) throw new Error("--from goes with --docs");
    const flags = { quick, json, docs, from, only };
    return { areas: positionals.length > 0 ? positionals : Object.keys(AREAS), flags, help };
  } catch (error) {
    say(`pnpm bench: ${(error as Error).message}\n\n${HELP}`);
    return undefined;
  }
}

async function measure(areas: readonly string[], { quick, json, only }: Flags): Promise<Report> {
  const effort = quick ? QUICK : FULL;
  say("starting the servers");
  const running = await startServices();
  const facts = machine(effort.name, running.services);
  // Whoever is interrupted takes the servers with him: they end with this process.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));
  try {
    const { services } = running;
    const scenarios: Scenario[] = [];
    const report = (scenario: Scenario): void => {
      scenarios.push(scenario);
      (json ? say : (text: string) => process.stdout.write(`${text}\n`))(table(scenario));
    };
    for (const name of areas) {
      say(`measuring ${name}`);
      await AREAS[name]?.({ services, effort, only, say, report });
    }
    return { machine: facts, scenarios };
  } finally {
    await running.stop();
  }
}

function readReport(file: string): Report {
  return JSON.parse(readFileSync(file, "utf8")) as Report;
}

const request = read();
if (request === undefined) process.exitCode = 2;
else if (request.help) process.stdout.write(HELP);
else {
  try {
    const { areas, flags } = request;
    const report = flags.from === undefined ? await measure(areas, flags) : readReport(flags.from);
    if (flags.docs) writeDocs(report);
    if (flags.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  } catch (error) {
    say(`pnpm bench: ${(error as Error).stack}`);
    process.exitCode = 1;
  }
}
