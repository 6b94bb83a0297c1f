// The connection ring alone, over a transport in memory that delivers one byte at a time.

import { TimeoutError } from "@landline/core";
import { transportPair } from "@landline/core/testing";
import { expect, test } from "vitest";
import { parseCapabilities } from "../src/protocol/capabilities.ts";
import { Connection, send } from "../src/wire.ts";
import type { Outgoing } from "../src/wire.ts";

const LIMITS = { timeout: 5_000, dataTimeout: 5_000 };
const ENVELOPE = { from: "a@a.example", to: ["b@b.example", "c@c.example"] };

/** A connection, and a server that answers each line by `answers`, and the final dot. */
async function pair(
  keywords: readonly string[] = ["PIPELINING"],
): Promise<{ connection: Connection; sent: () => string }> {
  const [near, far] = await transportPair({ chunkBytes: 1 });
  let sent = "";
  let inData = false;
  far.receive({
    data(chunk) {
      sent += new TextDecoder().decode(chunk);
      if (!sent.endsWith("\r\n") || (inData && !sent.endsWith("\r\n.\r\n"))) return;
      const isData = !inData && sent.endsWith("DATA\r\n");
      far.writer.utf8(isData ? "354 go on\r\n" : "250-2.0.0 fine\r\n250 2.0.0 thanks\r\n");
      inData = isData;
    },
    end: () => void far.close(),
    error: () => {},
  });
  const connection = new Connection(near);
  connection.capabilities = parseCapabilities(["server.example", ...keywords]);
  return { connection, sent: () => sent };
}

const outgoing = (body: Outgoing["body"]): Outgoing => ({ envelope: ENVELOPE, smtpUtf8: false, size: undefined, body });
const write = (): void => {};
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each([[["PIPELINING"]], [[]]])("a body in pieces cut anywhere, %j", async (keywords) => {
  const { connection, sent } = await pair(keywords);
  const delivery = await send(connection, outgoing([".a\r", "\n", ".", "b\n", ".\r", "\n."].map(bytes)), LIMITS);
  expect(sent()).toMatch(/DATA\r\n\.\.a\r\n\.\.b\r\n\.\.\r\n\.\.\r\n\.\r\n$/);
  expect(delivery.accepted).toHaveLength(2);
  expect(delivery.accepted[0]).toEqual({
    address: "b@b.example",
    code: 250,
    enhanced: "2.0.0",
    message: "fine thanks",
  });
  expect(connection.alive).toBe(true);
  await connection.release();
});

test("a source that fails never ends a message", async () => {
  const { connection, sent } = await pair();
  const broken = new Error("the file went away");
  async function* source(): AsyncGenerator<Uint8Array> {
    yield bytes("half a mess");
    throw broken;
  }
  await expect(send(connection, outgoing(source()), LIMITS)).rejects.toBe(broken);
  expect(connection.alive).toBe(false);
  await connection.release();
  expect(sent()).not.toMatch(/\r\n\.\r\n/);
});

test.each([true, false])("an abort by the last word of a source ends no message (async: %j)", async (isAsync) => {
  const { connection, sent } = await pair();
  const stop = new AbortController();
  const reason = new Error("changed my mind");
  let count = 0;
  const next = (): IteratorResult<Uint8Array> => {
    if (count++ === 0) return { done: false, value: bytes("half a mess") };
    stop.abort(reason);
    return { done: true, value: undefined };
  };
  const source = isAsync
    ? { [Symbol.asyncIterator]: () => ({ next: async () => next() }) }
    : { [Symbol.iterator]: () => ({ next }) };
  let onward = 0;
  const limits = { ...LIMITS, signal: stop.signal };
  await expect(send(connection, outgoing(source), limits, () => onward++)).rejects.toBe(reason);
  expect(connection.alive).toBe(false);
  expect(onward).toBe(0);
  await connection.release();
  expect(sent()).not.toMatch(/\r\n\.\r\n/);
});

test("a source that stalls ends at the deadline, and is told", async () => {
  const { connection, sent } = await pair();
  let told = false;
  const source: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: () => {
        told = true;
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  const error: unknown = await send(connection, outgoing(source), { timeout: 50, dataTimeout: 50 }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TimeoutError);
  expect(error).toMatchObject({ outcome: "unsent" });
  expect(told).toBe(true);
  expect(sent()).not.toMatch(/\r\n\.\r\n/);
});

test("an envelope that cannot be written leaves no byte and a session that works", async () => {
  const { connection, sent } = await pair();
  const bad = {
    ...outgoing([bytes("x")]),
    envelope: { from: "a@a.example", to: ["b@b.example>\r\nRCPT TO:<x@y.example"] },
  };
  await expect(send(connection, bad, LIMITS)).rejects.toBeInstanceOf(TypeError);
  expect(sent()).toBe("");
  await send(connection, outgoing([bytes("x")]), LIMITS);
  expect(connection.alive).toBe(true);
  await connection.release();
});

test("whoever waits when the session is cancelled or released is told", async () => {
  for (const how of ["cancel", "release"] as const) {
    const [near] = await transportPair();
    const connection = new Connection(near);
    const waiting = connection.exchange({ phase: "noop", timeout: 60_000, replies: 1, write }, { reply: () => {} });
    const reason = new Error("enough");
    if (how === "cancel") connection.cancel(reason);
    else void connection.release();
    await expect(waiting).rejects.toThrow(how === "cancel" ? reason : /closed/);
    await expect(
      connection.exchange({ phase: "noop", timeout: 1, replies: 1, write }, { reply: () => {} }),
    ).rejects.toThrow(/enough|closed/);
  }
});
