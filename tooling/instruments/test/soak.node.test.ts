// The soak itself, for a short time against servers of its own; and that it would notice what it is there to notice.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { ClosedError } from "@landline/core";
import { describe, expect, test } from "vitest";
import { settle } from "../src/soak/postgres.ts";
import { handles, Memory, noHandleLeft } from "../src/soak/process.ts";
import { ABORTED, Ledger, type Verdict, Watch, WrongAnswer } from "../src/soak/watch.ts";
import { weather } from "../src/soak/weather.ts";

const MAIN = join(import.meta.dirname, "../src/soak/main.ts");

function run(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

test("pnpm soak holds for a few seconds, and prints its counts and its seed", { timeout: 120_000 }, async () => {
  const { code, output } = await run("--minutes", "0.2", "--seed", "11");
  expect(output).toContain("soak: 0.2 minutes, seed 11");
  for (const client of ["postgres tls select", "postgres clear insert", "redis tls get", "smtp clear send"])
    expect(output).toMatch(new RegExp(`^ +\\d+  ${client} done$`, "m"));
  expect(output).toContain("soak: passed");
  expect(code).toBe(0);
});

test("pnpm soak explains itself, and refuses what it does not know", async () => {
  expect(await run("--help")).toMatchObject({ code: 0, output: expect.stringContaining("Usage: pnpm soak") });
  expect(await run("--minutes", "soon")).toMatchObject({ code: 2 });
  expect(await run("--fast")).toMatchObject({ code: 2 });
});

describe("the reckoning", () => {
  const reckon = (verdict: Verdict | undefined, marks: number, count = 1): readonly string[] => {
    const watch = new Watch();
    const told = new Ledger();
    const id = told.next();
    if (verdict !== undefined) told.set(id, verdict);
    settle(told, new Map(marks === 0 ? [] : [[id, marks]]), count, "insert", watch);
    return watch.failures;
  };

  test.each<[Verdict, number, number]>([
    ["done", 1, 1],
    ["done", 3, 3],
    ["unknown", 0, 3],
    ["unknown", 3, 3],
    ["unsent", 0, 1],
    ["refused", 0, 1],
  ])("%s with %i marks of %i is honest", (verdict, marks, count) => {
    expect(reckon(verdict, marks, count)).toEqual([]);
  });

  test.each<[Verdict | undefined, number, number]>([
    ["done", 0, 1],
    ["done", 2, 1],
    ["done", 2, 3],
    ["unsent", 1, 1],
    ["refused", 1, 1],
    ["unknown", 2, 1],
    ["unknown", 1, 3],
    [undefined, 0, 1],
  ])("%s with %i marks of %i is not", (verdict, marks, count) => {
    expect(reckon(verdict, marks, count)).toHaveLength(1);
  });

  test("a ledger of many calls loses none", () => {
    const ledger = new Ledger();
    const verdicts: readonly Verdict[] = ["done", "unsent", "refused", "unknown"];
    for (let count = 0; count < 200_000; count++) ledger.set(ledger.next(), verdicts[count % 4]!);
    expect(ledger.length).toBe(200_000);
    expect([0, 1, 2, 3, 199_999].map((id) => ledger.get(id))).toEqual([...verdicts, "unknown"]);
  });
});

describe("the watchdog", () => {
  test("tells outcomes, and counts them", async () => {
    const watch = new Watch();
    const lost = new ClosedError("lost", { code: "CONNECTION_LOST", outcome: "unsent" });
    expect(await watch.call("get", 1_000, () => Promise.resolve())).toBe("done");
    expect(await watch.call("get", 1_000, () => Promise.reject(lost))).toBe("unsent");
    expect(await watch.call("get", 1_000, () => Promise.reject(ABORTED))).toBe("unknown");
    expect(Object.fromEntries(watch.counts)).toEqual({
      "get done": 1,
      "get unsent CONNECTION_LOST": 1,
      "get aborted": 1,
    });
    expect(watch.failures).toEqual([]);
  });

  test("notes another's answer, and whatever is no error of ours", async () => {
    const watch = new Watch();
    await watch.call("get", 1_000, () => Promise.reject(new WrongAnswer("another's")));
    await watch.call("get", 1_000, () => Promise.reject(new TypeError("undefined is not a function")));
    expect(watch.failures).toHaveLength(2);
  });

  test("notes a call that does not settle, and one that settles too late", async () => {
    const watch = new Watch();
    void watch.call("get", -1, () => new Promise(() => {}));
    watch.check();
    watch.check();
    await watch.call("set", -1, () => Promise.resolve());
    expect(watch.failures).toEqual([
      "get has not settled within its deadline",
      "set took longer than -1 ms to settle (done)",
    ]);
  });
});

describe("the process", () => {
  test("memory that grows is noted, memory that is flat is not", () => {
    const growing = new Memory();
    const kept: object[] = [];
    for (let sample = 0; sample < 9; sample++) {
      kept.push(Array.from({ length: 400_000 }, (_, index) => index + 0.5));
      growing.sample();
    }
    const watch = new Watch();
    growing.judge(watch);
    expect(kept).toHaveLength(9);
    expect(watch.failures).toEqual([expect.stringContaining("the heap grew")]);
    const flat = new Memory();
    for (let sample = 0; sample < 9; sample++) flat.sample();
    const other = new Watch();
    flat.judge(other);
    expect(other.failures).toEqual([]);
  });

  test("a timer that is left is noted, and one that goes is waited for", async () => {
    const before = handles();
    setTimeout(() => {}, 20);
    const watch = new Watch();
    await noHandleLeft(before, watch);
    expect(watch.failures).toEqual([]);
    const timer = setInterval(() => {}, 1_000_000);
    await noHandleLeft(before, watch, 1);
    clearInterval(timer);
    expect(watch.failures).toEqual(["left open: Timeout"]);
  });
});

test("the weather brings every kind of fault", () => {
  let state = 1;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const plan = weather(true);
  const seen = new Set<string>();
  for (let index = 0; index < 2_000; index++) {
    const { refuse, toServer = {}, toClient = {} } = plan({ index, random });
    if (refuse !== undefined) seen.add(refuse);
    for (const name of [...Object.keys(toServer), ...Object.keys(toClient)]) seen.add(name);
  }
  expect([...seen].sort()).toEqual(
    "bytesPerSecond chunkBytes corrupt delay endAt reset resetAt silent stallAt stallFor".split(" "),
  );
});
