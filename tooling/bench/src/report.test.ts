import { expect, test } from "vitest";
import { page } from "./docs/page.ts";
import { moreIsBetter, summarize } from "./report.ts";

const facts = { area: "redis", scenario: "GET", runtime: "node", unit: "ops/s" };
const rounds = (...values: number[]): { value: number; cpuMicros: number }[] =>
  values.map((value) => ({ value, cpuMicros: value / 10 }));

test("a scenario has the median of the rounds, their spread, and our ratio to each other client", () => {
  const { results, ratios } = summarize(
    facts,
    new Map([
      ["landline", rounds(30, 10, 20)],
      ["slow", rounds(5, 15)],
    ]),
  );
  expect(results["landline"]).toEqual({ median: 20, min: 10, max: 30, cpuMicros: 2 });
  expect(results["slow"]).toEqual({ median: 10, min: 5, max: 15, cpuMicros: 1 });
  expect(ratios).toEqual({ "landline/slow": 2 });
});

test("more is better of rates only", () => {
  expect(["ops/s", "messages/s", "MiB/s", "ms", "bytes", "round trips"].map(moreIsBetter)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test("the page names what a peer does better, and leaves floors out of it", () => {
  const clients = (ours: number): ReturnType<typeof summarize> =>
    summarize(
      facts,
      new Map([
        ["landline", rounds(ours)],
        ["peer", rounds(10)],
        ["floor", rounds(100)],
      ]),
    );
  const machine = {
    cpu: "a",
    cores: 1,
    memory: "b",
    system: "c",
    date: "2026-01-01",
    load: 0,
    rounds: "full",
    versions: {},
  } as const;
  const lost = page({ machine, scenarios: [clients(5)] })["benchmarks.md"];
  const won = page({ machine, scenarios: [clients(20)] })["benchmarks.md"];
  expect(lost).toContain("ours is 0.5 × peer");
  expect(lost).not.toContain("× floor");
  expect(won).toContain("Nowhere in this run");
});
