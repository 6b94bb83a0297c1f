// Replies and peers that have broken Redis clients, each as a test of its own, named by what comes over the wire. The
// cases of clusters (redirections, node lists) are not here: this client has one server.

import { ClosedError, ProtocolError } from "@landline/core";
import { describe, expect, inject, it } from "vitest";
import { factsOf } from "../src/commands.ts";
import { Connection } from "../src/connection.ts";
import type { ConnectionOptions } from "../src/connection.ts";
import { IntegerRangeError, redis } from "../src/index.ts";
import type { RedisError } from "../src/index.ts";
import { Single, Transaction } from "../src/flights.ts";
import { handshake } from "../src/handshake.ts";
import { Link } from "../src/link.ts";
import { ReplyDecoder } from "../src/protocol/decoder.ts";
import { DEFAULT_FORMAT } from "../src/protocol/messages.ts";
import type { Command, Reply } from "../src/protocol/messages.ts";
import { compileReply } from "../src/reply-codes.ts";
import { FakeServer } from "./fake-server.ts";
import type { Script } from "./fake-server.ts";

const { redis: server } = inject("services");
const utf8 = new TextEncoder();
const key = (): string => `case:${crypto.randomUUID()}`;
const PATIENT = { timeout: 10_000, signal: undefined };
const FACTS = { protocol: 3, server: "fake", version: "1", id: 1 } as const;

/** What comes out of `wire`, however it is cut in two. */
function decoded(wire: string | Uint8Array, bytes = false): unknown[] {
  const whole = typeof wire === "string" ? utf8.encode(wire) : wire;
  const read = (parts: readonly Uint8Array[]): unknown[] => {
    const seen: unknown[] = [];
    const decoder = new ReplyDecoder();
    const sink = {
      format: { ...DEFAULT_FORMAT, bytes },
      reply: (value: Reply) => seen.push(value),
      push: (items: readonly Reply[]) => seen.push({ push: items }),
      attribute: (attributes: ReadonlyMap<Reply, Reply>) => seen.push({ attributes }),
    };
    for (const part of parts) {
      const borrowed = Uint8Array.from(part);
      decoder.push(borrowed, sink);
      borrowed.fill(0x58);
    }
    return seen;
  };
  const seen = read([whole]);
  for (let at = 1; at < whole.length; at++) expect(read([whole.subarray(0, at), whole.subarray(at)])).toEqual(seen);
  return seen;
}

function refused(wire: string): unknown {
  try {
    decoded(wire);
  } catch (error) {
    return error;
  }
  return undefined;
}

/** A link to servers of these scripts, one after the other. */
function linkTo(scripts: readonly Script[], options: ConnectionOptions = {}): { link: Link; servers: FakeServer[] } {
  const servers: FakeServer[] = [];
  const link = new Link(async () => {
    const fake = await FakeServer.start(scripts[Math.min(servers.length, scripts.length - 1)]);
    servers.push(fake);
    return new Connection(fake.client, FACTS, options);
  });
  return { link, servers };
}

function send(link: Link, ...command: Command): Promise<unknown> {
  const order = { command, facts: factsOf(command) };
  return new Promise((resolve, reject) => link.send(new Single(order, DEFAULT_FORMAT, resolve, reject), PATIENT));
}

describe("what replies look like", () => {
  it("1: a null in three forms, alone and in arrays", () => {
    expect(decoded("$-1\r\n*-1\r\n_\r\n*3\r\n$-1\r\n*-1\r\n_\r\n")).toEqual([null, null, null, [null, null, null]]);
  });

  it("2: empty strings and aggregates at the end of a chunk", () => {
    expect(decoded("$0\r\n\r\n*0\r\n%0\r\n~0\r\n")).toEqual(["", [], new Map(), []]);
  });

  it("3: every reply cut at every byte, within its line end and within an error", () => {
    const [error, list] = decoded("-ERR a message with words\r\n*2\r\n-WRONGTYPE no\r\n+OK\r\n") as [
      RedisError,
      Reply[],
    ];
    expect(error.message).toBe("ERR a message with words");
    expect(list).toMatchObject([{ code: "WRONGTYPE" }, "OK"]);
  });

  it("4: a character of several bytes cut between chunks", () => {
    expect(decoded("$13\r\n€ß😀zéx\r\n+é\r\n")).toEqual(["€ß😀zéx", "é"]);
  });

  it("5: a value with line ends, or one that looks like replies", () => {
    expect(decoded("$20\r\n$5\r\nhello\r\n+OK\r\n-ERR\r\n")).toEqual(["$5\r\nhello\r\n+OK\r\n-ERR"]);
  });

  it("15: attributes before a reply, inside an array, before a push", () => {
    expect(decoded("|1\r\n+a\r\n:1\r\n+r\r\n*2\r\n|1\r\n+b\r\n:2\r\n:3\r\n:4\r\n|0\r\n>1\r\n+p\r\n")).toEqual([
      { attributes: new Map([["a", 1]]) },
      "r",
      { attributes: new Map([["b", 2]]) },
      [3, 4],
      { attributes: new Map() },
      { push: ["p"] },
    ]);
  });

  it("16: streamed strings and aggregates", () => {
    expect(decoded("$?\r\n;4\r\nHell\r\n;1\r\no\r\n;0\r\n*?\r\n:1\r\n%?\r\n+k\r\n:2\r\n.\r\n.\r\n")).toEqual([
      "Hello",
      [1, new Map([["k", 2]])],
    ]);
  });

  it("17: doubles at their edges, and what is none", () => {
    const edges = "inf -inf nan -nan nan(0x1) -0 1e308 5e-324 1.7976931348623157e+308".split(" ");
    expect(decoded(edges.map((text) => `,${text}\r\n`).join(""))).toEqual([
      ...[Infinity, -Infinity, Number.NaN, Number.NaN, Number.NaN, -0, 1e308, 5e-324, Number.MAX_VALUE],
    ]);
    for (const text of ["1.2.3", "", "1e", "0x10"]) expect(refused(`,${text}\r\n`)).toBeInstanceOf(ProtocolError);
  });

  it("18: integers at the edges of 53 and 64 bits", () => {
    const [max, min, past, ...near] = decoded(
      ":9223372036854775807\r\n:-9223372036854775808\r\n:9007199254740993\r\n:+1\r\n:9007199254740945\r\n:9007199254740991\r\n",
    );
    for (const error of [max, min, past]) expect(error).toBeInstanceOf(IntegerRangeError);
    expect((past as IntegerRangeError).value).toBe(9007199254740993n);
    expect(near).toEqual([1, 9007199254740945, Number.MAX_SAFE_INTEGER]);
    expect(refused(":9223372036854775808\r\n")).toBeInstanceOf(ProtocolError);
  });

  it("19: a big number", () => {
    expect(decoded("(3492890328409238509324850943850943825024385\r\n")).toEqual([
      3492890328409238509324850943850943825024385n,
    ]);
  });

  it("20: a verbatim string, without its format", () => {
    expect(decoded("=15\r\ntxt:Some string\r\n")).toEqual(["Some string"]);
  });

  it("21: an error as a bulk, and one with a line end that an argument has put there", async () => {
    expect(decoded("!21\r\nSYNTAX invalid syntax\r\n")).toMatchObject([{ code: "SYNTAX" }]);
    await using kv = redis(server.url);
    const error = await kv.call("NOSUCH\r\n+OK\r\n").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    await expect(kv.call("NOSUCH", "x\r\n+OK\r\n$1\r\n")).rejects.toMatchObject({ code: "ERR" });
    expect(await kv.ping()).toBe("PONG");
  });

  it("22: a map with keys of all kinds, equal ones, and dangerous ones", () => {
    const [map] = decoded("%4\r\n:1\r\n+a\r\n*1\r\n:2\r\n+b\r\n+k\r\n+c\r\n+k\r\n+d\r\n") as [Map<unknown, unknown>];
    expect([...map.keys()]).toEqual([1, [2], "k"]);
    expect(map.get("k")).toBe("d");
    const [dangerous] = decoded("%2\r\n+__proto__\r\n+x\r\n+constructor\r\n+y\r\n") as [Reply];
    const fields = compileReply("%.")(dangerous, ["HGETALL"], DEFAULT_FORMAT) as object;
    expect(Object.keys(fields)).toEqual(["__proto__", "constructor"]);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it.each([
    ["*4294967296\r\n"],
    ["%4611686018427387904\r\n"],
    ["*-2\r\n"],
    ["$-2\r\n"],
    ["$9223372036854775807\r\n"],
    ["*1000000000\r\n"],
  ])("23: a length that cannot be: %j", (wire) => {
    expect(refused(wire)).toBeInstanceOf(ProtocolError);
  });

  it("24: nesting of ten thousand levels", () => {
    expect(refused("*1\r\n".repeat(10_000))).toMatchObject({ code: "PROTOCOL_LIMIT" });
  });

  it("25: a status line of half a megabyte, and a value that no string can hold", async () => {
    await using kv = redis(server.url);
    const status = await kv.eval("return redis.status_reply(string.rep('x', 600000))", 0);
    expect(status).toHaveLength(600_000);
    const size = 536_870_912;
    const { link, servers } = linkTo([() => undefined], { limits: { maxFrameBytes: 10 } });
    const large = send(link, "GET", "k");
    await servers[0]?.commands(1);
    while (servers[0] === undefined) await Promise.resolve();
    servers[0].send(`$${size}\r\n`);
    await expect(large).rejects.toMatchObject({ code: "PROTOCOL_LIMIT" });
  });

  it("31: entries and fields that are null, of streams whose entries were deleted", () => {
    const wire = "*1\r\n*2\r\n+s\r\n*3\r\n_\r\n*2\r\n+1-0\r\n_\r\n*2\r\n+2-0\r\n*2\r\n+f\r\n+v\r\n";
    const [reply] = decoded(wire) as [Reply];
    expect(factsOf(["XREADGROUP"])?.reply?.(reply, ["XREADGROUP"], DEFAULT_FORMAT)).toEqual({
      s: [null, ["1-0", null], ["2-0", ["f", "v"]]],
    });
  });

  it("32: bytes that the next chunk does not overwrite", () => {
    expect(decoded("$5\r\nhello\r\n", true)).toEqual([utf8.encode("hello")]);
  });
});

describe("whose reply it is", () => {
  it("6: errors inside EXEC, EXECABORT, a null for a changed key", async () => {
    await using kv = redis(server.url);
    const k = key();
    expect(await kv.multi().set(k, "t").incr(k).exec()).toMatchObject(["OK", { code: "ERR", command: "INCR" }]);
    await expect(kv.multi().incr(k).call("NOSUCH").exec()).rejects.toMatchObject({
      code: "EXECABORT",
      cause: { command: "NOSUCH" },
    });
    const { link } = linkTo([([name]) => ({ MULTI: "+OK\r\n", EXEC: "_\r\n" })[name!] ?? "+QUEUED\r\n"]);
    const orders = [{ command: ["GET", "k"] as const, facts: undefined }];
    const changed = new Promise((resolve, reject) =>
      link.send(new Transaction(orders, DEFAULT_FORMAT, resolve, reject), PATIENT),
    );
    await expect(changed).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("7: a refused login sends nothing behind it", async () => {
    const fake = await FakeServer.start(() => "-WRONGPASS invalid username-password pair\r\n");
    await expect(handshake(fake.client, { password: "p", database: 3 })).rejects.toMatchObject({ code: "WRONGPASS" });
    expect(fake.seen).toEqual(["HELLO 3 AUTH default p"]);
  });

  it("8: a push between any two replies", async () => {
    const PUSH = ">2\r\n+invalidate\r\n*1\r\n+k\r\n";
    const pushes: unknown[] = [];
    const script: Script = (words) => `${PUSH}+${words[1]}\r\n${PUSH}`;
    const { link } = linkTo([script], { onPush: (items) => pushes.push(items[0]) });
    expect(await Promise.all([send(link, "GET", "a"), send(link, "GET", "b")])).toEqual(["a", "b"]);
    expect(pushes).toHaveLength(4);
  });

  it("9: a push inside a reply", () => {
    expect(decoded("*2\r\n+a\r\n>2\r\n+invalidate\r\n_\r\n+b\r\n")).toEqual([
      { push: ["invalidate", null] },
      ["a", "b"],
    ]);
  });

  it.each([3, 2] as const)("10: three confirmations of one SUBSCRIBE, in RESP%i", async (protocol) => {
    await using kv = redis(server.url, { protocol });
    const [a, b, c] = [key(), key(), key()];
    const news = kv.subscribe(a, b, c);
    const [, echo] = await Promise.all([news.ready, kv.echo("mine")]);
    expect(echo).toBe("mine");
    await kv.publish(b, "m");
    expect((await news.next()).value).toMatchObject({ channel: b });
    await news.unsubscribe();
  });

  it.each([3, 2] as const)("11: the last unsubscribe while patterns remain, in RESP%i", async (protocol) => {
    await using kv = redis(server.url, { protocol });
    const name = key();
    const patterns = kv.psubscribe(`${name}*`);
    const news = kv.subscribe(name, `${name}2`);
    await Promise.all([patterns.ready, news.ready]);
    await news.unsubscribe();
    expect(await kv.ping("next")).toBe("next");
    await kv.publish(name, "m");
    expect((await patterns.next()).value).toMatchObject({ pattern: `${name}*`, channel: name });
    await patterns.unsubscribe();
    expect(await kv.ping("last")).toBe("last");
  });

  it("12: a sunsubscribe that nobody asked for, and the commands beside it", async () => {
    const pushes: unknown[] = [];
    const { link } = linkTo([(words) => `>3\r\n+sunsubscribe\r\n+c\r\n:0\r\n+${words[1]}\r\n`], {
      onPush: ([kind]) => pushes.push(kind),
    });
    expect(await send(link, "GET", "a")).toBe("a");
    expect(pushes).toEqual(["sunsubscribe"]);
  });

  it("13: commands while RESP2 is subscribed go over another connection", async () => {
    await using kv = redis(server.url, { protocol: 2 });
    const news = kv.subscribe(key());
    await news.ready;
    expect(await kv.ping()).toBe("PONG");
    expect(await kv.get(key())).toBeNull();
    await news.unsubscribe();
  });

  it.each([3, 2] as const)("14: a reply whose first element is `message`, in RESP%i", async (protocol) => {
    await using kv = redis(server.url, { protocol });
    const news = kv.subscribe("c");
    await news.ready;
    expect(await kv.eval("return {'message', 'c', 'm'}", 0)).toEqual(["message", "c", "m"]);
    await news.unsubscribe();
  });

  it("26: a connection that ends in the middle of a reply, or after the command was carried out", async () => {
    const cut: Script = (_words, fake) => {
      fake.send("$10\r\nhalf");
      fake.close();
      return undefined;
    };
    const { link, servers } = linkTo([cut, (words) => `+${words[1]}\r\n`]);
    const [write, read] = await Promise.allSettled([send(link, "INCR", "n"), send(link, "GET", "k")]);
    expect(write).toMatchObject({ status: "rejected", reason: { outcome: "unknown" } });
    expect((write as PromiseRejectedResult).reason).toBeInstanceOf(ClosedError);
    expect(read).toEqual({ status: "fulfilled", value: "k" });
    expect(servers[1]!.seen).toEqual(["GET k"]);
  });

  it("27: a command given up in flight, whose reply the next caller must not get", async () => {
    const { link, servers } = linkTo([() => undefined]);
    const stop = new AbortController();
    const order = { command: ["GET", "secret"] as const, facts: factsOf(["GET"]) };
    const given = new Promise((resolve, reject) =>
      link.send(new Single(order, DEFAULT_FORMAT, resolve, reject), { ...PATIENT, signal: stop.signal }),
    );
    const next = send(link, "GET", "mine");
    while (servers[0] === undefined) await Promise.resolve();
    await servers[0].commands(2);
    stop.abort(new Error("gone"));
    servers[0].send("+secret\r\n+mine\r\n");
    await expect(given).rejects.toBe(stop.signal.reason);
    expect(await next).toBe("mine");
  });

  it("29: refusals of all kinds are told by their code, and only an unknown HELLO leads to RESP2", async () => {
    for (const code of ["MASTERDOWN", "NOAUTH", "NOPERM", "MOVED"]) {
      const { link } = linkTo([() => `-${code} text\r\n`]);
      await expect(send(link, "GET", "k")).rejects.toMatchObject({ code, outcome: "refused" });
    }
    const login = async (reply: string): Promise<unknown> => {
      const fake = await FakeServer.start(([name]) => (name === "HELLO" ? reply : "+OK\r\n"));
      return handshake(fake.client, { password: "p" });
    };
    for (const reply of ["-NOPROTO unsupported\r\n", "-ERR unknown command 'HELLO'\r\n"]) {
      expect(await login(reply)).toMatchObject({ protocol: 2 });
    }
    for (const code of ["WRONGPASS", "NOAUTH", "NOPERM", "LOADING"]) {
      await expect(login(`-${code} text\r\n`)).rejects.toMatchObject({ code });
    }
  });

  it("30: arguments that would smuggle a command, or take replies away", async () => {
    await using kv = redis(server.url);
    const k = key();
    await kv.set(k, "x\r\n*1\r\n$8\r\nFLUSHALL\r\n");
    expect(await kv.get(k)).toBe("x\r\n*1\r\n$8\r\nFLUSHALL\r\n");
    for (const bad of [["a"], { a: 1 }, null, undefined, true]) {
      await expect(kv.set(k, bad as unknown as string)).rejects.toBeInstanceOf(TypeError);
    }
    await expect(kv.call("CLIENT", "REPLY", "OFF")).rejects.toBeInstanceOf(TypeError);
    await expect(kv.call("MONITOR")).rejects.toBeInstanceOf(TypeError);
    expect(await kv.ping()).toBe("PONG");
  });

  it("no reply without a command that waits: an orphan ends the connection, loudly", async () => {
    const { link: alone, servers } = linkTo([(words) => `+${words[1]}\r\n+orphan\r\n`, (words) => `+${words[1]}\r\n`]);
    expect(await send(alone, "GET", "a")).toBe("a");
    await servers[0]!.client.closed;
    expect(await send(alone, "GET", "b")).toBe("b");
    expect(servers).toHaveLength(2);
  });
});
