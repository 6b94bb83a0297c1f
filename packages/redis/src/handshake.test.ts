import { describe, expect, it } from "vitest";
import { FakeServer } from "../test/fake-server.ts";
import type { Script } from "../test/fake-server.ts";
import { handshake } from "./handshake.ts";
import type { HandshakeOptions } from "./handshake.ts";

const HELLO =
  "%4\r\n$6\r\nserver\r\n$6\r\nvalkey\r\n$7\r\nversion\r\n$5\r\n8.1.0\r\n$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:7\r\n";
const UNKNOWN = "-ERR unknown command `HELLO`, with args beginning with: `3`, \r\n";

async function shake(
  script: Script,
  options: HandshakeOptions = {},
  chunkBytes?: number,
): Promise<{ server: FakeServer; facts: unknown }> {
  const server = await FakeServer.start(script, chunkBytes);
  const facts = await handshake(server.client, options).catch((error: unknown) => error);
  return { server, facts };
}

const modern: Script = ([name]) => (name === "HELLO" ? HELLO : "+OK\r\n");
const old: Script = ([name]) => (name === "HELLO" ? UNKNOWN : "+OK\r\n");

describe("handshake", () => {
  it("speaks RESP3 in one round trip", async () => {
    const { server, facts } = await shake(modern, { clientName: "app" });
    expect(facts).toEqual({ protocol: 3, server: "valkey", version: "8.1.0", id: 7 });
    expect(server.seen).toEqual(["HELLO 3 SETNAME app"]);
  });

  it("copes with an answer that comes byte by byte", async () => {
    const { facts } = await shake(modern, { username: "u", password: "p" }, 1);
    expect(facts).toMatchObject({ protocol: 3 });
  });

  it.each([
    [{ password: "p" }, "HELLO 3 AUTH default p"],
    [{ username: "u", password: "p" }, "HELLO 3 AUTH u p"],
    [{ username: "u" }, "HELLO 3 AUTH u "],
  ])("sends the login with HELLO: %j", async (options, hello) => {
    const { server } = await shake(modern, options);
    expect(server.seen).toEqual([hello]);
  });

  it("waits for the login before it sends anything else", async () => {
    const server = await FakeServer.start(([name]) => (name === "SELECT" ? "+OK\r\n" : undefined));
    const done = handshake(server.client, { password: "p", database: 3 });
    await server.commands(1);
    expect(server.seen).toEqual(["HELLO 3 AUTH default p"]);
    server.send(HELLO);
    await done;
    expect(server.seen).toEqual(["HELLO 3 AUTH default p", "SELECT 3"]);
  });

  it.each([UNKNOWN, "-ERR unknown command 'HELLO'\r\n", "-NOPROTO unsupported protocol version\r\n"])(
    "falls back to RESP2 on %j, login included",
    async (refusal) => {
      const script: Script = ([name]) => (name === "HELLO" ? refusal : "+OK\r\n");
      const { server, facts } = await shake(script, { username: "u", password: "p", database: 2, clientName: "app" });
      expect(facts).toMatchObject({ protocol: 2 });
      expect(server.seen).toEqual(["HELLO 3 AUTH u p SETNAME app", "AUTH u p", "CLIENT SETNAME app", "SELECT 2"]);
    },
  );

  it.each([
    "WRONGPASS invalid username-password pair",
    "NOAUTH HELLO must be called with the client already authenticated",
    "NOPERM no",
    "ERR invalid password",
  ])("does not hide a refused login behind the fallback: %s", async (refusal) => {
    const { server, facts } = await shake(() => `-${refusal}\r\n`, { password: "secret-word" });
    expect(facts).toMatchObject({
      name: "RedisError",
      code: refusal.split(" ")[0],
      command: "HELLO",
      outcome: "refused",
    });
    expect(String((facts as Error).message)).not.toContain("secret-word");
    expect(server.seen).toHaveLength(1);
  });

  it("reports a login that RESP2 refuses", async () => {
    const script: Script = ([name]) => (name === "HELLO" ? UNKNOWN : "-WRONGPASS no\r\n");
    const { facts } = await shake(script, { password: "p", clientName: "app" });
    expect(facts).toMatchObject({ code: "WRONGPASS", command: "AUTH" });
  });

  it("reports a database that is not there", async () => {
    const script: Script = ([name]) => (name === "HELLO" ? HELLO : "-ERR DB index is out of range\r\n");
    expect((await shake(script, { database: 99 })).facts).toMatchObject({ code: "ERR", command: "SELECT" });
  });

  it("sends nothing when RESP2 is asked for and nothing is to be said", async () => {
    const { server, facts } = await shake(modern, { protocol: 2 });
    expect(facts).toMatchObject({ protocol: 2 });
    expect(server.seen).toEqual([]);
  });

  it("uses the old form of AUTH without a user", async () => {
    expect((await shake(modern, { protocol: 2, password: "p" })).server.seen).toEqual(["AUTH p"]);
  });

  it("does not fall back when RESP3 is asked for", async () => {
    expect((await shake(old, { protocol: 3 })).facts).toMatchObject({ name: "RedisError", command: "HELLO" });
  });

  it("ignores pushes and refuses answers to what was not asked", async () => {
    expect((await shake(() => `>1\r\n+hi\r\n${HELLO}`)).facts).toMatchObject({ protocol: 3 });
    expect((await shake(() => `${HELLO}+OK\r\n`)).facts).toMatchObject({ name: "ProtocolError" });
    expect((await shake(() => "+OK\r\n")).facts).toMatchObject({ name: "ProtocolError" });
    expect((await shake(() => "HTTP/1.1 400 Bad Request\r\n")).facts).toMatchObject({ name: "ProtocolError" });
    expect((await shake(() => "$1000000\r\n")).facts).toMatchObject({ code: "PROTOCOL_LIMIT" });
  });

  it("says what may help when a proxy hangs up on HELLO", async () => {
    const { facts } = await shake((_words, server) => {
      server.close();
      return undefined;
    });
    expect(facts).toMatchObject({
      name: "ClosedError",
      outcome: "unsent",
      message: expect.stringContaining("protocol: 2"),
    });
  });
});
