import { ConnectError } from "@landline/core";
import { describe, expect, it } from "vitest";
import { FakeServer } from "../test/fake-server.ts";
import type { Script } from "../test/fake-server.ts";
import { RedisError } from "./errors.ts";
import { factsOf } from "./commands.ts";
import type { CommandFacts } from "./commands.ts";
import { Connection } from "./connection.ts";
import type { ConnectionOptions } from "./connection.ts";
import { Pipeline, Single, Transaction } from "./flights.ts";
import { Link } from "./link.ts";
import type { LinkOptions } from "./link.ts";
import { DEFAULT_FORMAT } from "./protocol/messages.ts";
import type { Command } from "./protocol/messages.ts";

const FACTS = { protocol: 3, server: "fake", version: "1", id: 1 } as const;
const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
const ECHO: Script = (words) => bulk(words.at(-1) ?? "");
const PATIENT = { timeout: 10_000, signal: undefined };

/** A link that meets a server of each script in turn, and then the last one again. */
function linkTo(
  scripts: readonly (Script | Error)[],
  options?: ConnectionOptions,
  linkOptions?: LinkOptions,
): { link: Link; servers: FakeServer[] } {
  const servers: FakeServer[] = [];
  let opened = 0;
  const link = new Link(async () => {
    const script = scripts[Math.min(opened++, scripts.length - 1)]!;
    if (script instanceof Error) throw script;
    const server = await FakeServer.start(script);
    servers.push(server);
    return new Connection(server.client, FACTS, options);
  }, linkOptions);
  return { link, servers };
}

function order(command: Command): { command: Command; facts: CommandFacts | undefined } {
  return { command, facts: factsOf(command) };
}

function send(
  link: Link,
  command: Command,
  patience: { timeout: number; signal: AbortSignal | undefined } = PATIENT,
): Promise<unknown> {
  return new Promise((resolve, reject) =>
    link.send(new Single(order(command), DEFAULT_FORMAT, resolve, reject), patience),
  );
}

function fly(link: Link, Kind: typeof Pipeline | typeof Transaction, commands: readonly Command[]): Promise<unknown> {
  return new Promise((resolve, reject) =>
    link.send(new Kind(commands.map(order), DEFAULT_FORMAT, resolve, reject), PATIENT),
  );
}

/** Loses the connection once `count` commands have come. */
const loseAfter =
  (count: number): Script =>
  (_words, server) => {
    if (server.seen.length === count) server.reset();
    return undefined;
  };

describe("Link", () => {
  it("opens one session for all that wait, and keeps their order", async () => {
    const { link, servers } = linkTo([ECHO]);
    expect(await Promise.all([send(link, ["GET", "a"]), send(link, ["GET", "b"])])).toEqual(["a", "b"]);
    expect(await send(link, ["GET", "c"])).toBe("c");
    expect(servers).toHaveLength(1);
    expect(servers[0]!.seen).toEqual(["GET a", "GET b", "GET c"]);
  });

  it("sends reads again after a loss, and writes never", async () => {
    const { link, servers } = linkTo([loseAfter(4), ECHO]);
    const read = send(link, ["GET", "a"]);
    const write = send(link, ["INCR", "n"]);
    const called = fly(link, Pipeline, [
      ["GET", "x"],
      ["INCR", "m"],
    ]);
    expect(await read).toBe("a");
    await expect(write).rejects.toMatchObject({ name: "ClosedError", code: "CONNECTION_LOST", outcome: "unknown" });
    await expect(called).rejects.toMatchObject({ outcome: "unknown" });
    expect(servers[1]!.seen).toEqual(["GET a"]);
  });

  it("sends a pipeline of reads again, and one command of no known kind not", async () => {
    const { link, servers } = linkTo([loseAfter(3), ECHO]);
    const reads = fly(link, Pipeline, [
      ["GET", "a"],
      ["GET", "b"],
    ]);
    const unknown = send(link, ["MODULE.READ", "k"]);
    expect(await reads).toEqual(["a", "b"]);
    await expect(unknown).rejects.toMatchObject({ outcome: "unknown" });
    expect(servers[1]!.seen).toEqual(["GET a", "GET b"]);
  });

  it("sends a read again once, not for ever", async () => {
    const { link, servers } = linkTo([loseAfter(1)]);
    await expect(send(link, ["GET", "a"])).rejects.toMatchObject({ code: "CONNECTION_LOST", outcome: "unknown" });
    expect(servers).toHaveLength(2);
  });

  it("does not send again what is partly answered", async () => {
    const script: Script = ([, key], server) => {
      if (key === "a") return bulk("a");
      server.close();
      return undefined;
    };
    const { link, servers } = linkTo([script, ECHO]);
    await expect(
      fly(link, Pipeline, [
        ["GET", "a"],
        ["GET", "b"],
      ]),
    ).rejects.toMatchObject({ outcome: "unknown" });
    expect(servers).toHaveLength(1);
  });

  it("sends a write again that never left", async () => {
    const { link, servers } = linkTo([loseAfter(1), ECHO], { maxInFlight: 1 });
    const sent = send(link, ["INCR", "a"]);
    const held = send(link, ["INCR", "b"]);
    await expect(sent).rejects.toMatchObject({ outcome: "unknown" });
    expect(await held).toBe("b");
    expect(servers[1]!.seen).toEqual(["INCR b"]);
  });

  it("does not send again after a broken protocol", async () => {
    const { link, servers } = linkTo([() => "?\r\n", ECHO]);
    await expect(send(link, ["GET", "a"])).rejects.toMatchObject({ name: "ProtocolError" });
    expect(servers).toHaveLength(1);
    expect(await send(link, ["GET", "b"])).toBe("b");
  });

  it("opens another session after one was lost while idle", async () => {
    const { link, servers } = linkTo([ECHO]);
    expect(await send(link, ["INCR", "a"])).toBe("a");
    servers[0]!.close();
    await servers[0]!.client.closed;
    expect(await send(link, ["INCR", "b"])).toBe("b");
    expect(servers).toHaveLength(2);
  });

  it("rejects all that wait with the reason why there is no session, and then tries anew", async () => {
    const failure = new ConnectError("nobody there", { code: "CONNECT_REFUSED", outcome: "unsent" });
    const { link } = linkTo([failure, failure, ECHO]);
    const both = await Promise.allSettled([send(link, ["GET", "a"]), send(link, ["GET", "b"])]);
    expect(both).toEqual([expect.objectContaining({ reason: failure }), expect.objectContaining({ reason: failure })]);
    await expect(send(link, ["GET", "a"])).rejects.toBe(failure);
    expect(await send(link, ["GET", "c"])).toBe("c");
  });

  it("fails at once while the pause after a failure is longer than a caller waits", async () => {
    const failure = new ConnectError("nobody there", { code: "CONNECT_REFUSED", outcome: "unsent" });
    const { link, servers } = linkTo([failure, ECHO]);
    await expect(send(link, ["GET", "a"])).rejects.toBe(failure);
    await expect(send(link, ["GET", "a"], { timeout: 1, signal: undefined })).rejects.toBe(failure);
    expect(servers).toHaveLength(0);
  });

  it("fails at once between two attempts if it is asked to", async () => {
    const failure = new ConnectError("nobody there", { code: "CONNECT_REFUSED", outcome: "unsent" });
    const { link, servers } = linkTo([failure, ECHO], {}, { failFast: true });
    await expect(send(link, ["GET", "a"])).rejects.toBe(failure);
    await expect(send(link, ["GET", "a"])).rejects.toBe(failure);
    expect(servers).toHaveLength(0);
  });

  it("sends again what a server that is loading has refused, writes too, until the deadline", async () => {
    const LOADING = "-LOADING Redis is loading the dataset in memory\r\n";
    const script: Script = (words, { seen }) => (seen.length < 3 ? LOADING : bulk(words.at(-1)!));
    const { link, servers } = linkTo([script]);
    expect(await send(link, ["INCR", "a"])).toBe("a");
    expect(servers[0]!.seen).toEqual(["INCR a", "INCR a", "INCR a"]);
    const { link: never } = linkTo([() => LOADING]);
    const refused = send(never, ["GET", "a"], { timeout: 1, signal: undefined });
    await expect(refused).rejects.toMatchObject({ code: "LOADING", outcome: "refused" });
    const stop = new AbortController();
    const aborted = send(never, ["GET", "a"], { timeout: Infinity, signal: stop.signal });
    stop.abort(new Error("enough"));
    await expect(aborted).rejects.toBe(stop.signal.reason);
  });

  it("waits for a server that is loading to take the login", async () => {
    const loading = new RedisError("LOADING Redis is loading the dataset in memory");
    const { link } = linkTo([loading, loading, ECHO]);
    expect(await send(link, ["INCR", "a"])).toBe("a");
    const { link: never } = linkTo([loading]);
    await expect(send(never, ["GET", "a"], { timeout: 1, signal: undefined })).rejects.toBe(loading);
    await never.end();
  });

  it("asks a new connection once where the old one leads to a replica", async () => {
    const READONLY = "-READONLY You can't write against a read only replica.\r\n";
    let left = 0;
    const { link, servers } = linkTo([() => READONLY, ECHO], {}, { onLeft: () => left++ });
    expect(await Promise.all([send(link, ["INCR", "a"]), send(link, ["SET", "b", "v"])])).toEqual(["a", "v"]);
    expect(servers.map(({ seen }) => seen)).toEqual([
      ["INCR a", "SET b v"],
      ["INCR a", "SET b v"],
    ]);
    expect(left).toBe(1);
    const { link: replica, servers: all } = linkTo([() => READONLY]);
    await expect(send(replica, ["INCR", "a"])).rejects.toMatchObject({ code: "READONLY", outcome: "refused" });
    expect(all).toHaveLength(2);
  });

  it.each([
    ["a script", ["EVAL", "return redis.error_reply('LOADING')", 0], "LOADING no"],
    ["what is of no known kind", ["MODULE.WRITE", "k"], "LOADING no"],
    ["a script", ["FCALL", "f", 0], "READONLY no"],
  ] as const)("takes the word of %s for no refusal of the server", async (_name, command, error) => {
    const { link, servers } = linkTo([() => `-${error}\r\n`]);
    await expect(send(link, command)).rejects.toMatchObject({ message: error });
    expect(servers[0]!.seen).toHaveLength(1);
  });

  it("releases a caller in flight, and keeps the order for the others", async () => {
    const { link, servers } = linkTo([() => undefined]);
    const stop = new AbortController();
    const aborted = send(link, ["GET", "a"], { timeout: 10_000, signal: stop.signal });
    const late = send(link, ["GET", "b"], { timeout: 1, signal: undefined });
    const kept = send(link, ["GET", "c"]);
    await expect(late).rejects.toMatchObject({ name: "TimeoutError", code: "TIMEOUT", outcome: "unknown" });
    const reason = new Error("no longer needed");
    stop.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    servers[0]!.send(bulk("a") + bulk("b") + bulk("c"));
    expect(await kept).toBe("c");
    const next = send(link, ["GET", "d"]);
    await servers[0]!.commands(4);
    servers[0]!.send(bulk("d"));
    expect(await next).toBe("d");
  });

  it("releases a caller that waits for a session", async () => {
    const link = new Link(
      (signal) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    );
    const stop = new AbortController();
    const aborted = send(link, ["GET", "a"], { timeout: 10_000, signal: stop.signal });
    await expect(send(link, ["INCR", "b"], { timeout: 1, signal: undefined })).rejects.toMatchObject({
      outcome: "unsent",
    });
    stop.abort();
    await expect(aborted).rejects.toBe(stop.signal.reason);
    await expect(send(link, ["GET", "c"], { timeout: 10_000, signal: stop.signal })).rejects.toBe(stop.signal.reason);
    await link.end();
  });

  it("finishes what is under way when it ends, and refuses what comes after", async () => {
    const { link, servers } = linkTo([ECHO]);
    const before = send(link, ["GET", "a"]);
    const ended = link.end();
    await expect(send(link, ["GET", "b"])).rejects.toMatchObject({ code: "CLOSED", outcome: "unsent" });
    expect(await before).toBe("a");
    await ended;
    expect(servers[0]!.seen).toEqual(["GET a"]);
    await link.end();
  });

  it("does not come back for a retry once it has ended", async () => {
    const { link, servers } = linkTo([() => undefined, ECHO]);
    const read = send(link, ["GET", "a"]);
    const other = send(link, ["GET", "b"], { timeout: 1, signal: undefined });
    await expect(other).rejects.toMatchObject({ code: "TIMEOUT" });
    const ended = link.end();
    servers[0]!.reset();
    await expect(read).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    await ended;
    expect(servers).toHaveLength(1);
  });
});

describe("Transaction", () => {
  const transaction = (answers: readonly string[], commands: readonly Command[]): Promise<unknown> => {
    let index = 0;
    return fly(linkTo([() => answers[index++]]).link, Transaction, commands);
  };
  const COMMANDS_SENT: readonly Command[] = [
    ["INCR", "n"],
    ["HGETALL", "h"],
  ];

  it("resolves to the results of EXEC in the form of each command, errors included", async () => {
    const answers = ["+OK\r\n", "+QUEUED\r\n", "+QUEUED\r\n", "*2\r\n-WRONGTYPE no\r\n*2\r\n+f\r\n+v\r\n"];
    const [error, fields] = (await transaction(answers, COMMANDS_SENT)) as [unknown, unknown];
    expect(error).toMatchObject({ name: "RedisError", code: "WRONGTYPE", command: "INCR" });
    expect(fields).toEqual({ f: "v" });
  });

  it("tells why the server would not carry it out", async () => {
    const answers = ["+OK\r\n", "-ERR unknown command\r\n", "-ERR also\r\n", "-EXECABORT Transaction discarded\r\n"];
    await expect(transaction(answers, COMMANDS_SENT)).rejects.toMatchObject({
      code: "EXECABORT",
      outcome: "refused",
      cause: { message: "ERR unknown command", command: "INCR" },
    });
  });

  it("does not claim to know the outcome when MULTI itself was refused", async () => {
    const answers = ["-NOPERM multi\r\n", ":1\r\n", "*0\r\n", "-ERR EXEC without MULTI\r\n"];
    await expect(transaction(answers, COMMANDS_SENT)).rejects.toMatchObject({
      outcome: "unknown",
      cause: { code: "NOPERM", command: "MULTI" },
    });
  });

  it("rejects when a watched key has changed, and when results are missing", async () => {
    const queued = ["+OK\r\n", "+QUEUED\r\n", "+QUEUED\r\n"];
    await expect(transaction([...queued, "_\r\n"], COMMANDS_SENT)).rejects.toMatchObject({
      code: "ABORTED",
      outcome: "refused",
    });
    await expect(transaction([...queued, "*1\r\n:1\r\n"], COMMANDS_SENT)).rejects.toMatchObject({
      name: "ProtocolError",
    });
  });

  it("is never sent again", async () => {
    const { link, servers } = linkTo([loseAfter(3), ECHO]);
    await expect(fly(link, Transaction, [["GET", "a"]])).rejects.toMatchObject({ outcome: "unknown" });
    expect(servers).toHaveLength(1);
  });
});
