// A client at module scope of a Worker: each request has its own connections.

import { exports } from "cloudflare:workers";
import { expect, inject, test } from "vitest";
import { postgres } from "../src/index.ts";

const { url } = inject("services").postgres;

interface Answer {
  readonly say?: string;
  readonly inside?: string;
  readonly heard?: readonly string[];
  readonly pid?: number;
  readonly error?: string;
}

async function ask(say: string, path = ""): Promise<Answer> {
  const response = await exports.default.fetch(`http://worker/${path}?say=${say}&database=${encodeURIComponent(url)}`);
  return (await response.json()) as Answer;
}

test("it works on every request, one after the other", async () => {
  const answers = [await ask("a"), await ask("b"), await ask("c")];
  expect(answers.map(({ say, error }) => error ?? say)).toEqual(["a", "b", "c"]);
  expect(new Set(answers.map(({ pid }) => pid)).size).toBe(3);
});

test("it works with many requests alive at once, and none gets another's answer", async () => {
  const words = Array.from({ length: 20 }, (_, index) => `word-${index}`);
  const answers = await Promise.all(words.map((word) => ask(word)));
  expect(answers.map(({ say, error }) => error ?? say)).toEqual(words);
  expect(answers.map(({ inside }) => inside)).toEqual(words.map((word) => `${word} in a transaction`));
});

test("in a Durable Object it keeps its connection, and listens, while requests come and go", async () => {
  const [first, , second] = [await ask("o1", "object"), await ask("between"), await ask("o2", "object")];
  expect([first?.error, second?.error]).toEqual([undefined, undefined]);
  expect(second?.pid).toBe(first?.pid);
  expect(second?.heard).toEqual(["o1", "o2"]);
  const both = await Promise.all([...["a", "b", "c"].map((say) => ask(say, "object")), ask("d"), ask("e")]);
  expect(both.map(({ say, error }) => error ?? say)).toEqual(["a", "b", "c", "d", "e"]);
});

test("a Pool of the facade works on every request too, and with many alive at once", async () => {
  const first = [await ask("a", "pg"), await ask("b", "pg")];
  expect(first.map(({ say, error }) => error ?? say)).toEqual(["a", "b"]);
  expect(first[0]?.pid).not.toBe(first[1]?.pid);
  const words = Array.from({ length: 20 }, (_, index) => `word-${index}`);
  const answers = await Promise.all(words.map((word) => ask(word, "pg")));
  expect(answers.map(({ say, error }) => error ?? say)).toEqual(words);
});

test("sql.file of a file that is not there rejects, whether or not the runtime has any", async () => {
  await using sql = postgres(url);
  await expect(sql.file("query.sql")).rejects.toThrow(/no such file|file system/);
});
