// What goes wrong with a connection, and that it is told alike on every runtime: truncation, resets, peers that are slow
// or gone.

import { expect, inject, test } from "vitest";
import { ByteReader } from "../src/bytes/index.ts";
import { ClosedError, dial, ProtocolError } from "../src/index.ts";
import type { Transport } from "../src/index.ts";
import { Collector, text, utf8 } from "./collector.ts";
import { peer } from "./lab.ts";
import { kind, point, theirs } from "./points.ts";

const peers = inject("peers");
const local = (port: number): { hostname: string; port: number } => ({ hostname: "localhost", port });

/** Asks the truncating peer for five bytes of a frame, and then for its end. */
async function truncated(how: "fin" | "reset"): Promise<{ transport: Transport; reader: ByteReader }> {
  const transport = await dial(local(peers.truncating));
  transport.write(utf8("frame"));
  const reader = new ByteReader(transport);
  expect(text(await reader.peek(5))).toBe("12345");
  transport.write(utf8(how));
  return { transport, reader };
}

test("a frame that a FIN cuts is an error that tells what was needed and what came", async () => {
  const { transport, reader } = await truncated("fin");
  const error: unknown = await reader.readExactly(10).catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(ProtocolError);
  expect(error).toMatchObject({ code: "PROTOCOL_TRUNCATED" });
  expect((error as Error).message).toMatch(/10.*5|5.*10/);
  await transport.close();
});

test("a frame that a reset cuts is an error, and none of a clean end", async () => {
  const { transport, reader } = await truncated("reset");
  await expect(reader.readExactly(10)).rejects.toMatchObject({ name: "ClosedError", code: "CONNECTION_LOST" });
  expect(await transport.closed).toMatchObject({ reason: "failed" });
});

test("a reset that comes while nobody reads is told to the next who does", async () => {
  const transport = await dial(local(peers.resetting));
  transport.write(utf8("x"));
  await expect(transport.pull()).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  await expect(transport.pull()).rejects.toBeInstanceOf(ClosedError);
});

test("writes to a connection that is gone neither throw nor hang", async () => {
  const transport = await dial(local(peers.resetting));
  transport.receive(new Collector());
  transport.write(utf8("x"));
  await transport.closed;
  transport.write(utf8("y"));
  transport.writer.utf8("z");
  transport.write(new Uint8Array(100_000));
  transport.end();
  await transport.drained();
  expect(await transport.close()).toMatchObject({ reason: "failed" });
});

test("a paused transport stops the peer, and resumed it gets all in order", async () => {
  const subject = await peer("flood");
  const transport = await dial(local(subject.port));
  const total = 60_000_000;
  const sink = new Collector();
  sink.onData = () => {
    sink.onData = undefined;
    transport.pause();
  };
  transport.receive(sink);
  transport.write(utf8(`${total}\n`));
  const { sent } = await subject.seen("stalled");
  expect(sent).toBeLessThan(total / 2);
  expect(sink.length).toBeLessThan(1_000_000);
  transport.resume();
  await sink.ended;
  expect(sink.length).toBe(total);
  expect(sink.inOrder).toBe(true);
  await transport.close();
});

test("who pulls no more stops the peer", async () => {
  const subject = await peer("flood");
  const transport = await dial(local(subject.port));
  const total = 60_000_000;
  transport.write(utf8(`${total}\n`));
  await transport.pull();
  expect((await subject.seen("stalled")).sent).toBeLessThan(total / 2);
  transport.abort();
});

test("the backlog counts bytes, and drained() waits until it is small", async () => {
  const subject = await peer("silent");
  const transport = await dial(local(subject.port));
  for (let index = 0; index < 8; index++) transport.write(new Uint8Array(1_000_000));
  transport.writer.utf8("and five");
  expect(transport.backlog).toBe(8_000_008);
  await transport.drained();
  expect(transport.backlog).toBeLessThanOrEqual(64 * 1024);
  await transport.close();
  expect(await subject.seen("closed")).toMatchObject({ received: 8_000_008, ended: 1, reset: 0 });
});

test("who writes to a peer that is always faster does not keep everything else waiting", async () => {
  const subject = await peer("silent");
  const transport = await dial(local(subject.port));
  let rung = false;
  setTimeout(() => (rung = true));
  const chunk = new Uint8Array(64 * 1024);
  let sum = 0;
  let written = 0;
  for (; !rung && written < 64_000_000; written += chunk.length) {
    transport.write(chunk);
    await transport.drained();
    // Work in between, so that the peer has taken all of it.
    for (let index = 0; index < 100_000; index++) sum += Math.sqrt(index);
  }
  expect({ rung, worked: sum > 0 }).toEqual({ rung: true, worked: true });
  transport.abort();
});

test("an abort of drained() ends the wait alone", async () => {
  const transport = await dial(local(peers.deaf));
  transport.write(new Uint8Array(32_000_000));
  const controller = new AbortController();
  const reason = new Error("no longer");
  const waiting = transport.drained({ signal: controller.signal });
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(transport.drained({ signal: controller.signal })).rejects.toBe(reason);
  expect(transport.backlog).toBeGreaterThan(1_000_000);
  transport.abort();
  expect(await transport.closed).toMatchObject({ reason: "aborted" });
});

test("half-close: the peer sees our end, and what it says then still comes", async () => {
  const subject = await peer("echo");
  const transport = await dial(local(subject.port));
  const sink = new Collector();
  transport.receive(sink);
  transport.write(new Uint8Array(500_000).map((_, index) => index % 251));
  transport.end();
  await sink.ended;
  expect(sink.length).toBe(500_000);
  expect(sink.inOrder).toBe(true);
  expect(await transport.closed).toMatchObject({ reason: "remote", bytesRead: 500_000, bytesWritten: 500_000 });
  expect(await subject.seen("closed")).toMatchObject({ ended: 1, reset: 0 });
});

test("a transport stays usable after the peer's end, until it is closed", async () => {
  const subject = await peer("closing");
  const transport = await dial(local(subject.port));
  const sink = new Collector();
  transport.receive(sink);
  await sink.ended;
  transport.write(utf8("still here"));
  expect(await transport.close()).toMatchObject({ reason: "remote" });
  expect((await subject.seen("closed")).received).toBe(10);
});

test("a throw of the sink at the end, or at an error, ends the connection and nothing else", async () => {
  const broken = new Error("the sink broke");
  const fail = (): never => {
    throw broken;
  };
  const ending = await dial(local(peers.closing));
  ending.receive({ data: () => {}, end: fail, error: () => {} });
  expect(await ending.closed).toMatchObject({ reason: "failed", cause: broken });
  const failing = await dial(local(peers.resetting));
  failing.receive({ data: () => {}, end: () => {}, error: fail });
  failing.write(utf8("x"));
  expect(await failing.closed).toMatchObject({ reason: "failed" });
});

test("close() twice is one close, and close() while a pull waits settles both", async () => {
  const transport = await dial(local(peers.echo));
  const pulled = transport.pull();
  const closing = transport.close();
  expect(transport.close()).toBe(closing);
  await expect(pulled).rejects.toMatchObject({ code: "CLOSED" });
  expect(await closing).toEqual(await transport.closed);
});

/** The code of a dial that fails, once its message has been looked at. */
async function codeOf(dialling: Promise<Transport>): Promise<string> {
  const error: unknown = await dialling.then(
    (transport) => transport.abort(),
    (failure: unknown) => failure,
  );
  expect(error).toMatchObject({ outcome: "unsent" });
  expect(String(error)).not.toMatch(/internal error|reference =/);
  return kind(error);
}

point(
  "`dial()`: nothing listens",
  { spec: "ConnectError CONNECT_REFUSED", ...theirs("ConnectError CONNECT_FAILED") },
  () => codeOf(dial(local(peers.refusing))),
);

point(
  "`dial()`: the name does not resolve",
  { spec: "ConnectError CONNECT_NOT_FOUND", ...theirs("ConnectError CONNECT_FAILED") },
  () => codeOf(dial("no-such-host.invalid:1")),
);

point("`dial()`: a host that does not answer", { spec: "TimeoutError TIMEOUT" }, () =>
  codeOf(dial({ hostname: "127.0.0.1", port: peers.blackHole }, { connectTimeout: 100 })),
);

point(
  "`dial()`: TLS, and nobody trusts the certificate",
  { spec: "TlsError TLS_CERTIFICATE", ...theirs("ConnectError CONNECT_FAILED") },
  () => codeOf(dial(local(peers.untrustedTls), { tls: "on" })),
);

point(
  "`dial()`: TLS, and the peer does not speak it",
  { spec: "TlsError TLS_FAILED", ...theirs("ConnectError CONNECT_FAILED") },
  () => codeOf(dial(local(peers.closing), { tls: "on" })),
);
