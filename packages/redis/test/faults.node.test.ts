// What goes wrong between a client and a real server: a proxy cuts connections at any byte, both ways. Afterwards the
// server is asked what really happened, and each caller must have been told just that.

import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { isLandlineError } from "@landline/core";
import { startProxy } from "@landline/core/testing/proxy";
import type { Plan, PlannedConnection } from "@landline/core/testing/proxy";
import { describe, expect, inject, it } from "vitest";
import { clientCache } from "../src/cache.ts";
import { redis, script } from "../src/index.ts";
import type { Redis } from "../src/index.ts";
import { ReplyDecoder } from "../src/protocol/decoder.ts";
import { DEFAULT_FORMAT } from "../src/protocol/messages.ts";

const { redis: server } = inject("services");
const key = (): string => `faults:${crypto.randomUUID()}`;
const through = ({ port }: { readonly port: number }): string =>
  Object.assign(new URL(server.url), { port: String(port) }).href;

/** What a caller was told, in one word, and which marks his commands leave at the server. */
interface Told {
  readonly marks: readonly number[];
  readonly outcome: "done" | "unsent" | "refused" | "unknown";
  /** All of its marks, or none. */
  readonly whole: boolean;
}

async function told(marks: readonly number[], whole: boolean, work: Promise<unknown>): Promise<Told> {
  try {
    await work;
    return { marks, whole, outcome: "done" };
  } catch (error) {
    if (!isLandlineError(error)) throw error;
    return { marks, whole, outcome: error.outcome };
  }
}

const MARK = script("return redis.call('SADD', KEYS[1], ARGV[1])");

/** Every way in which commands travel, each with marks of its own in the set `k`. */
function everyWay(kv: Redis, k: string, from: number): Promise<Told>[] {
  const reserved = async (mark: number): Promise<void> => {
    await using own = await kv.reserve();
    await own.sadd(k, mark);
  };
  const [a, b, c, d, e, f, g] = [0, 1, 2, 3, 4, 5, 6].map((offset) => from + offset) as [number, ...number[]] &
    Record<number, number>;
  return [
    told([a], true, kv.sadd(k, a)),
    told([b!, c!], false, kv.pipeline().sadd(k, b!).get("none").sadd(k, c!).exec()),
    told([d!, e!], true, kv.multi().sadd(k, d!).sadd(k, e!).exec()),
    told([f!], true, kv.run(MARK, [k], [f!])),
    told([g!], true, reserved(g!)),
  ];
}
const WAYS = 7;

describe.each([3, 2] as const)("a proxy that cuts, RESP%i", (protocol) => {
  it.each([1, 2, 3, 4])("tells everyone the truth of what became of his commands (seed %i)", async (seed) => {
    const plan = ({ random }: PlannedConnection): Plan => {
      const at = 150 + Math.floor(random() * 1_500);
      const how = random() < 0.5 ? { resetAt: at } : { endAt: at };
      return random() < 0.5 ? { toServer: how } : { toClient: how };
    };
    await using proxy = await startProxy({ target: { hostname: "127.0.0.1", port: server.port }, plan, seed });
    await using direct = redis(server.url);
    await using kv: Redis = redis(through(proxy), { protocol, commandTimeout: 2_000, pool: { max: 4 } });
    const k = key();
    const all: Promise<Told>[] = [];
    for (let round = 0; round < 60; round++) {
      all.push(...everyWay(kv, k, round * WAYS));
      // Some rounds share a tick, some wait for a reply, which a cut may lose.
      if (round % 3 === 2) await kv.get(k).catch(() => undefined);
    }
    const ledger = await Promise.all(all);
    const there = new Set((await direct.smembers(k)).map(Number));
    await direct.del(k);
    for (const { marks, outcome, whole } of ledger) {
      const found = marks.filter((mark) => there.has(mark));
      if (outcome === "done") expect(found).toEqual(marks);
      if (outcome === "unsent" || outcome === "refused") expect(found).toEqual([]);
      if (whole && found.length > 0) expect(found).toEqual(marks);
    }
    // The proxy has cut, and the client came back.
    expect(proxy.stats().connections).toBeGreaterThan(3);
    const outcomes = ledger.map(({ outcome }) => outcome);
    expect(outcomes).toContain("done");
    expect(outcomes).toContain("unknown");
  });

  it("never counts twice: a counter stands between what was acknowledged and what was sent", async () => {
    const plan = ({ random }: PlannedConnection): Plan => ({ toClient: { resetAt: 150 + Math.floor(random() * 400) } });
    await using proxy = await startProxy({ target: { hostname: "127.0.0.1", port: server.port }, plan, seed: 7 });
    await using direct = redis(server.url);
    await using kv = redis(through(proxy), { protocol, commandTimeout: 2_000 });
    const k = key();
    let [done, unknown] = [0, 0];
    for (let round = 0; round < 40; round++) {
      const burst = Array.from({ length: 10 }, () => told([], true, kv.incr(k)));
      for (const { outcome } of await Promise.all(burst)) {
        if (outcome === "done") done++;
        if (outcome === "unknown") unknown++;
      }
    }
    const count = Number(await direct.get(k));
    await direct.del(k);
    expect(count).toBeGreaterThanOrEqual(done);
    expect(count).toBeLessThanOrEqual(done + unknown);
    expect(unknown).toBeGreaterThan(0);
    expect(done).toBeGreaterThan(0);
  });
});

it("a cache holds nothing that the server has said is over, through writes, deletions and lost connections", async () => {
  await using proxy = await startProxy({ target: { hostname: "127.0.0.1", port: server.port } });
  await using writer = redis(server.url);
  await using kv = redis(through(proxy), { cache: clientCache({ maxEntries: 3 }) });
  const view = kv.with({ cacheFor: 60_000 });
  const keys = [key(), key(), key(), key()];
  const model = new Map<string, number>();
  let state = 42;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return Math.floor((state / 0x8000_0000) * below);
  };
  const racing: Promise<void>[] = [];
  for (let step = 1; step <= 300; step++) {
    const k = keys[random(keys.length)]!;
    const before = model.get(k) ?? 0;
    // On its way while the key changes: old or new, and never older.
    racing.push(
      view.get(k).then((value) => expect(value === null ? Infinity : Number(value)).toBeGreaterThanOrEqual(before)),
    );
    if (random(10) === 0) {
      await writer.del(k);
      model.delete(k);
    } else {
      await writer.set(k, step, "PX", 60_000);
      model.set(k, step);
    }
    if (random(15) === 0) proxy.resetAll();
    // What the server has to say of the change comes before this reply.
    await kv.ping();
    const wanted = model.get(k);
    expect(await view.get(k)).toBe(wanted === undefined ? null : String(wanted));
    expect(await view.get(k)).toBe(wanted === undefined ? null : String(wanted));
  }
  await Promise.all(racing);
  await writer.del(...(keys as [string, ...string[]]));
  expect(proxy.stats().connections).toBeGreaterThan(5);
});

describe("CLIENT SETINFO", () => {
  /** A server that says it is of this version; it hears every command. */
  async function serverOf(name: string, version: string): Promise<{ port: number; heard: string[][]; close(): void }> {
    const heard: string[][] = [];
    const listener = createServer((socket) => {
      const decoder = new ReplyDecoder();
      socket.on("error", () => {});
      socket.on("data", (chunk) => {
        const words: string[] = [];
        decoder.push(chunk, {
          format: DEFAULT_FORMAT,
          push: () => {},
          reply: (command) => {
            const all = (command as readonly string[]).map(String);
            words.push(all.join(" "));
            if (all[0] === "HELLO") {
              socket.write(`%3\r\n+server\r\n+${name}\r\n+version\r\n+${version}\r\n+proto\r\n:3\r\n`);
            } else socket.write(all[1] === "SETINFO" ? "-ERR no such thing\r\n" : "+PONG\r\n");
          },
        });
        heard.push(words);
      });
    });
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    return { port: (listener.address() as AddressInfo).port, heard, close: () => listener.close() };
  }

  it.each([
    ["redis", "7.2.0", true],
    ["valkey", "8.0.1", true],
    ["redis", "7.0.15", false],
    ["redis", "6.2.0", false],
  ])("goes with the first command to %s %s: %s; a refusal is nobody's", async (name, version, wanted) => {
    const one = await serverOf(name, version);
    const kv = redis(`redis://127.0.0.1:${one.port}`);
    expect(await kv.ping()).toBe("PONG");
    await kv.end();
    one.close();
    expect(one.heard.flat()[0]).toBe("HELLO 3");
    expect(one.heard.flat().slice(1)).toEqual([...(wanted ? ["CLIENT SETINFO LIB-NAME landline"] : []), "PING"]);
    if (wanted) expect(one.heard[1]).toHaveLength(2);
  });
});
