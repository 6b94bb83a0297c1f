// docs/benchmarks.md from a report: the pictures, every table, and where a peer is better, said by rule and not by choice.

import { FLOORS, moreIsBetter, OURS } from "../report.ts";
import type { Report, Scenario } from "../report.ts";
import { figure } from "../table.ts";
import { chart } from "./chart.ts";

/** Files by their path under docs/. */
export type Files = Readonly<Record<string, string>>;

const TITLES: Readonly<Record<string, string>> = {
  postgres: "Postgres",
  redis: "Redis",
  smtp: "SMTP",
  connect: "Round trips and bytes",
  workerd: "In workerd",
  core: "Core",
  sizes: "Sizes",
};
const NOTES: Readonly<Record<string, string>> = {
  postgres:
    "The floor pumps bytes that were encoded beforehand and counts ReadyForQuery; it decodes nothing, and asks for binary results. `pgbench` sends batches where more than one is in flight, and waits for the last answer of each; it discards what it gets.",
  redis:
    "The floor pumps one encoded command and counts bytes. `redis-benchmark` sends bursts. Bun has no explicit batches: it is given all commands in one tick.",
  smtp: "The server is a sink that does as little as the protocol allows. nodemailer without a pool opens a connection for each message, and as many as there are callers; the others keep to the connections of the scenario. worker-mailer has one connection, and sends one message after the other.",
  connect:
    "A proxy holds everything for 10 ms in each direction and counts how often a client waits for an answer before it goes on; the TCP handshake itself is not counted. Bun's clients run on Bun, the others on Node. The SMTP server over TLS waits 100 ms before its greeting. Writes are the pieces that arrive at a proxy without delay.",
  workerd:
    "Each client is bundled with esbuild and runs in a workerd of its own; ours without Node compatibility, the peers with it, because they need it. CPU time is that of the whole process, all threads, which includes the runtime's own. node-redis is not here: its connect() did not settle in our set-up.",
  core: "The BYOB loop (one 64 KiB buffer that goes round) and one single write are floors. net.Socket is corked for many small writes.",
  sizes:
    "Bundled with esbuild for workerd's export conditions, minified, gzip -9. Node's own modules are not counted for the peers that need them.",
};
/** Of the readings of one scenario, the one to draw. */
const DRAWN = /^(?!.*(, minified$|, elapsed|at 20 ms|on the wire|median time|percentile)).*$/;
/** Less than this is noise. */
const MARGIN = 0.05;

/** The page and its pictures. */
export function page({ machine, scenarios }: Report): Files {
  const files: Record<string, string> = {};
  const sections: string[] = [];
  for (const [area, title] of Object.entries(TITLES)) {
    const own = scenarios.filter((scenario) => scenario.area === area);
    if (own.length === 0) continue;
    const drawn = own.filter(({ scenario, results }) => DRAWN.test(scenario) && Object.keys(results).length > 1);
    if (drawn.length > 0) files[`benchmarks/${area}.svg`] = chart(drawn);
    const picture = drawn.length > 0 ? `![${title}](benchmarks/${area}.svg)\n\n` : "";
    sections.push(`## ${title}\n\n${NOTES[area] ?? ""}\n\n${picture}${tables(own)}`);
  }
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  files["benchmarks.md"] = `# Benchmarks

<!-- Written by \`pnpm bench --docs\`. Do not edit: change tooling/bench/src/docs and run it again. -->

To repeat everything here, on a machine that is otherwise idle: \`npx --yes pnpm@12 bench --docs\` writes this page anew;
\`pnpm bench --help\` says how to run parts of it. The figures behind it are in [results.json](benchmarks/results.json).

Measured on ${machine.cpu}, ${machine.cores} cores, ${machine.memory}, ${machine.system}, ${machine.date.slice(0, 10)}${
    machine.rounds === "quick" ? ", with short rounds (`--quick`)" : ""
  }. The load of the machine before the run was ${machine.load}${
    machine.load > machine.cores / 2
      ? ": **others were using it, so that rates are too low, the spread is wide, and the CPU time of an operation says more**"
      : ""
  }.

${versions.join(" · ")}

Each client runs in a process of its own (or a workerd of its own) against the same servers on the same machine, after a
warm-up, in rounds that take turns: A B C, A B C. A table shows the median of the rounds, the lowest and the highest, and
the CPU time that the client's process took for one operation. The last column is our median divided by the other's. A
floor is not a client: it shows how fast it could go at all. The peers run with the best settings that they document;
each has a file that shows them, with their source: [Postgres](../tooling/bench/src/postgres),
[Redis](../tooling/bench/src/redis), [SMTP](../tooling/bench/src/smtp), [core](../tooling/bench/src/core).

## Where a peer is better

${losses(scenarios)}

${sections.join("\n\n")}
`;
  return files;
}

/** Every comparison with a client, not a floor, in which ours is worse by more than the margin. */
function losses(scenarios: readonly Scenario[]): string {
  const lines = scenarios.flatMap(({ area, scenario, runtime, unit, ratios }) =>
    Object.entries(ratios)
      .map(([pair, ratio]) => ({ peer: pair.slice(OURS.length + 1), ratio }))
      .filter(({ peer, ratio }) => !FLOORS.has(peer) && (moreIsBetter(unit) ? ratio < 1 - MARGIN : ratio > 1 + MARGIN))
      .map(
        ({ peer, ratio }) =>
          `- ${TITLES[area] ?? area}, ${scenario} (${runtime}): ours is ${figure(ratio)} × ${peer}, in ${unit}`,
      ),
  );
  return lines.length === 0 ? "Nowhere in this run." : lines.join("\n");
}

function tables(scenarios: readonly Scenario[]): string {
  return scenarios.map(tableOf).join("\n\n");
}

function tableOf({ scenario, runtime, unit, results, ratios }: Scenario): string {
  const more = moreIsBetter(unit);
  const rows = Object.entries(results)
    .sort(([, a], [, b]) => (more ? b.median - a.median : a.median - b.median))
    .map(([client, { median, min, max, cpuMicros }]) => {
      const ours = client === OURS;
      const name = ours ? `**${client}**` : client;
      const ratio = ours ? "" : `${ratios[`${OURS}/${client}`] ?? ""}`;
      return `| ${name} | ${figure(median)} | ${figure(min)} – ${figure(max)} | ${cpuMicros === null ? "" : figure(cpuMicros)} | ${ratio} |`;
    });
  return `### ${scenario}, ${runtime}

| client | ${unit} | spread | CPU µs/op | ours / it |
| --- | ---: | ---: | ---: | ---: |
${rows.join("\n")}`;
}
