// A scenario for the terminal.

import { moreIsBetter, OURS } from "./report.ts";
import type { Scenario } from "./report.ts";

/** The lines of a scenario's table, the best client first. */
export function table({ area, scenario, runtime, unit, results, ratios }: Scenario): string {
  const better = moreIsBetter(unit) ? -1 : 1;
  const rows = Object.entries(results)
    .sort(([, a], [, b]) => (a.median - b.median) * better)
    .map(([client, { median, min, max, cpuMicros }]) => [
      client,
      figure(median),
      `${figure(min)} – ${figure(max)}`,
      cpuMicros === null ? "" : figure(cpuMicros),
      client === OURS ? "" : `${ratios[`${OURS}/${client}`] ?? ""}`,
    ]);
  const head = ["client", unit, "spread", "CPU µs/op", "landline/it"];
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ");
  return [`${area} · ${scenario} · ${runtime}`, line(head), ...rows.map(line), ""].join("\n");
}

/** A figure as people read it: thousands apart, and no more digits than it is worth. */
export function figure(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}
