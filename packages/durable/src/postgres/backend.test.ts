// A backend against a scripted server, in memory.

import { ClosedError, type Transport } from "@landline/core";
import { ByteWriter } from "@landline/core/bytes";
import { transportPair } from "@landline/core/testing";
import { BackendDecoder, parseOptions, query } from "@landline/postgres/wire";
import fc from "fast-check";
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

test("replies go to those who asked, in their order, in chunks of any size and with errors anywhere", async () => {
  const error = frame("E", (writer) => {
    writer.cstring("C22012");
    writer.u8(0);
  });
  const ready = readyForQuery("I");
  const one = fc.record({ rows: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 4 }), fails: fc.boolean() });
  const flights = fc.array(fc.array(one, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(flights, fc.integer({ min: 1, max: 300 }), async (asked, chunkBytes) => {
      const { backend, server } = await connected(chunkBytes);
      const replies = asked.map((syncs) =>
        joined(
          ...syncs.flatMap(({ rows, fails }) => [...rows.map(row), fails ? error : commandComplete("SELECT 1"), ready]),
        ),
      );
      const landings = asked.map((syncs) =>
        backend.send(joined(...syncs.map(select)), { due: syncs.length, held: false }),
      );
      server.write(joined(...replies));
      expect(await Promise.all(landings)).toEqual(replies.map((bytes) => ({ bytes })));
      expect(backend).toMatchObject({ idle: true, alive: true, status: "I" });
      backend.abort(undefined);
    }),
    { seed: 11, numRuns: 60 },
  );
});

test("a connection that is cut anywhere leaves whole frames, and an error that tells of the doubt", async () => {
  const reply = joined(row(20), commandComplete("SELECT 1"), row(3), readyForQuery("I"));
  const ends = [0, 25, 39, 47];
  for (let cut = 0; cut < reply.length; cut++) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { backend, server } = await connected(7);
    const flight = backend.send(select(), { due: 1, held: false });
    server.write(reply.subarray(0, cut));
    server.end();
    // oxlint-disable-next-line no-await-in-loop -- as above
    const { bytes, error } = await flight;
    expect(bytes).toEqual(
      reply.subarray(
        0,
        ends.findLast((end) => end <= cut),
      ),
    );
    expect(error).toMatchObject({ code: "CONNECTION_LOST", outcome: "unknown" });
    expect(backend.alive).toBe(false);
  }
});

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
