// Against the real server, over plain TCP and TLS, in RESP3 and RESP2.

import { describe, expect, inject, it } from "vitest";
import { IntegerRangeError, redis, RedisError } from "../src/index.ts";
import type { Redis, RedisOptions } from "../src/index.ts";

const { redis: server } = inject("services");
let keys = 0;
const key = (): string => `test:${crypto.randomUUID()}:${keys++}`;

async function using<T, const O extends RedisOptions>(
  options: O,
  act: (kv: ReturnType<typeof redis<O>>) => Promise<T>,
): Promise<T> {
  await using kv = redis(server.url, options) as ReturnType<typeof redis<O>>;
  return await act(kv);
}

describe.each([
  ["RESP3", {}, server.url],
  ["RESP2", { protocol: 2 }, server.url],
  ["RESP3 over TLS", {}, server.tlsUrl],
  ["RESP2 over TLS", { protocol: 2 }, server.tlsUrl],
] as const)("%s", (name, options, url) => {
  const open = (): Redis => redis(url, options);

  it("speaks the protocol it should, and is secured as it should be", async () => {
    await using kv = open();
    expect(await kv.ping()).toBe("PONG");
    expect(await kv.ping("hello")).toBe("hello");
    const info = await kv.call("CLIENT", "INFO");
    expect(info).toContain(`user=${server.user.username} `);
    expect(info).toContain(name.startsWith("RESP2") ? "resp=2" : "resp=3");
  });

  it("sets, gets and counts", async () => {
    await using kv = open();
    const [a, b] = [key(), key()];
    expect(await kv.get(a)).toBeNull();
    expect(await kv.set(a, "v", "EX", 100)).toBe("OK");
    expect(await kv.ttl(a)).toBeGreaterThan(0);
    expect(await kv.set(a, "w", "NX")).toBeNull();
    expect(await kv.set(a, "w", "XX", "GET", "KEEPTTL")).toBe("v");
    expect(await kv.set(a, 1.5, "GET")).toBe("w");
    expect(await kv.persist(a)).toBe(0);
    expect(await kv.expire(a, 100)).toBe(1);
    expect(await kv.mset(a, "1", b, 2n)).toBe("OK");
    expect(await kv.mget(a, key(), b)).toEqual(["1", null, "2"]);
    expect([await kv.incr(a), await kv.incrby(a, 5), await kv.decr(a), await kv.decrby(a, 2n)]).toEqual([2, 7, 6, 4]);
    expect(await kv.exists(a, b, a)).toBe(3);
    expect(await kv.getdel(a)).toBe("4");
    expect(await kv.del(a, b)).toBe(1);
    expect(await kv.type(a)).toBe("none");
  });

  it("keeps every character of a text, and every byte", async () => {
    await using kv = open();
    const k = key();
    const text = "\uFEFFzéro\0€😀\r\n$5\r\nhello";
    await kv.set(k, text);
    expect(await kv.get(k)).toBe(text);
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await kv.set(k, bytes);
    expect(await kv.with({ bytes: true }).get(k)).toEqual(bytes);
    expect(await kv.get(k)).toContain("\uFFFD");
  });

  it("reads hashes the same way", async () => {
    await using kv = open();
    const k = key();
    expect(await kv.hgetall(k)).toEqual({});
    expect(await kv.hset(k, "f", 1, "__proto__", "p", "constructor", "c")).toBe(3);
    const fields = await kv.hgetall(k);
    expect(Object.entries(fields)).toEqual([
      ["f", "1"],
      ["__proto__", "p"],
      ["constructor", "c"],
    ]);
    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
    expect(await kv.hget(k, "f")).toBe("1");
    expect(await kv.hmget(k, "f", "none")).toEqual(["1", null]);
    expect(await kv.hincrby(k, "f", 41)).toBe(42);
    expect(await kv.with({ bytes: true }).hgetall(k)).toBeInstanceOf(Map);
    expect(await kv.hdel(k, "f", "none")).toBe(1);
    expect(await kv.hlen(k)).toBe(2);
  });

  it("reads lists and sets the same way", async () => {
    await using kv = open();
    const [list, set] = [key(), key()];
    expect(await kv.rpush(list, "b", 3)).toBe(2);
    expect(await kv.lpush(list, "a")).toBe(3);
    expect(await kv.lrange(list, 0, -1)).toEqual(["a", "b", "3"]);
    expect(await kv.lpop(list)).toBe("a");
    expect(await kv.lpop(list, 5)).toEqual(["b", "3"]);
    expect(await kv.lpop(list)).toBeNull();
    expect(await kv.lpop(list, 5)).toBeNull();
    expect(await kv.llen(list)).toBe(0);
    expect(await kv.sadd(set, "x", "y", "x")).toBe(2);
    expect((await kv.smembers(set)).toSorted()).toEqual(["x", "y"]);
    expect(await kv.sismember(set, "x")).toBe(1);
    expect(await kv.srem(set, "x")).toBe(1);
    expect(await kv.scard(set)).toBe(1);
    const [cursor, found] = await kv.scan(0, "MATCH", set, "COUNT", 100_000);
    expect(cursor).toBe("0");
    expect(found).toEqual([set]);
  });

  it("reads scores the same way", async () => {
    await using kv = open();
    const k = key();
    expect(await kv.zadd(k, 1.5, "a", Infinity, "z", -Infinity, "n")).toBe(3);
    expect(await kv.zadd(k, "XX", "INCR", 1, "none")).toBeNull();
    expect(await kv.zadd(k, "INCR", 0.25, "a")).toBe(1.75);
    expect(await kv.zincrby(k, 0.25, "a")).toBe(2);
    expect(await kv.zscore(k, "z")).toBe(Infinity);
    expect(await kv.zscore(k, "none")).toBeNull();
    expect(await kv.zrange(k, 0, -1)).toEqual(["n", "a", "z"]);
    expect(await kv.zrange(k, 0, -1, "WITHSCORES")).toEqual([
      ["n", -Infinity],
      ["a", 2],
      ["z", Infinity],
    ]);
    expect(await kv.zrange(key(), 0, -1, "WITHSCORES")).toEqual([]);
    expect(await kv.zrange(k, 0, -1, "REV", "WITHSCORES")).toHaveLength(3);
    expect(await kv.zremrangebyscore(k, "-inf", 2)).toBe(2);
    expect(await kv.zcard(k)).toBe(1);
  });

  it("never rounds an integer", async () => {
    await using kv = open();
    const k = key();
    await kv.set(k, 2n ** 53n);
    const error = await kv.incr(k).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IntegerRangeError);
    expect(error).toMatchObject({ value: 9007199254740993n, command: "INCR" });
    expect(await kv.with({ integers: "bigint" }).incr(k)).toBe(9007199254740994n);
    expect(await kv.with({ integers: "string" }).incr(k)).toBe("9007199254740995");
    expect(await kv.get(k)).toBe("9007199254740995");
    await expect(kv.eval("return {1, redis.call('INCR', KEYS[1])}", 1, k)).rejects.toBeInstanceOf(IntegerRangeError);
    const [inexact, one] = await kv.multi().incr(k).exists(k).exec();
    expect(inexact).toMatchObject({ value: 9007199254740997n });
    expect(one).toBe(1);
  });

  it("runs a pipeline, in which an error is one command's own", async () => {
    await using kv = open();
    const k = key();
    const batch = kv.pipeline().set(k, "text").incr(k).get(k).hgetall(key()).call("ECHO", "e");
    const [ok, error, text, none, echo] = await batch.exec();
    expect([ok, text, none, echo]).toEqual(["OK", "text", {}, "e"]);
    expect(error).toBeInstanceOf(RedisError);
    expect(error).toMatchObject({ code: "ERR", command: "INCR" });
    await expect(batch.exec()).rejects.toBeInstanceOf(TypeError);
    expect(await kv.pipeline().exec()).toEqual([]);
  });

  it("runs a transaction whole or not at all", async () => {
    await using kv = open();
    const k = key();
    const [n, text, pairs] = await kv.multi().incr(k).get(k).zrange(key(), 0, -1, "WITHSCORES").exec();
    expect([n, text, pairs]).toEqual([1, "1", []]);
    const [pushed, n2] = await kv.multi().lpush(k, "x").incr(k).exec();
    expect(pushed).toMatchObject({ code: "WRONGTYPE", command: "LPUSH" });
    expect(n2).toBe(2);
    await expect(kv.multi().incr(k).call("NOSUCHCOMMAND").exec()).rejects.toMatchObject({
      code: "EXECABORT",
      outcome: "refused",
      cause: { command: "NOSUCHCOMMAND" },
    });
    expect(await kv.get(k)).toBe("2");
  });

  it("keeps replies apart from errors of their neighbours", async () => {
    await using kv = open();
    const k = key();
    await kv.set(k, "text");
    const results = await Promise.allSettled([
      kv.get(k),
      kv.incr(k),
      kv.lrange(k, 0, 1),
      kv.get(k),
      kv.call("NOSUCHCOMMAND", "secret-word"),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled", "rejected"]);
    expect(results[2]).toMatchObject({ reason: { code: "WRONGTYPE", command: "LRANGE", outcome: "refused" } });
  });

  it("runs scripts", async () => {
    await using kv = open();
    expect(await kv.eval("return {KEYS[1], ARGV[1], 3, false}", 1, "k", "a")).toEqual(["k", "a", 3, null]);
    await expect(kv.evalsha("0".repeat(40), 0)).rejects.toMatchObject({ code: "NOSCRIPT" });
    expect(await kv.eval("return {redis.error_reply('MY own'), 'next'}", 0)).toMatchObject([{ code: "MY" }, "next"]);
  });

  it("carries a large value both ways", async () => {
    await using kv = open();
    const k = key();
    const value = new Uint8Array(3_000_000).map((_, index) => index % 251);
    await kv.set(k, value, "PX", 60_000);
    expect((await kv.with({ bytes: true }).get(k))?.every((byte, index) => byte === index % 251)).toBe(true);
    const text = "é".repeat(1_000_000);
    await kv.set(k, text, "PX", 60_000);
    expect((await kv.get(k)) === text).toBe(true);
  });

  it("keeps ten thousand commands of a tick in order", async () => {
    await using kv = open();
    const replies = await Promise.all(Array.from({ length: 10_000 }, (_, index) => kv.ping(index)));
    expect(replies.every((reply, index) => reply === String(index))).toBe(true);
  });

  it("releases the caller of a slow command, and keeps the others in order", async () => {
    await using kv = open();
    const k = key();
    await kv.ping();
    const stop = new AbortController();
    const slow = kv.with({ signal: stop.signal }).call("DEBUG", "SLEEP", "0.2");
    const late = kv.with({ timeout: 20 }).incr(k);
    const next = kv.incr(k);
    const reason = new Error("enough");
    stop.abort(reason);
    await expect(slow).rejects.toBe(reason);
    await expect(late).rejects.toMatchObject({ name: "TimeoutError", outcome: "unknown" });
    expect(await next).toBe(2);
    expect(await kv.get(k)).toBe("2");
  });
});

describe("DEBUG PROTOCOL", () => {
  it("hands over attributes to whoever asks for them, and the same reply to all", async () => {
    await using({}, async (kv) => {
      const seen: ReadonlyMap<unknown, unknown>[] = [];
      const view = kv.with({ onAttributes: (attributes) => seen.push(attributes) });
      const told = await Promise.all([
        view.ping(),
        view.call("DEBUG", "PROTOCOL", "attrib"),
        kv.call("DEBUG", "PROTOCOL", "attrib"),
        view.ping(),
      ]);
      expect(told[1]).toBe(told[2]);
      expect(seen).toHaveLength(1);
      expect([...seen[0]!.keys()]).toEqual(["key-popularity"]);
    });
  });

  it("tells every type of RESP3", async () => {
    await using({}, async (kv) => {
      const ask = (type: string): Promise<unknown> => kv.call("DEBUG", "PROTOCOL", type);
      expect(await ask("string")).toBe("Hello World");
      expect(await ask("integer")).toBe(12345);
      expect(await ask("double")).toBe(3.141);
      expect(await ask("null")).toBeNull();
      expect(await ask("array")).toEqual([0, 1, 2]);
      expect(await ask("set")).toEqual([0, 1, 2]);
      expect(await ask("map")).toEqual(
        new Map([
          [0, false],
          [1, true],
          [2, false],
        ]),
      );
      expect(typeof (await ask("attrib"))).toBe("string");
      expect(await ask("verbatim")).toBe("This is a verbatim\nstring");
      expect(await ask("true")).toBe(true);
      expect(await ask("false")).toBe(false);
      expect(await ask("bignum")).toBe(1234567999999999999999999999999999999n);
      // The push is no reply; what follows it is.
      const pushed = kv.call("DEBUG", "PROTOCOL", "push");
      expect(await kv.ping("after")).toBe("after");
      expect(typeof (await pushed)).toBe("string");
    });
  });

  it("tells every type in RESP2", async () => {
    await using({ protocol: 2 }, async (kv) => {
      const ask = (type: string): Promise<unknown> => kv.call("DEBUG", "PROTOCOL", type);
      expect(await ask("string")).toBe("Hello World");
      expect(await ask("integer")).toBe(12345);
      expect(await ask("double")).toBe("3.141");
      expect(await ask("null")).toBeNull();
      expect(await ask("array")).toEqual([0, 1, 2]);
      expect(await ask("set")).toEqual([0, 1, 2]);
      expect(await ask("map")).toEqual([0, 0, 1, 1, 2, 0]);
      expect(typeof (await ask("attrib"))).toBe("string");
      expect(await ask("verbatim")).toBe("This is a verbatim\nstring");
      expect(await ask("true")).toBe(1);
      expect(await ask("false")).toBe(0);
      expect(await ask("bignum")).toBe("1234567999999999999999999999999999999");
      await expect(ask("push")).rejects.toMatchObject({ code: "ERR" });
      expect(await kv.ping("after")).toBe("after");
    });
  });
});

describe("login", () => {
  it.each([3, 2] as const)("tells in RESP%i that the password is wrong, to all who wait", async (protocol) => {
    await using kv = redis(server.url, { protocol, password: "wrong-secret" });
    const results = await Promise.allSettled([kv.get("a"), kv.incr("b")]);
    for (const result of results) {
      expect(result).toMatchObject({
        status: "rejected",
        reason: { name: "RedisError", code: "WRONGPASS", outcome: "refused" },
      });
      expect(String((result as PromiseRejectedResult).reason)).not.toContain("wrong-secret");
    }
  });

  it("asks for the credentials of each login, so that a password may change", async () => {
    await using admin = redis(server.url);
    const username = `rotating-${crypto.randomUUID()}`;
    let password = "first secret";
    let asked = 0;
    await admin.acl("SETUSER", username, "on", `>${password}`, "~*", "+@all");
    const credentials = async (): Promise<{ username: string; password: string }> => {
      asked++;
      return { username, password };
    };
    const { hostname, port } = server;
    await using kv = redis({ hostname, port, credentials });
    const id = await kv.client("ID");
    expect(await kv.acl("WHOAMI")).toBe(username);
    await admin.acl("SETUSER", username, "resetpass", ">second secret");
    await admin.client("KILL", "ID", id);
    await expect(kv.ping()).rejects.toMatchObject({ code: "WRONGPASS", outcome: "refused" });
    password = "second secret";
    expect(await kv.acl("WHOAMI")).toBe(username);
    expect(asked).toBe(3);
    await admin.acl("DELUSER", username);
  });

  it("fails as the callback does, and no later than connecting may take", async () => {
    const { hostname, port } = server;
    const failure = new Error("the vault is closed");
    await using failing = redis({ hostname, port, credentials: () => Promise.reject<never>(failure) });
    await expect(failing.ping()).rejects.toBe(failure);
    await using silent = redis({ hostname, port, connectTimeout: 50, credentials: () => new Promise<never>(() => {}) });
    await expect(silent.ping()).rejects.toMatchObject({ name: "TimeoutError", outcome: "unsent" });
    await using wrong = redis({ hostname, port, credentials: () => ({}) as { password: string } });
    await expect(wrong.ping()).rejects.toBeInstanceOf(TypeError);
  });

  it("is the default user without credentials", async () => {
    await using kv = redis({ hostname: server.hostname, port: server.port, clientName: "landline-test" });
    const info = await kv.call("CLIENT", "INFO");
    expect(info).toContain("user=default ");
    expect(info).toContain("name=landline-test ");
  });

  it("keeps an ACL user to what it may", async () => {
    const { username, password } = server.limited;
    await using kv = redis({ hostname: server.hostname, port: server.port, username, password });
    expect(await kv.set(`limited:${key()}`, "v", "PX", 1000)).toBe("OK");
    await expect(kv.set("other", "v")).rejects.toMatchObject({ code: "NOPERM", command: "SET", outcome: "refused" });
  });

  it.each([3, 2] as const)("selects the database in RESP%i", async (protocol) => {
    await using kv = redis(`${server.url}/5`, { protocol });
    expect(await kv.call("CLIENT", "INFO")).toContain("db=5 ");
    await using none = redis(`${server.url}/9999`, { protocol });
    await expect(none.ping()).rejects.toMatchObject({ name: "RedisError", command: "SELECT" });
  });

  it("refuses a server that is no Redis", async () => {
    const { smtp } = inject("services");
    await using kv = redis({ hostname: smtp.hostname, port: smtp.port });
    await expect(kv.ping()).rejects.toMatchObject({ name: "ProtocolError" });
  });

  it("tells that nobody is there", async () => {
    await using kv = redis("redis://localhost:1");
    await expect(kv.ping()).rejects.toMatchObject({ name: "ConnectError", outcome: "unsent" });
  });

  it("does not go on in the clear where TLS is asked of a plain port", async () => {
    await using kv = redis(server.url, { tls: "on", commandTimeout: 200 });
    await expect(kv.ping()).rejects.toMatchObject({ outcome: "unsent" });
  });

  it("does not go on under another name than the certificate's", async () => {
    // workerd cannot ask for another name, and says so.
    await using kv = redis(server.tlsUrl, { servername: "other.example" });
    await expect(kv.ping()).rejects.toMatchObject({ name: "TlsError", outcome: "unsent" });
  });
});

describe("a lost connection", () => {
  /** Kills the connection of `kv` from outside while a slow command holds up the others. */
  async function kill(kv: Redis): Promise<void> {
    await using admin = redis(server.url);
    const id = await kv.call("CLIENT", "ID");
    expect(await admin.call("CLIENT", "KILL", "ID", id as number)).toBe(1);
  }

  it("is replaced by the next command", async () => {
    await using kv = redis(server.url);
    const before = await kv.call("CLIENT", "ID");
    await kill(kv);
    expect(await kv.ping()).toBe("PONG");
    expect(await kv.call("CLIENT", "ID")).not.toBe(before);
  });

  it("answers the reads that were in flight, leaves the writes unknown, and applies nothing twice", async () => {
    await using kv = redis(server.url);
    const k = key();
    const id = (await kv.call("CLIENT", "ID")) as number;
    // A connection that kills itself is closed behind this reply; what follows in the same write is not carried out.
    const [killed, written, called, read] = await Promise.allSettled([
      kv.call("CLIENT", "KILL", "ID", id, "SKIPME", "no"),
      kv.incr(k),
      kv.call("GET", k),
      kv.get(k),
    ]);
    expect(killed).toEqual({ status: "fulfilled", value: 1 });
    const lost = { status: "rejected", reason: { name: "ClosedError", code: "CONNECTION_LOST", outcome: "unknown" } };
    expect(written).toMatchObject(lost);
    expect(called).toMatchObject(lost);
    expect(read).toEqual({ status: "fulfilled", value: null });
    expect(await kv.incr(k)).toBe(1);
  });
});

describe("misuse", () => {
  it.each([undefined, null, true, {}, [], Number.NaN])(
    "rejects the argument %o before a byte is written",
    async (bad) => {
      await using({}, async (kv) => {
        const k = key();
        await expect(kv.set(k, bad as unknown as string)).rejects.toBeInstanceOf(TypeError);
        expect(() =>
          kv
            .pipeline()
            .set(k, "v")
            .set(k, bad as unknown as string, "NX"),
        ).toThrow(TypeError);
        expect(await kv.exists(k)).toBe(0);
      });
    },
  );

  it.each([
    ["SUBSCRIBE", "c"],
    ["monitor"],
    ["CLIENT", "reply", "OFF"],
    ["client", new TextEncoder().encode("REPLY"), "SKIP"],
    ["MULTI"],
    ["WATCH", "k"],
    ["SELECT", 1],
    ["WAIT", 1, 0],
    ["QUIT"],
    ["CLIENT INFO"],
    [""],
  ] as const)("refuses %s on a shared connection", async (...command) => {
    await using({}, async (kv) => {
      const [name, ...args] = command;
      await expect(kv.call(name, ...args)).rejects.toBeInstanceOf(TypeError);
      expect(() => kv.multi().call(name, ...args)).toThrow(TypeError);
      expect(await kv.ping()).toBe("PONG");
    });
  });

  it.each([
    ["BLPOP", "k", 0],
    ["XREAD", "BLOCK", 0, "STREAMS", "s", "$"],
    ["xread", new TextEncoder().encode("block"), 0, "STREAMS", "s", "$"],
  ] as const)("refuses %s in a batch", async (...command) => {
    await using({}, async (kv) => {
      const [name, ...args] = command;
      expect(() => kv.multi().call(name, ...args)).toThrow(TypeError);
      expect(() => kv.pipeline().blpop("k", 0)).toThrow(TypeError);
    });
  });

  it("refuses in a method what it refuses by name", async () => {
    await using({}, async (kv) => {
      await expect((kv.client as (...words: string[]) => Promise<unknown>)("REPLY", "OFF")).rejects.toThrow(TypeError);
      expect(() => (kv.multi().script as (...words: string[]) => unknown)("debug", "YES")).toThrow(TypeError);
      expect(await kv.ping()).toBe("PONG");
    });
  });

  it("refuses commands after the end", async () => {
    const kv = redis(server.url);
    await kv.ping();
    await kv.end();
    await expect(kv.ping()).rejects.toMatchObject({ name: "ClosedError", code: "CLOSED", outcome: "unsent" });
    await kv.close();
  });

  it("rejects at once for a signal that has aborted", async () => {
    await using({}, async (kv) => {
      const signal = AbortSignal.abort(new Error("too late"));
      await expect(kv.with({ signal }).ping()).rejects.toBe(signal.reason);
      expect(() => kv.with({ timeout: 0 })).toThrow(TypeError);
    });
  });
});
