// docs/runtimes.md out of what the suites observed.

import type { RuntimeId, TestResult } from "@landline/config/runtimes";

/** Results by runtime, in the order of the columns. */
export type Observed = ReadonlyMap<RuntimeId, readonly TestResult[]>;

const COLUMNS: Record<RuntimeId, string> = {
  workerd: "workerd 2026-11",
  "workerd-2026-08": "workerd 2026-08",
  node: "Node",
  deno: "Deno",
  bun: "Bun",
};

const SECTIONS: Record<string, string> = {
  socket: "Connecting",
  "socket-streams": "Streams and ends",
  "socket-close": "Closing",
  "socket-tls": "TLS and `startTls()`",
  transport: "Transport",
  "transport-tls": "Transport: TLS",
  "transport-faults": "Transport: what goes wrong",
  "transport-abort": "Transport: what is given up",
};

const HEAD = `# Runtimes

What \`connect()\` and \`dial()\` do on each runtime, point by point. Every line is a test that runs on all five columns;
versions are those of \`pnpm-workspace.yaml\`, workerd is run as it is, without Node's compatibility.

This file is written by \`pnpm docs:runtimes\` out of what the suites in \`packages/core/test\` observe, and a test fails when
the two differ. Do not edit it: \`packages/core/test/runtimes-table.ts\` has its words.

- **\`connect()\`** gives the platform's own socket on workerd, and on Node, Deno and Bun one of ours on \`node:net\` and
  \`node:tls\`. It differs where the platforms do; the tables say where.
- **\`dial()\`** and \`Transport\` behave alike, but for what a platform does not tell or cannot do.

In the tables a ✓ stands for what the second column says. For sockets that is the
[Sockets API](https://sockets-api.proposal.wintertc.org/) of WinterTC; where it says nothing, every column speaks for itself.
`;

const TAIL = `## What to make of it

- **A failed connect.** workerd does not say why: \`dial()\` gives \`CONNECT_FAILED\` with the causes that fit. Wait for
  \`opened\` before reading from a socket: on some the end of a stream is all that a read tells.
- **A reset.** The older workerd ends a read after a reset exactly as after a FIN. That its \`closed\` has settled by then,
  with \`allowHalfOpen\`, is the one difference, and how \`Transport\` tells them apart there: for sockets of our own
  \`connect()\`, not for those of a binding. Of a reset, or a FIN, in the middle of TLS not every runtime tells either: a
  protocol with frames notices by itself (\`PROTOCOL_TRUNCATED\`).
- **A handshake after \`startTls()\`.** The older workerd says \`opened\` before there has been one. \`Transport\` takes an end or
  an error before the first byte for a failed handshake.
- **Closing on workerd.** \`close()\` of a socket may wait for ever: for a connection that is not made, and for a peer that does
  not read. \`Transport.close()\` never does, and \`abort()\` reaches the peer at once, but in two cases in which the platform
  keeps the connection until the request ends: during a TLS handshake, and with unsent
  bytes that the peer does not read.
`;

/** The whole file. */
export function runtimesTable(observed: Observed): string {
  const first = [...observed.values()][0] ?? [];
  const sections = Object.entries(SECTIONS).map(([file, title]) => {
    const points = first.filter((result) => result.file === file && result.meta?.["spec"] !== undefined);
    const alike = first.filter((result) => result.file === file && result.meta?.["spec"] === undefined);
    const second = file.startsWith("socket") ? "Sockets API" : "what should be";
    const header = ["", second, ...[...observed.keys()].map((id) => COLUMNS[id])];
    const rows = points.map(({ name, meta }) => {
      const spec = String(meta?.["spec"]);
      return [name, spec, ...[...observed.values()].map((results) => cell(results, file, name, spec))];
    });
    const list = alike.map(({ name }) => `- ${name}`).join("\n");
    const table = rows.length === 0 ? "" : `${markdown([header, ...rows])}\n`;
    return `## ${title}\n\n${table}${table === "" || list === "" ? "" : "\n"}${list === "" ? "" : `Alike everywhere:\n\n${list}\n`}`;
  });
  return [HEAD, ...sections, TAIL].join("\n");
}

function cell(results: readonly TestResult[], file: string, name: string, spec: string): string {
  const observed = results.find((result) => result.file === file && result.name === name)?.meta?.["observed"];
  if (observed === spec) return "✓";
  return typeof observed === "string" ? observed : "?";
}

/** A table as the formatter has it: columns padded to the widest cell. */
function markdown(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, column) => text.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [header = [], ...body] = rows;
  return [line(header), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}
