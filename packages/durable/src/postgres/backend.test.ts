// A backend against a scripted server, in memory.

import { ClosedError, type Transport } from "@landline/core";
import { ByteWriter } from "@landline/core/bytes";
import { transportPair } from "@landline/core/testing";
import { BackendDecoder, parseOptions, query } from "@landline/postgres/wire";
import { expect, test } from "vitest";
import { Backend } from "./backend.ts";
import { DurableError } from "../durable-error.ts";
import { commandComplete, frame, joined, readyForQuery, row } from "../../test/server-frames.ts";

const settings = parseOptions("postgres://a:b@localhost/c");
const done = joined(row(40), commandComplete("SELECT 1"), readyForQuery("I"));

function select(): Uint8Array {
  const writer = new ByteWriter();
  query(writer, "select 1");
  return writer.take().slice();
}

async function connected(chunkBytes = 1_000_000): Promise<{ backend: Backend; server: Transport }> {
  const [transport, server] = await transportPair({ chunkBytes });
  server.receive({ data: () => {}, end: () => {}, error: () => {} });
  const greeting = {
    decoder: new BackendDecoder(),
    parameters: new Map<string, string>(),
    processId: 7,
    secretKey: undefined,
  };
  return { backend: new Backend({ transport, greeting, settings }, { maxReplyBytes: 1_000 }), server };
}

test.each([1_000, 64, 7, 1])(
  "each flight gets exactly the bytes that answer it, in chunks of %i",
  async (chunkBytes) => {
    const { backend, server } = await connected(chunkBytes);
    const first = backend.send(select(), { due: 1, held: false });
    const second = backend.send(joined(select(), select()), { due: 2, held: false });
    server.write(joined(done, done, readyForQuery("I")));
    expect(await first).toEqual({ bytes: done });
    expect(await second).toEqual({ bytes: joined(done, readyForQuery("I")) });
    expect(backend).toMatchObject({ status: "I", idle: true, dirty: false, alive: true });
    backend.abort(undefined);
  },
);

test("what comes while nobody waits belongs to nobody", async () => {
  const { backend, server } = await connected();
  server.write(frame("N", (writer) => writer.u8(0)));
  await new Promise((resolve) => setTimeout(resolve, 0));
  const flight = backend.send(select(), { due: 1, held: false });
  server.write(done);
  expect(await flight).toEqual({ bytes: done });
  backend.abort(undefined);
});

test.each([1_000, 1])(
  "a transaction that is left open outside of a loan ends the connection, in chunks of %i",
  async (chunkBytes) => {
    const { backend, server } = await connected(chunkBytes);
    const flight = backend.send(select(), { due: 1, held: false });
    server.write(joined(commandComplete("BEGIN"), readyForQuery("T")));
    const { bytes, error } = await flight;
    expect(bytes).toEqual(commandComplete("BEGIN"));
    expect(error).toBeInstanceOf(DurableError);
    expect(error).toMatchObject({ code: "TRANSACTION_OUTSIDE_BEGIN" });
    expect(backend.alive).toBe(false);
  },
);

test("inside of a loan it goes on", async () => {
  const { backend, server } = await connected();
  const flight = backend.send(select(), { due: 1, held: true });
  server.write(joined(commandComplete("BEGIN"), readyForQuery("T")));
  expect((await flight).error).toBeUndefined();
  expect(backend).toMatchObject({ alive: true, status: "T" });
  backend.abort(undefined);
});

test("COPY FROM STDIN would wait for ever, and ends the connection", async () => {
  const { backend, server } = await connected();
  const flight = backend.send(select(), { due: 1, held: true });
  server.write(frame("G", (writer) => writer.i16(0)));
  expect(await flight).toMatchObject({ bytes: new Uint8Array(0), error: { code: "POOL_UNSUPPORTED" } });
  expect(backend.alive).toBe(false);
});

test("a statement that leaves traces marks the session", async () => {
  const { backend, server } = await connected();
  const flight = backend.send(select(), { due: 1, held: false });
  server.write(joined(commandComplete("SET"), readyForQuery("I")));
  await flight;
  expect(backend.dirty).toBe(true);
  backend.abort(undefined);
});

test("a reply over the limit ends the connection; no more than the limit and a chunk is kept", async () => {
  const { backend, server } = await connected();
  const flight = backend.send(select(), { due: 1, held: false });
  server.write(row(2_000));
  expect(await flight).toMatchObject({
    bytes: new Uint8Array(0),
    error: { code: "REPLY_TOO_LARGE", outcome: "unknown" },
  });
  expect(backend.alive).toBe(false);
});

test("when the server goes, each flight has the whole frames that came, and the doubt", async () => {
  const { backend, server } = await connected();
  let ended = 0;
  backend.onEnd = () => ended++;
  const first = backend.send(select(), { due: 1, held: false });
  const second = backend.send(select(), { due: 1, held: false });
  const whole = frame("E", (writer) => writer.cstring("CXX000"));
  server.write(joined(whole, row(40).subarray(0, 9)));
  server.end();
  expect(await first).toMatchObject({ bytes: whole, error: { code: "CONNECTION_LOST", outcome: "unknown" } });
  expect((await second).error).toBeInstanceOf(ClosedError);
  expect(ended).toBe(1);
  expect((await backend.send(select(), { due: 1, held: false })).error).toMatchObject({ outcome: "unsent" });
});

test("bytes that are no frames end it", async () => {
  const { backend, server } = await connected();
  const flight = backend.send(select(), { due: 1, held: false });
  server.write(Uint8Array.of(0, 0, 0, 0, 0));
  expect(await flight).toMatchObject({ error: { code: "CONNECTION_LOST", outcome: "unknown" } });
  expect(backend.alive).toBe(false);
});

test("an unasked ReadyForQuery ends it", async () => {
  const { backend, server } = await connected();
  const ended = new Promise<void>((resolve) => (backend.onEnd = resolve));
  server.write(readyForQuery("I"));
  await ended;
  expect(backend.alive).toBe(false);
});
