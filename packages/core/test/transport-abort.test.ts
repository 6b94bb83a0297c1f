// Dialling and connections that are given up: the caller hears his own reason, and the peer hears of it too.

import { expect, inject, test } from "vitest";
import { connect, dial, TimeoutError } from "../src/index.ts";
import type { Connector } from "../src/index.ts";
import { Collector, text, utf8 } from "./collector.ts";
import { peer } from "./lab.ts";
import { outcome, point, theirs } from "./points.ts";

const peers = inject("peers");
const local = (port: number): { hostname: string; port: number } => ({ hostname: "localhost", port });

/** A connection that is up, and says so only when `gate` opens. */
function gated(gate: Promise<void>): Connector {
  return (address, options) => {
    const socket = connect(address, options);
    return {
      readable: socket.readable,
      writable: socket.writable,
      opened: gate.then(() => socket.opened),
      closed: socket.closed,
      upgraded: false,
      secureTransport: "off",
      startTls: () => socket.startTls(),
      close: () => socket.close(),
    };
  };
}

test("a success that comes after an abort is closed, not leaked", async () => {
  const subject = await peer("silent");
  const gate = Promise.withResolvers<void>();
  const controller = new AbortController();
  const dialling = dial(local(subject.port), { connect: gated(gate.promise), signal: controller.signal });
  dialling.catch(() => {});
  await subject.seen("accepted");
  const reason = new Error("changed my mind");
  controller.abort(reason);
  await expect(dialling).rejects.toBe(reason);
  gate.resolve();
  expect(await subject.seen("closed")).toMatchObject({ accepted: 1, open: 0 });
});

test("a success that comes after the deadline is closed, not leaked", async () => {
  const subject = await peer("silent");
  const gate = Promise.withResolvers<void>();
  const dialling = dial(local(subject.port), { connect: gated(gate.promise), connectTimeout: 200 });
  dialling.catch(() => {});
  await subject.seen("accepted");
  await expect(dialling).rejects.toBeInstanceOf(TimeoutError);
  gate.resolve();
  expect(await subject.seen("closed")).toMatchObject({ accepted: 1, open: 0 });
});

test("an abort during the negotiation closes the connection", async () => {
  const subject = await peer("silent");
  const controller = new AbortController();
  const reason = new Error("changed my mind");
  const dialling = dial(local(subject.port), {
    tls: "starttls",
    signal: controller.signal,
    async negotiate(transport) {
      transport.write(utf8("STARTTLS\n"));
      setTimeout(() => controller.abort(reason));
      return (await transport.pull()) !== undefined;
    },
  });
  await expect(dialling).rejects.toBe(reason);
  expect((await subject.seen("closed")).open).toBe(0);
});

point(
  "`dial()` given up during the TLS handshake: the connection",
  { spec: "is closed", ...theirs("stays until the request ends") },
  async () => {
    const subject = await peer("silent");
    const controller = new AbortController();
    const reason = new Error("changed my mind");
    const dialling = dial(local(subject.port), { tls: "on", signal: controller.signal });
    dialling.catch(() => {});
    await subject.seen("accepted");
    controller.abort(reason);
    const result = await outcome(subject.seen("closed"), () => "is closed");
    return result.replace("stays pending", "stays until the request ends");
  },
);

point(
  "`abort()` with bytes that the peer does not read: the connection",
  { spec: "is closed", ...theirs("stays until the request ends") },
  async () => {
    const subject = await peer("deaf");
    const transport = await dial(local(subject.port));
    transport.write(new Uint8Array(32_000_000));
    await subject.seen("accepted");
    transport.abort();
    await transport.closed;
    // The peer begins to read only when everything has been given up.
    await subject.seen("stalled");
    const result = await outcome(subject.seen("closed"), () => "is closed");
    return result.replace("stays pending", "stays until the request ends");
  },
);

test.each(["idle", "reading", "writing", "reading and writing"])(
  "abort() of a connection that is %s closes it",
  async (busy) => {
    const subject = await peer("echo");
    const transport = await dial(local(subject.port));
    const sink = new Collector();
    if (busy.includes("reading")) transport.receive(sink);
    transport.write(utf8("hello"));
    if (busy.includes("reading")) await sink.bytes(5);
    else await transport.pull();
    if (busy.includes("writing")) transport.write(utf8("last words"));
    transport.abort();
    expect(await subject.seen("closed")).toMatchObject({ accepted: 1, open: 0 });
  },
);

test("a signal that aborts after dialling leaves the transport alone", async () => {
  const controller = new AbortController();
  const transport = await dial(local(peers.echo), { signal: controller.signal });
  controller.abort();
  transport.write(utf8("ping"));
  expect(text(await transport.pull())).toBe("ping");
  await transport.close();
});

test.each(["timeout", "signal"])(
  "a negotiation that waits for something else than the peer is bounded by the %s",
  async (by) => {
    const subject = await peer("silent");
    const controller = new AbortController();
    const reason = new Error("changed my mind");
    const dialling = dial(local(subject.port), {
      tls: "starttls",
      ...(by === "timeout" ? { connectTimeout: 200 } : { signal: controller.signal }),
      negotiate: () => {
        if (by === "signal") controller.abort(reason);
        return new Promise<boolean>(() => {});
      },
    });
    const thrown: unknown = await dialling.catch((error: unknown) => error);
    expect([thrown instanceof TimeoutError, thrown === reason]).toEqual([by === "timeout", by === "signal"]);
    expect((await subject.seen("closed")).open).toBe(0);
  },
);

test("a negotiation that throws ends the connection, and its error is what dial() throws", async () => {
  const subject = await peer("silent");
  const broken = new Error("the greeting makes no sense");
  const dialling = dial(local(subject.port), { tls: "prefer", negotiate: () => Promise.reject(broken) });
  await expect(dialling).rejects.toBe(broken);
  expect((await subject.seen("closed")).open).toBe(0);
});

test("a pull that is given up loses nothing: the next one gets what came", async () => {
  const transport = await dial(local(peers.echo));
  const controller = new AbortController();
  const reason = new Error("no longer");
  const pulled = transport.pull({ signal: controller.signal });
  await expect(transport.pull()).rejects.toBeInstanceOf(TypeError);
  controller.abort(reason);
  await expect(pulled).rejects.toBe(reason);
  await expect(transport.pull({ signal: controller.signal })).rejects.toBe(reason);
  await expect(transport.pull({ timeout: 5 })).rejects.toMatchObject({ name: "TimeoutError", code: "TIMEOUT" });
  transport.write(utf8("ping"));
  expect(text(await transport.pull({ timeout: 5_000, signal: new AbortController().signal }))).toBe("ping");
  // It can be put back, and is what a sink hears first.
  transport.unread(utf8("pi"));
  const sink = new Collector();
  transport.receive(sink);
  transport.write(utf8("ng"));
  expect(await sink.bytes(4)).toBe("ping");
  await transport.close();
});

test("a drained() that takes too long ends by itself, and the connection goes on", async () => {
  const transport = await dial(local(peers.deaf));
  transport.write(new Uint8Array(32_000_000));
  await expect(transport.drained({ timeout: 5 })).rejects.toMatchObject({ name: "TimeoutError", code: "TIMEOUT" });
  expect(transport.backlog).toBeGreaterThan(1_000_000);
  transport.abort();
});

test("what came before a connection broke can still be pulled, and then the failure is told", async () => {
  const transport = await dial(local(peers.truncating));
  transport.write(utf8("frame"));
  const came = await transport.pull();
  transport.unread(came ?? new Uint8Array(0));
  transport.write(utf8("reset"));
  // Reads on, since a runtime notices a reset by reading.
  const pulled = [await transport.pull(), await transport.pull().catch((error: unknown) => error)];
  expect(text(pulled[0] as Uint8Array)).toBe("12345");
  expect(pulled[1]).toMatchObject({ code: "CONNECTION_LOST" });
  await expect(transport.pull()).rejects.toMatchObject({ code: "CONNECTION_LOST" });
});

test("a negotiation that says yes without having heard the peer fails the handshake", async () => {
  const dialling = dial(local(peers.starttls), {
    tls: "starttls",
    async negotiate(transport) {
      await transport.pull({ timeout: 5 }).catch(() => {});
      transport.write(utf8("STARTTLS well\n"));
      return true;
    },
  });
  await expect(dialling).rejects.toMatchObject({ name: "TlsError", code: "TLS_FAILED", outcome: "unsent" });
});

test("who reads in two ways at once is refused, and the one who came first goes on", async () => {
  const transport = await dial(local(peers.echo));
  const pulled = transport.pull();
  const sink = new Collector();
  expect(() => transport.receive(sink)).toThrow(TypeError);
  await expect(transport.startTls()).rejects.toBeInstanceOf(TypeError);
  await expect(transport.pull()).rejects.toBeInstanceOf(TypeError);
  transport.write(utf8("mine"));
  expect(text(await pulled)).toBe("mine");
  transport.receive(sink);
  expect(() => transport.receive(new Collector())).toThrow(TypeError);
  await expect(transport.pull()).rejects.toBeInstanceOf(TypeError);
  await expect(transport.startTls()).rejects.toBeInstanceOf(TypeError);
  transport.write(utf8("still"));
  expect(await sink.bytes(5)).toBe("still");
  await transport.close();
});

test("what is put back comes in front, the last first, and is gone with an abort", async () => {
  const transport = await dial(local(peers.echo));
  for (const part of ["c", "", "b", "a"]) transport.unread(utf8(part));
  const came = [await transport.pull(), await transport.pull(), await transport.pull()];
  expect(came.map((chunk) => text(chunk)).join("")).toBe("abc");
  transport.unread(utf8("left"));
  const reason = new Error("enough");
  transport.abort(reason);
  await expect(transport.pull()).rejects.toBe(reason);
  expect(await transport.closed).toMatchObject({ reason: "aborted", cause: reason });
});

test("bytes that were put back before the upgrade are an injection too", async () => {
  const dialling = dial(local(peers.starttls), {
    tls: "starttls",
    negotiate: (transport) => {
      transport.unread(utf8("* OK"));
      return Promise.resolve(true);
    },
  });
  await expect(dialling).rejects.toMatchObject({ code: "TLS_INJECTION", outcome: "unsent" });
});

test.each([0, "", null, false])("a signal's reason is handed on as it is: %j", async (reason) => {
  const controller = new AbortController();
  const dialling = dial(local(peers.echo), { signal: controller.signal });
  controller.abort(reason);
  await expect(dialling).rejects.toBe(reason);
  await expect(dial(local(peers.echo), { signal: controller.signal })).rejects.toBe(reason);
});

test("a sink that throws nothing at all still ends the connection", async () => {
  const transport = await dial(local(peers.echo));
  const told = new Promise((resolve) => {
    transport.receive({
      data: () => {
        // oxlint-disable-next-line no-throw-literal
        throw undefined;
      },
      end: () => {},
      error: resolve,
    });
  });
  transport.write(utf8("x"));
  await told;
  expect((await transport.closed).reason).toBe("failed");
  await expect(transport.pull()).rejects.toMatchObject({ code: "CLOSED" });
});
