// A short run of every fuzzer on its corpus, and that it would find what it is there to find.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { ProtocolError } from "@landline/core";
import { seededRandom } from "@landline/core/testing";
import { describe, expect, test } from "vitest";
import { bytesOf, fuzz, textOf } from "../src/fuzz/fuzz.ts";
import { Broken, decodesAlike, type Feed, refusedOr, type Target } from "../src/fuzz/invariants.ts";
import { TARGETS } from "../src/fuzz/targets.ts";

const MAIN = join(import.meta.dirname, "../src/fuzz/main.ts");

function run(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

test("pnpm fuzz finds nothing in a second for each target", { timeout: 120_000 }, async () => {
  const { code, output } = await run("--seconds", "1");
  expect(output).not.toContain("FAILED");
  for (const { name } of TARGETS) expect(output).toMatch(new RegExp(`^  ${name}: [1-9]\\d* runs, [1-9]`, "m"));
  expect(code).toBe(0);
});

test("pnpm fuzz explains itself, runs one input, and refuses what it does not know", async () => {
  expect(await run("--help")).toMatchObject({ code: 0, output: expect.stringContaining("redis-replies") });
  expect(await run("redis-replies", "--input", "K09LDQo=")).toMatchObject({ code: 0 });
  expect(await run("nothing-like-it")).toMatchObject({ code: 2 });
});

/** A decoder of bytes that end in a zero; `fault` makes a bad one of it. */
function feedOf(fault?: "splits" | "views" | "goes on" | "throws"): Feed {
  let rest: Uint8Array = new Uint8Array(0);
  let failed = false;
  const events: Uint8Array[] = [];
  const push = (chunk: Uint8Array): void => {
    if (failed && fault !== "goes on") throw new ProtocolError("again");
    const bytes = fault === "splits" ? chunk : Uint8Array.from([...rest, ...chunk]);
    let start = 0;
    for (let at = 0; at < bytes.length; at++) {
      if (bytes[at] === 0xff) {
        failed = true;
        if (fault === "throws") throw new RangeError("unforeseen");
        throw new ProtocolError("no such byte");
      }
      if (bytes[at] !== 0) continue;
      events.push(fault === "views" ? chunk.subarray(0, 1) : bytes.slice(start, at));
      start = at + 1;
    }
    rest = bytes.slice(start);
  };
  return { events, push };
}

describe("the invariants", () => {
  const check = (input: string, fault?: Parameters<typeof feedOf>[0]) => () =>
    decodesAlike(() => feedOf(fault), bytesOf(input), seededRandom(1));

  test("hold of a decoder that is right", () => {
    for (const input of ["", "a", "abc\0de\0f", "\0\0", "a\xffb", "a\0\xffb\0"]) expect(check(input)).not.toThrow();
  });

  test("find a decoder that depends on the chunks", () => {
    expect(check("abc\0", "splits")).toThrow(/something else came out/);
  });

  test("find a decoder that keeps a view of a chunk", () => {
    expect(check("abc\0", "views")).toThrow(Broken);
  });

  test("find a decoder that goes on after an error", () => {
    expect(check("\xffab\0", "goes on")).toThrow(/after an error|something else came out|an error/);
  });

  test("find an error that may not be", () => {
    expect(check("\xff", "throws")).toThrow(/threw RangeError/);
    expect(() => refusedOr(() => JSON.parse("{") as unknown, TypeError)).toThrow(Broken);
    expect(refusedOr(() => 7, TypeError)).toBe(7);
  });
});

test("the fuzzer is led by coverage, and makes what it finds small", async () => {
  // Four bytes in a row: found at once when each step is kept, and hardly ever without.
  const decoder = await import("../../../packages/smtp/src/protocol/decoder.ts");
  const target: Target = {
    name: "example",
    seeds: ["zzzzzzzz"],
    words: ["250 ", "\r\n"],
    run(input) {
      const replies: unknown[] = [];
      try {
        new decoder.ReplyDecoder().push(input, { reply: (reply) => void replies.push(reply) });
      } catch {
        // Most inputs are no reply.
      }
      if (replies.length > 0) throw new Error("a whole reply");
    },
  };
  const { broken, corpus } = await fuzz(target, { seconds: 15, seed: 5, corpus: target.seeds.map(bytesOf) });
  expect(corpus.length).toBeGreaterThan(1);
  expect(broken?.error.message).toBe("a whole reply");
  expect(textOf(broken!.input)).toMatch(/^\d{3} ?\r\n$/);
}, 60_000);
