// What drivers rely on in a net.Socket: events and their order, back-pressure both ways, timeouts, ends, upgrades.

import { once } from "node:events";
import { Socket as NetSocket } from "node:net";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { connect } from "../src/index.ts";
import { nodeSocket } from "../src/node-socket/index.ts";
import type { NodeSocket, NodeSocketOptions } from "../src/node-socket/index.ts";
import { peer } from "./lab.ts";

const peers = inject("peers");
const runtime = inject("runtime");

/** A socket that is connected, and is destroyed when the test ends. */
async function connected(port: number, options: NodeSocketOptions = {}): Promise<NodeSocket> {
  const socket = unconnected(options).connect(port, "localhost");
  await once(socket, "connect");
  return socket;
}

/** How each socket ended: the promises exist before anything can happen. */
const endings = new WeakMap<NodeSocket, { error: Promise<NodeError>; close: Promise<boolean> }>();

type NodeError = Error & { readonly code?: string };

function unconnected(options: NodeSocketOptions = {}): NodeSocket {
  const socket = nodeSocket(options);
  endings.set(socket, {
    error: new Promise((resolve) => socket.on("error", resolve)),
    close: new Promise((resolve) => socket.on("close", resolve)),
  });
  onTestFinished(() => void socket.destroy());
  return socket;
}

const failure = (socket: NodeSocket): Promise<NodeError> => endings.get(socket)!.error;

/** Whether there was an error. */
const closed = (socket: NodeSocket): Promise<boolean> => endings.get(socket)!.close;

async function read(socket: NodeSocket, length: number): Promise<string> {
  let said = "";
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    said += String(chunk);
    if (said.length >= length) break;
  }
  return said;
}

describe("a connection", () => {
  test("has what a net.Socket has, and says when it is there", async () => {
    const socket = unconnected();
    const members = Object.getOwnPropertyNames(NetSocket.prototype).filter((name) => !name.startsWith("_"));
    // Of these, no driver knows: old names, and what only Node's own code calls.
    const inner = ["server", "bufferSize", "reinitializeHandle", "setTypeOfService", "getTypeOfService"];
    expect(members.filter((name) => !inner.includes(name) && !(name in socket))).toEqual([]);
    expect([socket.connecting, socket.pending, socket.readyState]).toEqual([false, true, "open"]);
    const events: string[] = [];
    for (const event of ["connect", "ready", "data", "end", "error", "close"]) {
      socket.on(event, () => events.push(event));
    }
    expect(socket.connect({ port: peers.echo, host: "localhost" }, () => events.push("callback"))).toBe(socket);
    expect([socket.connecting, socket.readyState]).toEqual([true, "opening"]);
    // Written before there is a connection.
    socket.write("early ");
    await once(socket, "connect");
    expect([socket.connecting, socket.pending, socket.readyState]).toEqual([false, false, "open"]);
    expect([socket.remoteAddress, socket.remotePort]).toEqual(["localhost", peers.echo]);
    socket.end("and late");
    await closed(socket);
    expect(events.filter((event) => event !== "data")).toEqual(["connect", "callback", "ready", "end", "close"]);
    expect(events).toContain("data");
    expect([socket.bytesRead, socket.bytesWritten]).toEqual([14, 14]);
  });

  test("that is refused is an error and a close, and no connect", async () => {
    const socket = unconnected();
    const events: string[] = [];
    socket.on("connect", () => events.push("connect"));
    socket.on("close", (hadError) => events.push(`close ${String(hadError)}`));
    socket.connect(peers.refusing, "localhost");
    const error = await failure(socket);
    await closed(socket);
    // Workers do not tell why.
    expect(error).toMatchObject(runtime === "node" ? { code: "ECONNREFUSED" } : { code: "CONNECT_FAILED" });
    expect(events).toEqual(["close true"]);
  });

  test("to a black hole ends by its own deadline", async () => {
    const socket = unconnected({ connectTimeout: 50 }).connect(peers.blackHole, "127.0.0.1");
    expect(await failure(socket)).toMatchObject({ code: "ETIMEDOUT" });
    await closed(socket);
  });

  test("that is given up while it is made is closed without an error", async () => {
    const socket = unconnected().connect(peers.blackHole, "127.0.0.1");
    socket.destroy();
    expect(await closed(socket)).toBe(false);
  });

  test("that is ended while it is made sends what was written, and closes", async () => {
    const socket = unconnected().connect(peers.echo, "localhost");
    socket.end("all of it");
    expect(await read(socket, 9)).toBe("all of it");
    socket.resume();
    await closed(socket);
  });

  test("that was never asked for can be ended", async () => {
    const socket = unconnected();
    socket.end();
    expect(await closed(socket)).toBe(false);
  });

  test("is made once", () => {
    const socket = unconnected().connect(peers.echo, "localhost");
    expect(() => socket.connect(peers.echo, "localhost")).toThrow(TypeError);
    expect(() => nodeSocket().connect("/tmp/.s.PGSQL.5432")).toThrow(TypeError);
    expect(() => nodeSocket().connect({ path: "/tmp/.s.PGSQL.5432" })).toThrow(TypeError);
  });

  test("goes over whatever socket it is given", async () => {
    const socket = await connected(1, { connect: () => connect({ hostname: "localhost", port: peers.echo }) });
    socket.write("hello");
    expect(await read(socket, 5)).toBe("hello");
  });

  test("is ended by the signal", async () => {
    const controller = new AbortController();
    const socket = await connected(peers.silent, { signal: controller.signal });
    controller.abort(new Error("enough"));
    expect(await failure(socket)).toMatchObject({ message: "enough" });
    await closed(socket);
  });
});

describe("the peer", () => {
  test("that ends is an end, and with it ours", async () => {
    const subject = await peer("closing");
    const socket = await connected(subject.port);
    expect(await read(socket, 4)).toBe("bye\n");
    socket.resume();
    await closed(socket);
    await subject.seen("closed");
  });

  test("that ends before its first byte is an ECONNRESET, unless we have ended too", async () => {
    const { port } = await peer("shedding");
    for (const options of [{}, { tls: "off" }] as const) {
      const socket = unconnected(options).connect(port, "localhost");
      socket.resume();
      expect(await failure(socket)).toMatchObject({
        code: "ECONNRESET",
        message: `localhost:${port} ended the connection before it had sent anything`,
        cause: { code: "CONNECTION_LOST", outcome: "unsent" },
      });
      expect(await closed(socket)).toBe(true);
    }
    const done = unconnected().connect(port, "localhost");
    done.resume().end("bye");
    expect(await closed(done)).toBe(false);
  });

  test("that ends is an end for a reader too that has paused, and has nothing left to read", async () => {
    for (const options of [{}, { tls: "off" }] as const) {
      const socket = await connected(peers.echo, options);
      socket.on("data", () => socket.pause());
      socket.write("the last");
      await once(socket, "data");
      // Its FIN comes back.
      socket.end();
      expect(await closed(socket)).toBe(false);
    }
  });

  test("that ends first where it must not is an ECONNRESET, whenever it comes, unless we have ended too", async () => {
    const { port } = await peer("closing");
    const early = unconnected({ peerMayEnd: false }).connect(port, "localhost");
    const said: string[] = [];
    early.on("data", (chunk) => said.push(String(chunk)));
    expect(await failure(early)).toMatchObject({
      code: "ECONNRESET",
      message: `localhost:${port} ended the connection`,
    });
    expect(await closed(early)).toBe(true);
    expect(said).toEqual(["bye\n"]);
    const late = unconnected({ peerMayEnd: false }).connect(peers.echo, "localhost");
    late.resume().end("ours");
    expect(await closed(late)).toBe(false);
  });

  test("that ends after a CancelRequest of Postgres has said all that there is to say", async () => {
    const { port } = await peer("shedding");
    const socket = unconnected({ tls: "off" }).connect(port, "localhost");
    socket.resume().write(new Uint8Array([0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 0, 1, 0, 0, 0, 2]));
    expect(await closed(socket)).toBe(false);
  });

  test("that resets is an ECONNRESET", async () => {
    const socket = await connected(peers.resetting);
    socket.resume();
    socket.write("x");
    expect(await failure(socket)).toMatchObject({ code: "ECONNRESET", cause: { code: "CONNECTION_LOST" } });
    expect(await closed(socket)).toBe(true);
  });

  test("that cuts a reply short is an end after what came", async () => {
    const socket = await connected(peers.truncating);
    socket.write("1");
    expect(await read(socket, 5)).toBe("12345");
    const end = once(socket, "end");
    socket.resume();
    socket.write("2");
    await end;
  });
});

describe("back-pressure", () => {
  test("of a reader that pauses reaches the peer, and nothing is lost", async () => {
    const bytes = 32 * 1024 * 1024;
    const subject = await peer("flood");
    const socket = await connected(subject.port);
    socket.write(`${bytes}\n`);
    await once(socket, "readable");
    // The kernels' buffers are full; ours has its high-water mark.
    const { sent } = await subject.seen("stalled");
    expect(sent).toBeLessThan(bytes);
    expect(socket.readableLength).toBeLessThanOrEqual(256 * 1024);
    let at = 0;
    let wrong = 0;
    for await (const chunk of socket) {
      const part = chunk as Uint8Array;
      if (part[0] !== at % 251 || part.at(-1) !== (at + part.length - 1) % 251) wrong++;
      at += part.length;
    }
    expect([at, wrong]).toEqual([bytes, 0]);
  });

  test("of a peer that does not read is told by write(), and a destroy does not wait for it", async () => {
    const subject = await peer("deaf");
    const socket = await connected(subject.port);
    const chunk = new Uint8Array(64 * 1024);
    let accepted = 0;
    while (socket.write(chunk) && accepted++ < 1024) await new Promise((resolve) => setImmediate(resolve));
    // Well below 1024: write() said stop.
    while (!socket.writableNeedDrain && accepted++ < 1024) {
      socket.write(chunk);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(accepted).toBeLessThan(1024);
    socket.destroy();
    await closed(socket);
  });

  test("ends with a drain", async () => {
    const socket = await connected(peers.echo);
    let received = 0;
    socket.on("data", (chunk: Uint8Array) => (received += chunk.length));
    const chunk = new Uint8Array(256 * 1024);
    for (let sent = 0; sent < 16; sent++) if (!socket.write(chunk)) await once(socket, "drain");
    socket.end();
    await closed(socket);
    expect(received).toBe(16 * chunk.length);
  });

  test("by pause() and resume() loses nothing", async () => {
    const socket = await connected(peers.flood);
    socket.write("300000\n");
    let received = 0;
    socket.on("data", (chunk: Uint8Array) => {
      received += chunk.length;
      socket.pause();
      setTimeout(() => socket.resume(), 0);
    });
    await closed(socket);
    expect(received).toBe(300_000);
  });

  test("lets a driver reuse what it wrote as soon as it is called back", async () => {
    const socket = await connected(peers.echo);
    const chunk = new Uint8Array(100_000).fill(1);
    await new Promise((resolve) => socket.write(chunk, resolve));
    chunk.fill(2);
    socket.end();
    const chunks: Uint8Array[] = [];
    for await (const part of socket) chunks.push(part as Uint8Array);
    expect(Buffer.concat(chunks).every((byte) => byte === 1)).toBe(true);
  });

  test("a write of many small chunks is one", async () => {
    const socket = await connected(peers.echo);
    socket.cork();
    for (const word of ["a", "b", "c"]) socket.write(word);
    socket.write("ZA==", "base64");
    socket.uncork();
    expect(await read(socket, 4)).toBe("abcd");
  });
});

describe("a timeout", () => {
  test("is told after a silence, and ends nothing", async () => {
    const socket = await connected(peers.echo);
    const timeout = once(socket, "timeout");
    expect(socket.setTimeout(20)).toBe(socket);
    await timeout;
    socket.setTimeout(0);
    socket.write("still here");
    expect(await read(socket, 10)).toBe("still here");
  });

  test("is taken back with its callback", async () => {
    const socket = await connected(peers.silent);
    const callback = (): void => {};
    socket.setTimeout(60_000, callback);
    expect(socket.listenerCount("timeout")).toBe(1);
    socket.setTimeout(0, callback);
    expect(socket.listenerCount("timeout")).toBe(0);
    expect(() => socket.setTimeout(-1)).toThrow(TypeError);
  });
});

describe("the rest of a net.Socket", () => {
  test("is there, and returns the socket", async () => {
    const socket = await connected(peers.silent);
    for (const result of [
      socket.setNoDelay(true),
      socket.setKeepAlive(true, 1000),
      socket.ref(),
      socket.unref(),
      socket.pause(),
      socket.resume(),
      socket.setEncoding("utf8"),
    ]) {
      expect(result).toBe(socket);
    }
    expect(socket.address()).toEqual({});
    socket.destroySoon();
    await closed(socket);
  });

  test("a destroy with an error tells it, once", async () => {
    const socket = await connected(peers.silent);
    const errors: unknown[] = [];
    socket.on("error", (error) => errors.push(error));
    const mine = new Error("mine");
    socket.destroy(mine);
    socket.destroy(new Error("another"));
    expect(await closed(socket)).toBe(true);
    expect(errors).toEqual([mine]);
  });

  test("a write after the end calls back with an error", async () => {
    const socket = await connected(peers.silent);
    socket.end();
    const result = await new Promise((resolve) => socket.write("late", resolve));
    expect(result).toBeInstanceOf(Error);
    await failure(socket);
  });

  test("a write whose connection breaks calls back, and tells the error to everybody", async () => {
    const socket = await connected(peers.resetting);
    socket.resume();
    socket.write("x");
    expect(await failure(socket)).toMatchObject({ code: "ECONNRESET" });
    expect(await new Promise((resolve) => socket.write("late", resolve))).toBeInstanceOf(Error);
  });
});
