// The transport's contract, the same on every runtime.

import { expect, inject, test } from "vitest";
import { ByteReader } from "../src/bytes/index.ts";
import { ClosedError, connect, ConnectError, dial, TimeoutError, TlsError, transportOf } from "../src/index.ts";
import type { Negotiation, Transport } from "../src/index.ts";
import { Collector, text, utf8 } from "./collector.ts";

const peers = inject("peers");
const local = (port: number): { hostname: string; port: number } => ({ hostname: "localhost", port });

/** The negotiation of the STARTTLS peer; the word chooses what the peer does. */
const upgrade =
  (how: string): Negotiation =>
  async (transport) => {
    transport.write(utf8(`STARTTLS ${how}\n`));
    return (await new ByteReader(transport).readLine()) === "GO";
  };

test("what is written comes back, and the close is clean on both sides", async () => {
  const transport = await dial(local(peers.echo));
  const sink = new Collector();
  transport.receive(sink);
  transport.write(utf8("hello "));
  transport.writer.utf8("world");
  expect(await sink.bytes(11)).toBe("hello world");
  const info = await transport.close();
  expect(info).toMatchObject({ reason: "local", bytesRead: 11, bytesWritten: 11 });
  expect(await transport.closed).toEqual(info);
  expect(sink.endings).toEqual([]);
});

test("everything that is written in a tick leaves as one write", async () => {
  let writes = 0;
  const transport = await dial(local(peers.echo), {
    connect(address, options) {
      const socket = connect(address, options);
      const writable = new WritableStream<Uint8Array>({
        async start() {},
        async write(chunk) {
          writes++;
          const writer = socket.writable.getWriter();
          await writer.write(chunk);
          writer.releaseLock();
        },
      });
      return {
        readable: socket.readable,
        writable,
        opened: socket.opened,
        closed: socket.closed,
        upgraded: false,
        secureTransport: "off",
        startTls: () => socket.startTls(),
        close: () => socket.close(),
      };
    },
  });
  const sink = new Collector();
  transport.receive(sink);
  for (let index = 0; index < 1000; index++) transport.writer.u8(0x61);
  expect(await sink.bytes(1000)).toBe("a".repeat(1000));
  expect(writes).toBe(1);
  transport.abort();
});

test("large writes keep their place between small ones", async () => {
  const transport = await dial(local(peers.echo));
  const sink = new Collector();
  transport.receive(sink);
  const large = new Uint8Array(300_000).fill(0x62);
  transport.write(utf8("a"));
  transport.write(large);
  transport.write(utf8("c"));
  const back = await sink.bytes(300_002);
  expect(back.startsWith("ab") && back.endsWith("bc")).toBe(true);
  await transport.drained();
  await transport.close();
  expect(transport.backlog).toBe(0);
});

test("the peer's end is told once, and half-close lets the rest arrive", async () => {
  const transport = await dial(local(peers.echo));
  const sink = new Collector();
  transport.receive(sink);
  transport.write(utf8("last words"));
  transport.end();
  await sink.ended;
  expect(sink.text).toBe("last words");
  expect(sink.endings).toEqual(["end"]);
  expect((await transport.closed).reason).toBe("remote");
});

test("pull reads nothing ahead, and gives undefined at the end", async () => {
  const transport = await dial(local(peers.closing));
  expect(text(await transport.pull())).toBe("bye\n");
  expect(await transport.pull()).toBeUndefined();
  await transport.close();
});

test("a paused transport holds everything back and loses nothing", async () => {
  const transport = await dial(local(peers.flood));
  const total = 3_000_000;
  const sink = new Collector();
  let chunks = 0;
  sink.onData = () => {
    if (++chunks % 5 !== 0) return;
    transport.pause();
    const before = sink.length;
    setTimeout(() => {
      expect(sink.length).toBe(before);
      transport.resume();
    }, 1);
  };
  transport.receive(sink);
  transport.write(utf8(`${total}\n`));
  await sink.ended;
  expect(sink.length).toBe(total);
  expect(sink.inOrder).toBe(true);
  await transport.close();
});

test("a reset is an error and never a clean end", async () => {
  const transport = await dial(local(peers.resetting));
  const sink = new Collector();
  transport.receive(sink);
  transport.write(utf8("x"));
  const error = await sink.failed;
  expect(error).toBeInstanceOf(ClosedError);
  expect(error).toMatchObject({ code: "CONNECTION_LOST", outcome: "unknown" });
  expect(await transport.closed).toMatchObject({ reason: "failed", cause: error });
});

test("a throw of the sink ends the connection and comes back as its error", async () => {
  const transport = await dial(local(peers.closing));
  const broken = new Error("the sink broke");
  const sink = new Collector();
  sink.onData = () => {
    throw broken;
  };
  transport.receive(sink);
  expect(await sink.failed).toBe(broken);
  expect(await transport.closed).toMatchObject({ reason: "failed", cause: broken });
});

test("close is bounded when the peer does not read", async () => {
  const transport = await dial(local(peers.deaf));
  transport.write(new Uint8Array(32_000_000));
  expect(transport.backlog).toBeGreaterThan(1_000_000);
  expect((await transport.close({ timeout: 100 })).reason).toBe("aborted");
});

test("close is bounded when the peer never ends", async () => {
  const transport = await dial(local(peers.silent));
  transport.receive(new Collector());
  expect(["local", "aborted"]).toContain((await transport.close({ timeout: 100 })).reason);
});

test("abort settles everything that waits, with its reason", async () => {
  const transport = await dial(local(peers.deaf));
  transport.write(new Uint8Array(32_000_000));
  const reason = new Error("enough");
  const pulled = transport.pull();
  const drained = transport.drained();
  transport.abort(reason);
  await expect(pulled).rejects.toBe(reason);
  await drained;
  expect(await transport.closed).toMatchObject({ reason: "aborted", cause: reason });
  await expect(transport.pull()).rejects.toBe(reason);
});

test("nothing listens: a typed error that says so", async () => {
  const error = await dial(local(peers.refusing)).catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(ConnectError);
  expect(error).toMatchObject({ outcome: "unsent" });
  expect((error as Error).message).toContain(`localhost:${peers.refusing}`);
  expect((error as Error).message).toContain("nothing listens there");
});

test("the deadline fires on a host that does not answer at all", async () => {
  const dialling = dial({ hostname: "127.0.0.1", port: peers.blackHole }, { connectTimeout: 150 });
  await expect(dialling).rejects.toBeInstanceOf(TimeoutError);
});

test("the deadline covers a handshake that never comes", async () => {
  await expect(dial(local(peers.silent), { tls: "on", connectTimeout: 150 })).rejects.toBeInstanceOf(TimeoutError);
  const negotiating = dial(local(peers.starttls), {
    tls: "starttls",
    negotiate: upgrade("silent"),
    connectTimeout: 150,
  });
  await expect(negotiating).rejects.toBeInstanceOf(TimeoutError);
});

test("an abort while dialling rejects with the signal's own reason", async () => {
  const reason = new Error("changed my mind");
  const controller = new AbortController();
  const dialling = dial({ hostname: "127.0.0.1", port: peers.blackHole }, { signal: controller.signal });
  controller.abort(reason);
  await expect(dialling).rejects.toBe(reason);
  await expect(dial(local(peers.echo), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test("a bad address or option is a TypeError before any I/O", async () => {
  const connector = (): never => {
    throw new Error("no I/O may happen");
  };
  for (const address of ["localhost", "localhost:0", "localhost:70000", "http://localhost:1", "a b:1", ":1", "::1:1"]) {
    await expect(dial(address, { connect: connector })).rejects.toBeInstanceOf(TypeError);
  }
  await expect(dial("h:1", { tls: "maybe" as never, connect: connector })).rejects.toBeInstanceOf(TypeError);
  await expect(dial("h:1", { tls: "starttls", connect: connector })).rejects.toThrow("needs a negotiation");
  await expect(dial("h:1", { connectTimeout: 0, connect: connector })).rejects.toBeInstanceOf(TypeError);
});

test("TLS from the first byte, verified", async () => {
  const transport = await dial(local(peers.echoTls), { tls: "on" });
  expect(transport.info.secure).toBe(true);
  expect(await echoed(transport)).toBe("ping");
});

test("a certificate that nobody trusts is refused", async () => {
  const error = await dial(local(peers.untrustedTls), { tls: "on" }).catch((failure: unknown) => failure);
  expect((error as Error).message).toContain("certificate");
  expect(error).toMatchObject({ outcome: "unsent" });
});

test("TLS with a peer that speaks none fails and says what it may be", async () => {
  const error = await dial(local(peers.closing), { tls: "on", connectTimeout: 3_000 }).catch(
    (failure: unknown) => failure,
  );
  expect((error as Error).message).toMatch(/does not speak TLS/);
});

test("STARTTLS upgrades in place", async () => {
  const transport = await dial(local(peers.starttls), { tls: "starttls", negotiate: upgrade("well") });
  expect(transport.info.secure).toBe(true);
  expect(await echoed(transport)).toBe("ping");
});

test("a peer that declines: starttls fails, prefer goes on in the clear", async () => {
  const refused = dial(local(peers.starttls), { tls: "starttls", negotiate: upgrade("decline") });
  await expect(refused).rejects.toMatchObject({ name: "TlsError", code: "TLS_DECLINED", outcome: "unsent" });
  const transport = await dial(local(peers.starttls), { tls: "prefer", negotiate: upgrade("decline") });
  expect(transport.info.secure).toBe(false);
  expect(await echoed(transport)).toBe("ping");
});

test("prefer uses TLS where it is offered, and never falls back when the handshake fails", async () => {
  const transport = await dial(local(peers.starttls), { tls: "prefer", negotiate: upgrade("well") });
  expect(transport.info.secure).toBe(true);
  expect(await echoed(transport)).toBe("ping");
  await expect(firstByte(peers.starttls, "untrusted")).rejects.toBeInstanceOf(TlsError);
});

test.each(["plain", "untrusted", "split"])(
  "STARTTLS answered by %s ends in a TLS error, not in a clean end",
  async (how) => {
    const error = await firstByte(peers.starttls, how).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(TlsError);
    expect((error as Error).message).not.toContain("internal error");
  },
);

test("bytes behind the go-ahead are an injection", async () => {
  const dialling = dial(local(peers.starttls), { tls: "starttls", negotiate: upgrade("inject") });
  await expect(dialling).rejects.toMatchObject({ name: "TlsError", code: "TLS_INJECTION", outcome: "unsent" });
});

test("any spec-shaped socket can be wrapped", async () => {
  const transport = await transportOf(connect(local(peers.echo)), local(peers.echo));
  expect(await echoed(transport)).toBe("ping");
});

async function echoed(transport: Transport): Promise<string> {
  const sink = new Collector();
  transport.receive(sink);
  transport.write(utf8("ping"));
  const back = await sink.bytes(4);
  await transport.close();
  return back;
}

/** Dials and waits for the first byte: where the runtime does not tell how the handshake went, this does. */
async function firstByte(port: number, how: string): Promise<unknown> {
  return firstByteOf(await dial(local(port), { tls: "prefer", negotiate: upgrade(how), connectTimeout: 3_000 }));
}

async function firstByteOf(transport: Transport): Promise<unknown> {
  const sink = new Collector();
  transport.receive(sink);
  transport.write(utf8("ping"));
  throw await sink.failed;
}
