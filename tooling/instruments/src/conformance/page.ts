// One page of `docs/conformance`: written from results, and read again for the names on it.

import { sourceOf, type Source } from "./sources.ts";

/** What came of one test on one runtime. */
export interface Result {
  readonly test: string;
  readonly runtime: string;
  readonly passed: boolean;
}

/** A line of the page, without the results. */
export interface Case {
  readonly test: string;
  readonly source: string;
}

const TITLES: Readonly<Record<string, string>> = { postgres: "Postgres", redis: "Redis", smtp: "SMTP" };
const RUNTIMES = ["node", "workerd", "deno", "bun"];

/** The tests that have a source, each once, those of one source together. */
export function casesOf(sources: readonly Source[], tests: readonly string[]): Case[] {
  const cases: Case[] = [];
  for (const test of new Set(tests)) {
    const source = sourceOf(sources, test);
    if (source !== undefined) cases.push({ test: cell(test), source: cell(source) });
  }
  return cases.sort((a, b) => compare(a.source, b.source) || compare(a.test, b.test));
}

/** The page of a package. */
export function writePage(name: string, sources: readonly Source[], results: readonly Result[]): string {
  const runtimes = RUNTIMES.filter((runtime) => results.some((result) => result.runtime === runtime));
  const outcomes = new Map<string, boolean>();
  for (const { test, runtime, passed } of results) {
    const key = `${runtime} ${cell(test)}`;
    outcomes.set(key, (outcomes.get(key) ?? true) && passed);
  }
  const word = (test: string, runtime: string): string => {
    const passed = outcomes.get(`${runtime} ${test}`);
    if (passed === undefined) return "";
    return passed ? "✓" : "fails";
  };
  const rows = casesOf(sources, onNode(results)).map(({ test, source }) => {
    return [test, source, ...runtimes.map((runtime) => word(test, runtime))];
  });
  return `# ${TITLES[name] ?? name}: conformance

What \`@landline/${name}\` is held to, and by what: a section of a specification, a thread about a client that failed, an
advisory. Each line is a test of the package, under its own name, on the runtimes where it runs.

Written by \`pnpm conformance\` from the tests; the sources are in \`packages/${name}/test/conformance.json\`.

${table([["case", "source", ...runtimes], ...rows])}`;
}

/** What runs on Node names the cases: all that comes from a source runs there, whatever else it runs on. */
function onNode(results: readonly Result[]): string[] {
  return results.filter(({ runtime }) => runtime === "node").map(({ test }) => test);
}

/** The cases on a page. */
export function readPage(page: string): Case[] {
  const lines = page.split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(2).map((line) => {
    const [test = "", source = ""] = line.slice(2).split(" | ");
    return { test: test.trim(), source: source.trim() };
  });
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("");
}

/** A name as a cell of a table: short, on one line, with nothing in it that means something there. */
function cell(text: string): string {
  const shown = text.length > 120 ? `${text.slice(0, 119)}…` : text;
  return shown
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/g, (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    })
    .replace(/\\/g, "\\\\")
    .replace(/[|*_<>`[\]]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/ {2,}/g, " ")
    .trim();
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
