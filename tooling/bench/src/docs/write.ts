// Puts the page, its pictures and the figures behind them where the documentation is.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Report } from "../report.ts";
import { page } from "./page.ts";

const DOCS = join(import.meta.dirname, "../../../../docs");

export function writeDocs(report: Report): void {
  const files = { ...page(report), "benchmarks/results.json": `${JSON.stringify(report, undefined, 1)}\n` };
  for (const [path, text] of Object.entries(files)) {
    const file = join(DOCS, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
