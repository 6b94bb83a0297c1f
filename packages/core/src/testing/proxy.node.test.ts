import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Cutter } from "./faults.ts";
import { type FaultProxy, type Plan, type ProxyOptions, startBlackHole, startProxy } from "./proxy.ts";
import { seededRandom } from "./random.ts";

let server: Server;
let target: { hostname: string; port: number };
const served: Served[] = [];
const proxies: FaultProxy[] = [];

/** One end of a connection, and what happens to it. */
class Served {
  readonly chunks: Buffer[] = [];
  readonly events: string[] = [];
  readonly socket: Socket;
  #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.#wake();
    });
    for (const name of ["connect", "end", "close"] as const) socket.on(name, () => this.#happened(name));
    socket.on("error", (error: NodeJS.ErrnoException) => this.#happened(error.code ?? "error"));
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString("latin1");
  }

  get sizes(): number[] {
    return this.chunks.map(({ length }) => length);
  }

  async until(what: string | number): Promise<void> {
    while (typeof what === "number" ? this.text.length < what : !this.events.includes(what)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #happened(event: string): void {
    this.events.push(event);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => served.push(new Served(socket)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  target = { hostname: "127.0.0.1", port: (server.address() as AddressInfo).port };
});

afterEach(async () => {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
  for (const { socket } of served.splice(0)) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

async function proxyOf(plan: ProxyOptions["plan"], seed = 1): Promise<FaultProxy> {
  const proxy = await startProxy({ target, seed, ...(plan === undefined ? {} : { plan }) });
  proxies.push(proxy);
  return proxy;
}

async function client(proxy: { hostname: string; port: number }): Promise<Served> {
  const socket = connect({ host: proxy.hostname, port: proxy.port, allowHalfOpen: true });
  const end = new Served(socket);
  await end.until("connect");
  return end;
}

/** A client and the server's end of its connection, which the first byte makes sure of. */
async function pair(plan: Plan = {}): Promise<[client: Served, server: Served, proxy: FaultProxy]> {
  const proxy = await proxyOf(plan);
  const arrived = new Promise<void>((resolve) => server.once("connection", () => resolve()));
  const end = await client(proxy);
  await arrived;
  const { resetAt } = plan.toServer ?? {};
  if (resetAt !== 0) await expect.poll(() => proxy.stats().open).toBe(1);
  return [end, served[0]!, proxy];
}

describe("the proxy", () => {
  test("passes everything on, and counts it", async () => {
    const [end, peer, proxy] = await pair();
    end.socket.write("question");
    await peer.until(8);
    peer.socket.end("the answer");
    await end.until("end");
    end.socket.end();
    await peer.until("close");
    await end.until("close");
    expect([peer.text, end.text]).toEqual(["question", "the answer"]);
    expect(proxy.stats()).toMatchObject({ connections: 1, bytesToServer: 8, bytesToClient: 10 });
    await expect.poll(() => proxy.stats()).toMatchObject({ open: 0, sockets: 0 });
  });

  test("cuts at chosen offsets, and one byte at a time", async () => {
    const [end, peer] = await pair({ toServer: { splitAt: [3, 5] }, toClient: { chunkBytes: 1 } });
    end.socket.write("abcdefgh");
    await peer.until(8);
    expect(peer.sizes).toEqual([3, 2, 3]);
    peer.socket.write("xyz");
    await end.until(3);
    expect(end.sizes).toEqual([1, 1, 1]);
  });

  test("delays each way, in order", async () => {
    const [end, peer] = await pair({ toServer: { delay: 30 }, toClient: { delay: 20, chunkBytes: 1 } });
    const begin = performance.now();
    end.socket.write("ab");
    setTimeout(() => end.socket.write("cd"), 5);
    await peer.until(4);
    peer.socket.write("answer");
    await end.until(6);
    // A lower bound only: a timer may be late, and never early by more than a millisecond.
    expect(performance.now() - begin).toBeGreaterThanOrEqual(50);
    expect([peer.text, end.text]).toEqual(["abcd", "answer"]);
  });

  test("limits the rate", async () => {
    const [end, peer] = await pair({ toServer: { bytesPerSecond: 10_000, chunkBytes: 100 } });
    const begin = performance.now();
    end.socket.write(Buffer.alloc(600));
    await peer.until(600);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(48);
  });

  test("stalls one direction while the other goes on, and slows down the sender", async () => {
    const [end, peer, proxy] = await pair({ toServer: { stallAt: 2 } });
    end.socket.write("abcd");
    await peer.until(2);
    peer.socket.write("still here");
    await end.until(10);
    expect(peer.text).toBe("ab");
    const block = Buffer.alloc(1024 * 1024);
    while (end.socket.write(block) || end.socket.writableLength < 32 * block.length);
    expect(proxy.stats().bytesToServer).toBe(2);
    expect(end.socket.writableLength).toBeGreaterThan(0);
  });

  test("goes on after a stall, without a loss", async () => {
    const [end, peer] = await pair({ toServer: { stallAt: 2, stallFor: 10 } });
    end.socket.end("abcd");
    await peer.until("end");
    expect(peer.text).toBe("abcd");
  });

  test("ends one direction at an offset while the other goes on", async () => {
    const [end, peer] = await pair({ toClient: { endAt: 4 } });
    peer.socket.write("truncated");
    await end.until("end");
    end.socket.write("I still talk");
    await peer.until(12);
    expect([end.text, peer.text]).toEqual(["trun", "I still talk"]);
    expect(end.events).not.toContain("close");
  });

  test("resets both sides at an offset, behind the bytes before", async () => {
    const [end, peer, proxy] = await pair({ toClient: { resetAt: 4 } });
    peer.socket.write("truncated");
    await end.until("ECONNRESET");
    await peer.until("ECONNRESET");
    expect(end.text).toBe("trun");
    await expect.poll(() => proxy.stats().sockets).toBe(0);
  });

  test("resets before the first byte", async () => {
    const [end, peer] = await pair({ toServer: { resetAt: 0 } });
    await Promise.all([end.until("close"), peer.until("close")]);
    expect([end.text, peer.text]).toEqual(["", ""]);
  });

  test("corrupts chosen bytes, and no others", async () => {
    const [end, peer] = await pair({ toServer: { corrupt: { 1: 0x20, 5: 0x01 }, chunkBytes: 2 } });
    end.socket.write("abc");
    await peer.until(3);
    end.socket.write("def");
    await peer.until(6);
    expect(peer.text).toBe("aBcdeg");
  });

  test("accepts and is silent, and notices the end", async () => {
    const proxy = await proxyOf({ refuse: "silent" });
    const end = await client(proxy);
    end.socket.end(Buffer.alloc(1_000_000));
    await end.until("close");
    expect(end.text).toBe("");
    expect(served).toEqual([]);
  });

  test("refuses with a reset", async () => {
    const proxy = await proxyOf({ refuse: "reset" });
    const end = new Served(connect(proxy.port, proxy.hostname));
    await end.until("close");
    expect(end.events).toContain("ECONNRESET");
    expect(served).toEqual([]);
  });

  test("resets the client when nobody listens at the target", async () => {
    const proxy = await proxyOf({});
    await new Promise((resolve) => server.close(resolve));
    const end = new Served(connect(proxy.port, proxy.hostname));
    await end.until("close");
    expect(end.events).toContain("ECONNRESET");
    server.listen(0, "127.0.0.1");
  });

  test("breaks one side when the other breaks", async () => {
    const [end, peer] = await pair();
    end.socket.resetAndDestroy();
    await peer.until("close");
    expect(peer.events).toEqual(["ECONNRESET", "close"]);
  });

  test("plans each connection by a function, and a seed repeats the plans", async () => {
    const drawn = async (seed: number): Promise<number[]> => {
      const seen: number[] = [];
      const proxy = await proxyOf(({ index, random }) => {
        seen[index] = random();
        return { refuse: "reset" };
      }, seed);
      for (let count = 0; count < 3; count++) {
        await new Served(connect(proxy.port, proxy.hostname)).until("close");
      }
      return seen;
    };
    const first = await drawn(7);
    expect(first).toHaveLength(3);
    expect(new Set(first).size).toBe(3);
    expect(await drawn(7)).toEqual(first);
    expect(await drawn(8)).not.toEqual(first);
  });

  test("takes another plan for the connections to come, and resets those that are open", async () => {
    const [end, , proxy] = await pair();
    proxy.setPlan({ refuse: "reset" });
    const next = new Served(connect(proxy.port, proxy.hostname));
    await next.until("close");
    expect(end.events).not.toContain("close");
    proxy.resetAll();
    await end.until("ECONNRESET");
  });

  test("closes in bounded time, with everything stalled", async () => {
    const [end, peer, proxy] = await pair({ toServer: { stallAt: 0 }, toClient: { stallAt: 0 } });
    await Promise.all([proxy.close(), proxy.close()]);
    await Promise.all([end.until("close"), peer.until("close")]);
    expect(proxy.stats()).toMatchObject({ open: 0, sockets: 0 });
    const late = new Served(connect(proxy.port, proxy.hostname));
    await late.until("ECONNREFUSED");
    expect(late.events).toContain("ECONNREFUSED");
  });

  test("refuses faults that make no sense, and tells what a plan has thrown", async () => {
    await expect(startProxy({ target: "nowhere" })).rejects.toThrow(TypeError);
    await expect(startProxy({ target, plan: { toClient: { chunkBytes: 0 } } })).rejects.toThrow(/chunkBytes/);
    await expect(startProxy({ target, plan: { toServer: { delay: Number.NaN } } })).rejects.toThrow(/delay/);
    const proxy = await startProxy({
      target,
      plan: () => {
        throw new Error("no plan");
      },
    });
    await new Served(connect(proxy.port, proxy.hostname)).until("close");
    await expect(proxy.close()).rejects.toThrow("no plan");
  });

  test("a black hole does not even accept", async () => {
    const hole = await startBlackHole();
    const attempt = new Served(connect(hole.port, hole.hostname));
    await Promise.race([attempt.until("connect"), new Promise((resolve) => setTimeout(resolve, 100))]);
    expect(attempt.events).toEqual([]);
    attempt.socket.destroy();
    await hole.close();
  });
});

describe("the cutter", () => {
  test("loses and changes nothing, however the bytes come and are cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }),
        fc.array(fc.nat(300), { maxLength: 6 }),
        fc.option(fc.integer({ min: 1, max: 9 }), { nil: Infinity }),
        (chunks, splitAt, chunkBytes) => {
          const cutter = new Cutter({ splitAt, chunkBytes });
          const pieces = chunks.flatMap((chunk) => [...cutter.cut(chunk)]) as Uint8Array[];
          expect(pieces.flatMap((piece) => [...piece])).toEqual(chunks.flatMap((chunk) => [...chunk]));
          expect(pieces.every(({ length }) => length <= chunkBytes)).toBe(true);
        },
      ),
    );
  });

  test("ends once, with nothing behind the end", () => {
    const cutter = new Cutter({ endAt: 3, resetAt: 5, stallAt: 3 });
    const pieces = [...cutter.cut(Buffer.from("abcdef")), ...cutter.cut(Buffer.from("g"))];
    expect(pieces.map((piece) => (typeof piece === "string" ? piece : Buffer.from(piece).toString()))).toEqual([
      "abc",
      "stall",
      "end",
    ]);
  });

  test("random offsets of one seed are the same offsets", () => {
    const offsets = (): number[] => Array.from({ length: 4 }, seededRandom(3)).map((value) => Math.floor(value * 100));
    expect(offsets()).toEqual(offsets());
  });
});
