import { ClosedError, ProtocolError } from "@landline/core";
import { describe, expect, it } from "vitest";
import { FakeServer } from "../test/fake-server.ts";
import type { Script } from "../test/fake-server.ts";
import { Connection } from "./connection.ts";
import type { ConnectionOptions } from "./connection.ts";
import { Pipeline } from "./flights.ts";
import { Line } from "./line.ts";
import { DEFAULT_FORMAT } from "./protocol/messages.ts";
import type { Command, Reply, ReplyFormat } from "./protocol/messages.ts";

const FACTS = { protocol: 3, server: "fake", version: "1", id: 1 } as const;
const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
/** Answers every command with its last word. */
const ECHO: Script = (words) => bulk(words.at(-1) ?? "");

async function start(script?: Script, options?: ConnectionOptions): Promise<[Connection, FakeServer]> {
  const server = await FakeServer.start(script);
  return [new Connection(server.client, FACTS, options), server];
}

interface Asked {
  readonly flight: Pipeline;
  readonly replies: Promise<readonly Reply[]>;
}

function flightOf(commands: readonly Command[], format: ReplyFormat = DEFAULT_FORMAT): Asked {
  let flight!: Pipeline;
  const replies = new Promise<readonly Reply[]>((resolve, reject) => {
    const orders = commands.map((command) => ({ command, facts: undefined }));
    flight = new Pipeline(orders, format, resolve, reject);
  });
  return { flight, replies };
}

function ask(connection: Connection, commands: readonly Command[], format?: ReplyFormat): Asked {
  const asked = flightOf(commands, format);
  connection.exchange(asked.flight);
  return asked;
}

/** As {@link ask}, over a line, which lets what there is no room for wait. */
function queue(line: Line, command: Command, signal?: AbortSignal): Promise<readonly Reply[]> {
  const { flight, replies } = flightOf([command]);
  line.send(flight, { timeout: 10_000, signal });
  return replies;
}

/** Nobody waits for it any more. */
function give(connection: Connection, { flight, replies }: Asked): Promise<void> {
  const reason = new Error("given up");
  flight.end(reason);
  connection.abandon(flight);
  return expect(replies).rejects.toBe(reason);
}

describe("Connection", () => {
  it("sends everything of a tick as one write and matches replies in order", async () => {
    const [connection, server] = await start(ECHO);
    const asked = Array.from({ length: 1000 }, (_, index) => ask(connection, [["ECHO", index]]));
    const replies = await Promise.all(asked.map((one) => one.replies));
    expect(replies.map(([reply]) => reply)).toEqual(Array.from({ length: 1000 }, (_, index) => String(index)));
    expect(server.chunks).toBe(1);
  });

  it("keeps a flight of several commands together", async () => {
    const [connection, server] = await start(ECHO);
    const one = ask(connection, [
      ["A", 1],
      ["B", 2],
    ]);
    const two = ask(connection, [["C", 3]]);
    expect(await one.replies).toEqual(["1", "2"]);
    expect(await two.replies).toEqual(["3"]);
    expect(server.seen).toEqual(["A 1", "B 2", "C 3"]);
  });

  it("gives each request its own format", async () => {
    const [connection] = await start(ECHO);
    const text = ask(connection, [["ECHO", "a"]]);
    const bytes = ask(connection, [["ECHO", "b"]], { bytes: true, integers: "number" });
    const again = ask(connection, [["ECHO", "c"]]);
    expect(await Promise.all([text.replies, bytes.replies, again.replies])).toEqual([
      ["a"],
      [new TextEncoder().encode("b")],
      ["c"],
    ]);
  });

  it("does not take a push for a reply", async () => {
    const pushes: unknown[] = [];
    const [connection] = await start((words) => `>2\r\n+invalidate\r\n*-1\r\n${bulk(words[1]!)}>1\r\n+late\r\n`, {
      onPush: (items) => pushes.push(items),
    });
    const asked = [ask(connection, [["GET", "a"]]), ask(connection, [["GET", "b"]])];
    expect(await Promise.all(asked.map((one) => one.replies))).toEqual([["a"], ["b"]]);
    expect(pushes).toEqual([["invalidate", null], ["late"], ["invalidate", null], ["late"]]);
  });

  it("swallows the reply of a command that nobody waits for any more", async () => {
    const [connection, server] = await start();
    const given = ask(connection, [["GET", "a"]]);
    const kept = ask(connection, [["GET", "b"]]);
    await server.commands(2);
    await give(connection, given);
    server.send(bulk("a") + bulk("b"));
    expect(await kept.replies).toEqual(["b"]);
  });

  it("gives the connection up when a swallowed reply takes too long", async () => {
    const [connection, server] = await start(undefined, { stallTimeout: 5 });
    const given = ask(connection, [["GET", "a"]]);
    const kept = ask(connection, [["GET", "b"]]);
    await server.commands(2);
    await give(connection, given);
    await expect(kept.replies).rejects.toMatchObject({
      name: "ClosedError",
      outcome: "unknown",
      cause: { name: "TimeoutError" },
    });
    expect(connection.alive).toBe(false);
  });

  it("holds back what is beyond the bound in flight, and lets it be withdrawn", async () => {
    const [connection, server] = await start(undefined, { maxInFlight: 2 });
    const line = new Line(connection);
    const stop = new AbortController();
    const asked = ["a", "b", "c", "d"].map((key) => queue(line, ["GET", key], key === "c" ? stop.signal : undefined));
    await server.commands(2);
    expect(server.seen).toEqual(["GET a", "GET b"]);
    stop.abort(new Error("enough"));
    await expect(asked[2]).rejects.toBe(stop.signal.reason);
    server.send(bulk("a"));
    await server.commands(3);
    expect(server.seen).toEqual(["GET a", "GET b", "GET d"]);
    server.send(bulk("b") + bulk("d"));
    expect(await Promise.all([asked[0], asked[1], asked[3]])).toEqual([["a"], ["b"], ["d"]]);
  });

  it("refuses more than may wait", async () => {
    const [connection, server] = await start(undefined, { maxInFlight: 1 });
    const line = new Line(connection, 1);
    const asked = ["a", "b", "c"].map((key) => queue(line, ["GET", key]));
    await expect(asked[2]).rejects.toMatchObject({ code: "POOL_FULL", outcome: "unsent" });
    await server.commands(1);
    server.send(bulk("a"));
    await server.commands(2);
    server.send(bulk("b"));
    expect(await asked[1]).toEqual(["b"]);
  });

  it("waits while the peer does not take what was written", async () => {
    const [connection, server] = await start(ECHO);
    const line = new Line(connection);
    const large = new Uint8Array(700_000);
    const stop = new AbortController();
    const asked = ["a", "b", "c"].map((key) => queue(line, ["SET", large, key], key === "c" ? stop.signal : undefined));
    stop.abort(new Error("enough"));
    await expect(asked[2]).rejects.toBe(stop.signal.reason);
    expect(await asked[1]).toEqual(["b"]);
    expect(server.seen).toHaveLength(2);
    expect(connection.alive).toBe(true);
    expect(await queue(line, ["GET", "d"])).toEqual(["d"]);
  });

  it.each([
    ["an orderly end", (server: FakeServer) => server.close()],
    ["a reset", (server: FakeServer) => server.reset()],
  ])("tells after %s what was sent and what was not", async (_how, lose) => {
    const [connection, server] = await start(undefined, { maxInFlight: 1 });
    const line = new Line(connection);
    const sent = queue(line, ["INCR", "a"]);
    const held = queue(line, ["INCR", "b"]);
    await server.commands(1);
    lose(server);
    await expect(sent).rejects.toMatchObject({
      name: "ClosedError",
      code: "CONNECTION_LOST",
      outcome: "unknown",
    });
    await expect(held).rejects.toMatchObject({
      name: "ClosedError",
      code: "CONNECTION_LOST",
      outcome: "unsent",
    });
    expect(connection.alive).toBe(false);
    await expect(ask(connection, [["PING"]]).replies).rejects.toMatchObject({ outcome: "unsent" });
  });

  it("ends on a reply that answers no command", async () => {
    const [connection, server] = await start(ECHO);
    expect(await ask(connection, [["GET", "a"]]).replies).toEqual(["a"]);
    server.send("+OK\r\n");
    await server.client.closed;
    expect(connection.alive).toBe(false);
    await expect(ask(connection, [["GET", "a"]]).replies).rejects.toMatchObject({
      outcome: "unsent",
      cause: expect.any(ProtocolError),
    });
  });

  it("ends on one reply too many while others are awaited", async () => {
    const [connection, server] = await start();
    const one = ask(connection, [["GET", "a"]]);
    await server.commands(1);
    server.send(bulk("a") + bulk("orphan"));
    expect(await one.replies).toEqual(["a"]);
    await server.client.closed;
    await expect(ask(connection, [["GET", "b"]]).replies).rejects.toBeInstanceOf(ClosedError);
  });

  it.each([
    "HTTP/1.1 400 Bad Request\r\n",
    "*4294967296\r\n",
    "$536870913\r\n",
    "*1\r\n".repeat(1025),
    ":12x\r\n",
    "$3\r\nabcdef",
  ])("fails what is in flight with the ProtocolError of a hostile reply: %j", async (reply) => {
    const [connection, server] = await start();
    const asked = [ask(connection, [["GET", "a"]]), ask(connection, [["GET", "b"]])];
    await server.commands(2);
    server.send(reply);
    for (const one of asked) await expect(one.replies).rejects.toBeInstanceOf(ProtocolError);
    expect(connection.alive).toBe(false);
  });

  it("fails a reply that is cut off, instead of waiting for the rest", async () => {
    const [connection, server] = await start();
    const one = ask(connection, [["GET", "a"]]);
    await server.commands(1);
    server.send("$5\r\nhel");
    server.close();
    await expect(one.replies).rejects.toMatchObject({ outcome: "unknown" });
  });

  it("answers what is under way before it is released, and nothing after", async () => {
    const [connection, server] = await start();
    const one = ask(connection, [["GET", "a"]]);
    const released = connection.release();
    await expect(ask(connection, [["GET", "b"]]).replies).rejects.toMatchObject({ code: "CLOSED", outcome: "unsent" });
    await server.commands(1);
    server.send(bulk("a"));
    expect(await one.replies).toEqual(["a"]);
    await released;
    expect(server.seen).toEqual(["GET a"]);
  });
});
