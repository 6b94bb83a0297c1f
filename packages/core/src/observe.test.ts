// Who hears of what, and that nobody costs nothing.

import { afterEach, expect, test, vi } from "vitest";
import { ClosedError, Observation, poolObserver } from "./index.ts";
import type { Operation, OperationEnd } from "./index.ts";
import { Pool } from "./pool/index.ts";
import { subscribe } from "./tracing/index.ts";

const log = vi.spyOn(console, "error");
afterEach(() => log.mockReset());

function recorder(): {
  heard: [Operation, OperationEnd | undefined][];
  observer: (operation: Operation) => (end: OperationEnd) => void;
} {
  const heard: [Operation, OperationEnd | undefined][] = [];
  return {
    heard,
    observer: (operation) => {
      const entry: [Operation, OperationEnd | undefined] = [operation, undefined];
      heard.push(entry);
      return (end) => void (entry[1] = end);
    },
  };
}

test("without a listener nothing is on, and work is done as it is", async () => {
  const observation = new Observation("query", undefined, {});
  expect(observation.on).toBe(false);
  const promise = Promise.resolve(1);
  expect(observation.run("x", () => promise)).toBe(promise);
});

test("an observer hears of the beginning and of the end, once", async () => {
  const { heard, observer } = recorder();
  const observation = new Observation("query", observer, { "server.port": 1 });
  expect(await observation.run("SELECT x", () => Promise.resolve("done"))).toBe("done");
  const [[operation, end]] = heard as [[Operation, OperationEnd]];
  expect(operation).toMatchObject({ kind: "query", name: "SELECT x", attributes: { "server.port": 1 } });
  expect(end).toEqual({});
  const gone = new ClosedError("gone", { code: "CLOSED", outcome: "unknown" });
  await expect(observation.run("SELECT x", () => Promise.reject(gone))).rejects.toBe(gone);
  expect(heard[1]?.[1]).toEqual({ error: gone });
});

test("details are computed when they are asked for, and are no property of the operation", () => {
  const details = vi.fn<() => { secret: string }>(() => ({ secret: "s" }));
  const { heard, observer } = recorder();
  new Observation("command", observer, {}).begin("GET", {}, details)({ error: new Error("quotes a parameter") });
  const [[operation]] = heard as [[Operation, OperationEnd]];
  expect(details).not.toHaveBeenCalled();
  expect(JSON.stringify(structuredClone(operation))).not.toMatch(/secret|parameter/);
  expect(operation.details()).toEqual({ secret: "s" });
});

test("an observer that throws disturbs nobody", async () => {
  log.mockImplementation(() => {});
  const first = new Observation(
    "send",
    () => {
      throw new Error("at the beginning");
    },
    {},
  );
  expect(await first.run("send", () => Promise.resolve(1))).toBe(1);
  const second = new Observation(
    "send",
    () => () => {
      throw new Error("at the end");
    },
    {},
  );
  expect(await second.run("send", () => Promise.resolve(2))).toBe(2);
  expect(log).toHaveBeenCalledTimes(2);
  expect(() => new Observation("send", "nobody" as never, {})).toThrow(TypeError);
});

test("a subscriber of the channels hears of every client, also of those that were there before", async () => {
  const observation = new Observation("command", undefined, {});
  const { heard, observer } = recorder();
  const stop = subscribe(observer, ["command"]);
  expect(observation.on).toBe(true);
  expect(new Observation("query", undefined, {}).on).toBe(false);
  const gone = new Error("gone");
  await expect(observation.run("GET", () => Promise.reject(gone))).rejects.toBe(gone);
  observation.begin("GET", {})({ attributes: { rows: 1 } });
  stop();
  expect(observation.on).toBe(false);
  expect(heard.map(([{ name }, end]) => [name, end])).toEqual([
    ["GET", { error: gone }],
    ["GET", { attributes: { rows: 1 } }],
  ]);
  expect(heard[0]?.[0].error).toBe(gone);
});

test("what happens in a pool is told as it happens", async () => {
  const { heard, observer } = recorder();
  const pool = new Pool(
    { create: () => Promise.resolve({}), destroy: () => {} },
    {},
    {
      observe: poolObserver(observer, { "server.address": "a.example" }),
    },
  );
  await pool.use(() => {});
  await pool.drain();
  expect(heard.map(([{ kind, name }]) => `${kind} ${name}`)).toEqual([
    "pool create",
    "pool wait",
    "pool created",
    "pool acquire",
    "pool release",
    "pool retire",
  ]);
  expect(heard.at(-1)?.[0].attributes).toEqual({ "server.address": "a.example", "landline.pool.reason": "drain" });
});
