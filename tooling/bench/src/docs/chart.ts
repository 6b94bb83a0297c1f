// Bar charts as small SVG files, written by hand. They follow the reader's colour scheme.

import { FLOORS, moreIsBetter, OURS } from "../report.ts";
import type { Scenario } from "../report.ts";
import { figure } from "../table.ts";

const WIDTH = 720;
const LABEL = 150;
const VALUE = 130;
const BAR = 18;
const GAP = 5;
const TITLE = 34;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600 }
  .note { fill: #59636e }
  .ours { fill: #f6821f }
  .peer { fill: #8c959f }
  .floor { fill: none; stroke: #8c959f; stroke-dasharray: 3 2 }
  .spread { stroke: #1f2328; stroke-width: 1.5; opacity: .6 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .note { fill: #9198a1 } .spread { stroke: #e6edf3 }
  }`;

/** One picture of several scenarios, a group of bars each. The thin line is the spread. */
export function chart(scenarios: readonly Scenario[]): string {
  let y = 0;
  const parts: string[] = [];
  for (const scenario of scenarios) {
    const { text, height } = group(scenario, y);
    parts.push(text);
    y += height;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y + GAP}" viewBox="0 0 ${WIDTH} ${y + GAP}">
<style>${STYLE}
</style>
${parts.join("\n")}
</svg>
`;
}

function group({ scenario, runtime, unit, results }: Scenario, top: number): { text: string; height: number } {
  const more = moreIsBetter(unit);
  const rows = Object.entries(results).sort(([, a], [, b]) => (more ? b.median - a.median : a.median - b.median));
  const most = Math.max(...rows.map(([, { max }]) => max));
  const scale = (value: number): number => Math.round((value / most) * (WIDTH - LABEL - VALUE));
  const head =
    `<text class="title" x="0" y="${top + 22}">${escape(scenario)}` +
    `<tspan class="note" font-weight="400"> · ${runtime} · ${unit}, ${more ? "more" : "less"} is better</tspan></text>`;
  const bars = rows.map(([client, { median, min, max }], i) => {
    const y = top + TITLE + i * (BAR + GAP);
    const middle = y + BAR / 2;
    return [
      `<text x="${LABEL - 8}" y="${y + 13}" text-anchor="end">${escape(client)}</text>`,
      `<rect class="${kind(client)}" x="${LABEL}" y="${y}" width="${Math.max(scale(median), 1)}" height="${BAR}" rx="2"/>`,
      `<line class="spread" x1="${LABEL + scale(min)}" x2="${LABEL + scale(max)}" y1="${middle}" y2="${middle}"/>`,
      `<text x="${LABEL + scale(max) + 8}" y="${y + 13}">${figure(median)}</text>`,
    ].join("");
  });
  return { text: [head, ...bars].join("\n"), height: TITLE + rows.length * (BAR + GAP) + GAP };
}

function kind(client: string): string {
  if (client === OURS) return "ours";
  return FLOORS.has(client) ? "floor" : "peer";
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
