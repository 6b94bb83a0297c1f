// Puts the page, its pictures and the figures behind them where the documentation is.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Report } from "../report.ts";
import { page } from "./page.ts";

const DOCS = join(import.meta.dirname, "../../../../docs");
const RESULTS = join(DOCS, "benchmarks/results.json");

/** Areas that this run did not measure stay as they are. */
export function writeDocs(report: Report): void {
  const measured = new Set(report.scenarios.map(({ area }) => area));
  const kept = existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, "utf8")) as Report).scenarios : [];
  const scenarios = [...kept.filter(({ area }) => !measured.has(area)), ...report.scenarios];
  const whole: Report = { machine: report.machine, scenarios };
  const files = { ...page(whole), "benchmarks/results.json": `${JSON.stringify(whole, undefined, 1)}\n` };
  for (const [path, text] of Object.entries(files)) {
    const file = join(DOCS, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  // The page passes the same check as every other file.
  spawnSync(
    join(DOCS, "../node_modules/.bin/oxfmt"),
    Object.keys(files).map((path) => join(DOCS, path)),
  );
}
