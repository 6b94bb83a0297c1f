// A client at module scope of a Worker: each request has its own connection.

import { exports } from "cloudflare:workers";
import { expect, inject, test } from "vitest";
import { redis } from "../src/index.ts";

const { tlsUrl } = inject("services").redis;

interface Answer {
  readonly count?: number;
  readonly id?: number;
  readonly error?: string;
}

async function ask(key: string): Promise<Answer> {
  const response = await exports.default.fetch(`http://worker/?key=${key}&redis=${encodeURIComponent(tlsUrl)}`);
  return (await response.json()) as Answer;
}

test("it works on every request, one after the other", async () => {
  const key = crypto.randomUUID();
  const answers = [await ask(key), await ask(key), await ask(key)];
  expect(answers.map(({ count, error }) => error ?? count)).toEqual([1, 2, 3]);
  expect(new Set(answers.map(({ id }) => id)).size).toBe(3);
});

test("it works with many requests alive at once", async () => {
  const key = crypto.randomUUID();
  const answers = await Promise.all(Array.from({ length: 30 }, () => ask(key)));
  expect(answers.map(({ error }) => error).filter((error) => error !== undefined)).toEqual([]);
  expect(answers.map(({ count }) => count).sort((a = 0, b = 0) => a - b)).toEqual(
    Array.from({ length: 30 }, (_, index) => index + 1),
  );
});

test("what one request remembers is nothing to another", async () => {
  await using kv = redis(tlsUrl);
  const key = `scope:${crypto.randomUUID()}`;
  const read = async (): Promise<unknown> => {
    const response = await exports.default.fetch(`http://worker/cached?key=${key}&redis=${encodeURIComponent(tlsUrl)}`);
    return response.json();
  };
  await kv.set(key, "one", "PX", 60_000);
  expect(await read()).toEqual({ first: "one", second: "one" });
  await kv.set(key, "two", "PX", 60_000);
  expect(await read()).toEqual({ first: "two", second: "two" });
});
