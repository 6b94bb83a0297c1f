// CHUNKING, and messages in flight one behind the other: when the window opens, what goes alone, and what becomes of each
// message when something goes wrong in the middle.

import { ClosedError, ProtocolError } from "@landline/core";
import { expect, test } from "vitest";
import { smtp, SmtpError } from "../src/index.ts";
import type { SmtpClient, SmtpOptions } from "../src/index.ts";
import { parseOptions } from "../src/options.ts";
import { handshake, send } from "../src/wire.ts";
import type { Connection, Outgoing } from "../src/wire.ts";
import { scriptedServer } from "./scripted-server.ts";
import type { Script, ScriptedConnection } from "./scripted-server.ts";

const CAPABILITIES = ["PIPELINING", "SIZE 100000000", "CHUNKING", "8BITMIME"];
const LIMITS = { timeout: 5_000, dataTimeout: 5_000 };
const mailTo = (to: string) => ({ from: "a@a.example", to, subject: to, text: "hello\n.\nbye" });

function client(
  script: Script,
  options: Partial<SmtpOptions> = {},
): { mail: SmtpClient; connections: ScriptedConnection[] } {
  const { connect, connections } = scriptedServer({ capabilities: CAPABILITIES, ...script });
  return { mail: smtp({ hostname: "mx.example", tls: "off", connect, pool: { max: 1 }, ...options }), connections };
}

async function session(script: Script = {}): Promise<{ connection: Connection; server: ScriptedConnection }> {
  const { connect, connections } = scriptedServer({ capabilities: CAPABILITIES, ...script });
  const connection = await handshake(parseOptions({ hostname: "mx.example", tls: "off", connect }));
  return { connection, server: connections[0] as ScriptedConnection };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const small = (to: string | string[], text = "x\r\n"): Outgoing => ({
  envelope: { from: "a@a.example", to: [to].flat() },
  smtpUtf8: false,
  size: text.length,
  body: [bytes(text)],
});
const failure = async (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => error as Error,
  );

/** Answers held back until they are let go, so that messages are in flight. */
function held(): Script & { release(): void } {
  const waiting: (() => void)[] = [];
  let open = true;
  return {
    answer: (command, connection) => {
      if (command.startsWith("QUIT")) return undefined;
      const reply = "250 2.0.0 ok\r\n";
      if (/^(?:RSET|MAIL|RCPT|BDAT)/.test(command) && connection.messages.length > 1) open = false;
      if (open || !/^(?:RSET|MAIL|RCPT|BDAT)/.test(command)) return undefined;
      waiting.push(() => connection.say(reply));
      return "";
    },
    release: () => {
      for (const go of waiting.splice(0)) go();
    },
  };
}

test("the first message waits for its envelope; after a success each goes in one flight that begins with RSET", async () => {
  const { mail, connections } = client({});
  await mail.send(mailTo("one@b.example"));
  await mail.send(mailTo("two@b.example"));
  const [{ commands, messages }] = connections as [ScriptedConnection];
  expect(commands.slice(1).map((command) => command.replace(/\d+/, "n"))).toEqual([
    "MAIL FROM:<a@a.example> SIZE=n",
    "RCPT TO:<one@b.example>",
    "BDAT n LAST",
    "RSET",
    "MAIL FROM:<a@a.example> SIZE=n",
    "RCPT TO:<two@b.example>",
    "BDAT n LAST",
  ]);
  // No dot is doubled.
  expect(messages[1]).toMatch(/\r\n\r\nhello\r\n\.\r\nbye\r\n$/);
  await mail.end();
});

test("ten messages are in flight on one connection, the eleventh waits, and each is answered for itself", async () => {
  const gate = held();
  const { mail, connections } = client({ answer: gate.answer as never });
  await mail.send(mailTo("first@b.example"));
  const all = Array.from({ length: 40 }, (_, index) => mail.send(mailTo(`n${index}@b.example`)));
  const [server] = connections as [ScriptedConnection];
  while (server.messages.length < 11) await new Promise((resolve) => setTimeout(resolve));
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
  expect(server.messages.length).toBe(11);
  const pump = setInterval(() => gate.release());
  const receipts = await Promise.all(all);
  clearInterval(pump);
  expect(receipts.map(({ accepted }) => accepted[0]?.address)).toEqual(
    receipts.map((_, index) => `n${index}@b.example`),
  );
  expect(connections).toHaveLength(1);
  expect(server.messages).toHaveLength(41);
  const ending = mail.end();
  gate.release();
  await ending;
});

test("no window without PIPELINING or CHUNKING, nor where DATA is asked for", async () => {
  for (const [capabilities, options] of [
    [["CHUNKING"], {}],
    [["PIPELINING"], {}],
    [CAPABILITIES, { chunking: false }],
  ] as const) {
    const { mail, connections } = client({ capabilities }, options);
    await Promise.all([mail.send(mailTo("b@b.example")), mail.send(mailTo("c@b.example"))]);
    expect(connections[0]?.commands.filter((command) => command === "DATA")).toHaveLength(2);
    expect(connections[0]?.received).not.toContain("BDAT");
    await mail.end();
  }
});

test("a BDAT that was refused does not open the window; 5xx that says 'unknown' ends the connection", async () => {
  const refusing = await session({
    answer: (command) => (command.startsWith("BDAT") ? "554 5.7.1 spam\r\n" : undefined),
  });
  for (let count = 0; count < 2; count++) {
    expect(await failure(send(refusing.connection, small("b@b.example"), LIMITS))).toMatchObject({
      code: "554",
      phase: "message",
    });
  }
  expect(refusing.server.commands.filter((command) => command === "RSET")).toHaveLength(1);
  expect(refusing.connection.chunkTaken).toBe(false);
  await refusing.connection.release();
  const ignorant = await session({
    answer: (command) => (command.startsWith("BDAT") ? "500 5.5.1 what\r\n" : undefined),
  });
  expect(await failure(send(ignorant.connection, small("b@b.example"), LIMITS))).toMatchObject({
    code: "500",
    outcome: "refused",
  });
  expect(ignorant.connection.alive).toBe(false);
});

test("in a window each message keeps its own refusals, and the next one is not harmed", async () => {
  const { connection, server } = await session({
    answer: (command, { commands }) => {
      if (/<(?:no|x)/.test(command) && command.startsWith("RCPT")) return "550 5.1.1 nobody\r\n";
      if (command.startsWith("MAIL FROM:<bad@")) return "553 5.1.8 not you\r\n";
      if (command.startsWith("RCPT") && commands.at(-2)?.startsWith("MAIL FROM:<bad@"))
        return "503 5.5.1 MAIL first\r\n";
      if (command.startsWith("BDAT") && /<no|RCPT TO:<b1/.test(commands.at(-2) ?? ""))
        return "503 5.5.1 no recipients\r\n";
      if (command.startsWith("BDAT") && commands.at(-2)?.includes("<spam")) return "554 5.6.0 spam\r\n";
      return undefined;
    },
  });
  await send(connection, small("warm@b.example"), LIMITS);
  const results = await Promise.allSettled([
    send(connection, small(["x@b.example", "ok@b.example"]), LIMITS),
    send(connection, small("no@b.example"), LIMITS),
    send(connection, { ...small("b1@b.example"), envelope: { from: "bad@a.example", to: ["b1@b.example"] } }, LIMITS),
    send(connection, small("spam@b.example"), LIMITS),
    send(connection, small("last@b.example"), LIMITS),
  ]);
  expect(results).toMatchObject([
    { value: { accepted: [{ address: "ok@b.example" }], rejected: [{ address: "x@b.example", code: 550 }] } },
    { reason: { code: "550", phase: "rcpt", outcome: "refused" } },
    { reason: { code: "553", phase: "mail", outcome: "refused" } },
    { reason: { code: "554", phase: "message", outcome: "refused", delivery: { rejected: [{ code: 554 }] } } },
    { value: { accepted: [{ address: "last@b.example" }] } },
  ]);
  expect(server.messages).toHaveLength(6);
  await connection.release();
});

test("a connection lost in the middle of a window: what was answered is known, the rest is unknown, nothing is sent again", async () => {
  const { mail, connections } = client({
    answer: (command, { messages }) => {
      if (command.startsWith("RCPT TO:<x@")) return "550 5.1.1 no\r\n";
      return messages.length === 4 && command.startsWith("BDAT") ? { after: "end" } : undefined;
    },
  });
  await mail.send(mailTo("warm@b.example"));
  const results = await Promise.allSettled(
    ["1@b.example", "2@b.example", "x@b.example, 3@b.example"].map((to) => mail.send(mailTo(to))),
  );
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
  const { reason } = results[2] as PromiseRejectedResult;
  expect(reason).toBeInstanceOf(SmtpError);
  expect(reason).toMatchObject({
    outcome: "unknown",
    delivery: { accepted: [], rejected: [{ address: "x@b.example" }], unknown: ["3@b.example"] },
  });
  expect((reason as SmtpError).cause).toBeInstanceOf(ClosedError);
  expect(connections).toHaveLength(1);
  await mail.end();
});

test("an abort gives up one message of a window, and no other", async () => {
  const gate = held();
  const { mail, connections } = client({ answer: gate.answer as never });
  await mail.send(mailTo("first@b.example"));
  const controller = new AbortController();
  const reason = new Error("changed my mind");
  const results = [
    mail.send(mailTo("1@b.example")),
    mail.send(mailTo("2@b.example"), { signal: controller.signal }),
    mail.send(mailTo("3@b.example")),
  ];
  while ((connections[0] as ScriptedConnection).messages.length < 4) {
    gate.release();
    await new Promise((resolve) => setTimeout(resolve));
  }
  controller.abort(reason);
  expect(await failure(results[1] as Promise<unknown>)).toBe(reason);
  const pump = setInterval(() => gate.release());
  await Promise.all([results[0], results[2], mail.send(mailTo("4@b.example"))]);
  clearInterval(pump);
  expect(connections).toHaveLength(1);
  const ending = mail.end();
  gate.release();
  await ending;
});

test("end() lets what is in flight be answered", async () => {
  const gate = held();
  const { mail, connections } = client({ answer: gate.answer as never });
  await mail.send(mailTo("first@b.example"));
  const sent = [mail.send(mailTo("1@b.example")), mail.send(mailTo("2@b.example"))];
  while ((connections[0] as ScriptedConnection).messages.length < 3)
    await new Promise((resolve) => setTimeout(resolve));
  const ending = mail.end();
  gate.release();
  await Promise.all(sent);
  await ending;
  expect(connections[0]?.commands.at(-1)).toBe("QUIT");
});

test("a stream goes alone, in chunks whose headers leave with their bytes", async () => {
  const { connection, server } = await session();
  await send(connection, small("warm@b.example"), LIMITS);
  const behind = send(connection, small("small@b.example"), LIMITS);
  let step!: () => void;
  const more = new Promise<void>((resolve) => (step = resolve));
  async function* source(): AsyncGenerator<Uint8Array> {
    yield bytes("x".repeat(70_000));
    yield bytes("y".repeat(10));
    await more;
    expect(server.received).toMatch(/BDAT 65536\r\nx+$/);
    yield bytes("\n.\nz");
  }
  const sent = send(connection, { ...small("big@b.example"), size: undefined, body: source() }, LIMITS);
  while (!server.received.includes("BDAT 65536\r\n")) await new Promise((resolve) => setTimeout(resolve));
  step();
  expect((await sent).accepted).toHaveLength(1);
  await behind;
  expect(server.messages[2]).toBe(`${"x".repeat(70_000)}${"y".repeat(10)}\r\n.\r\nz\r\n`);
  expect(server.commands.slice(-4).map((command) => command.split(" ")[0])).toEqual(["MAIL", "RCPT", "BDAT", "BDAT"]);
  await connection.release();
});

test("a stream that fails never ends a message", async () => {
  const { connection, server } = await session();
  const reason = new Error("the file went away");
  async function* source(): AsyncGenerator<Uint8Array> {
    yield bytes("x".repeat(100_000));
    throw reason;
  }
  expect(await failure(send(connection, { ...small("b@b.example"), size: undefined, body: source() }, LIMITS))).toBe(
    reason,
  );
  expect(server.received).not.toContain("LAST");
  expect(connection.alive).toBe(false);
});

test("a chunk that is refused stops the source, and leaves a session that works", async () => {
  const { connection, server } = await session({
    answer: (command) => (/^BDAT 6\d+$/.test(command) ? "552 5.3.4 too much\r\n" : undefined),
  });
  let told = false;
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        yield bytes("x".repeat(65_536));
        await new Promise((resolve) => setTimeout(resolve));
      }
    } finally {
      told = true;
    }
  }
  const error = await failure(send(connection, { ...small("b@b.example"), size: undefined, body: source() }, LIMITS));
  expect(error).toMatchObject({
    code: "552",
    phase: "message",
    outcome: "refused",
    delivery: { rejected: [{ code: 552 }] },
  });
  expect(told).toBe(true);
  expect(server.received).not.toContain("LAST");
  await send(connection, small("b@b.example"), LIMITS);
  await connection.release();
});

test.each(["354 go on\r\n", "250 ok\r\n250 ok\r\n"])("%j to a chunk ends the connection", async (answer) => {
  const { connection } = await session({ answer: (command) => (command.startsWith("BDAT") ? answer : undefined) });
  await Promise.allSettled([send(connection, small("b@b.example"), LIMITS)]);
  expect(connection.alive).toBe(false);
  expect(await failure(send(connection, small("c@b.example"), LIMITS))).toBeInstanceOf(ProtocolError);
});

test("a message that was taken although every recipient was refused ends the connection", async () => {
  let warm = true;
  const { connection } = await session({
    answer: (command) => (!warm && command.startsWith("RCPT") ? "550 5.1.1 no\r\n" : undefined),
  });
  await send(connection, small("b@b.example"), LIMITS);
  warm = false;
  expect(await failure(send(connection, small("c@b.example"), LIMITS))).toMatchObject({ code: "550", phase: "rcpt" });
  expect(connection.alive).toBe(false);
  expect(
    await failure(connection.exchange({ phase: "noop", timeout: 1, replies: 1, write: () => {} }, { reply: () => {} })),
  ).toBeInstanceOf(ProtocolError);
});

test("an envelope that cannot be written leaves a window as it was", async () => {
  const { connection, server } = await session();
  await send(connection, small("b@b.example"), LIMITS);
  const before = server.received;
  expect(await failure(send(connection, small("x>\r\nRCPT TO:<y@z.example"), LIMITS))).toBeInstanceOf(TypeError);
  expect(server.received).toBe(before);
  await send(connection, small("b@b.example"), LIMITS);
  await connection.release();
});

test("a rate limit holds over all connections, in windows and without; an abort while waiting harms nobody", async () => {
  for (const options of [{}, { chunking: false, pool: { max: 3 } }]) {
    const { mail, connections } = client({}, { rateLimit: 4, rateDelta: 3_600_000, ...options });
    const controller = new AbortController();
    const reason = new Error("enough");
    const all = Array.from({ length: 7 }, (_, index) =>
      mail.send(mailTo(`${index}@b.example`), { signal: controller.signal }),
    );
    await Promise.all(all.slice(0, 4));
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
    expect(connections.flatMap(({ messages }) => messages)).toHaveLength(4);
    controller.abort(reason);
    for (const late of all.slice(4)) expect(await failure(late)).toBe(reason);
    expect(connections.every(({ closed }) => !closed)).toBe(true);
    await mail.end();
  }
});

test("a connection lost while its message waits for its turn leaves it unsent", async () => {
  const { mail, connections } = client({}, { rateLimit: 1, rateDelta: 60_000 });
  await mail.send(mailTo("1@b.example"));
  const waiting = failure(mail.send(mailTo("2@b.example")));
  await new Promise((resolve) => setTimeout(resolve));
  connections[0]?.say("421 4.4.2 idle\r\n");
  expect(await waiting).toMatchObject({ outcome: "unsent" });
  expect(connections[0]?.messages).toHaveLength(1);
  await mail.end();
});

test("a connection that refuses too often is not used again, and its window shrinks with each refusal", async () => {
  const { mail, connections } = client({
    answer: (command, { commands }) => {
      if (command.startsWith("RCPT TO:<x")) return "550 5.1.1 no\r\n";
      return command.startsWith("BDAT") && commands.at(-2)?.includes("<x") === true
        ? "503 5.5.1 no recipients\r\n"
        : undefined;
    },
  });
  await mail.send(mailTo("warm@b.example"));
  const results = await Promise.allSettled(
    Array.from({ length: 60 }, (_, index) => mail.send(mailTo(`${index % 2 === 0 ? "x" : "u"}${index}@b.example`))),
  );
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(30);
  for (const result of results)
    if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "550", outcome: "refused" });
  expect(connections.length).toBeGreaterThan(2);
  for (const { commands } of connections)
    expect(commands.filter((command) => command.startsWith("RCPT TO:<x")).length).toBeLessThanOrEqual(10);
  await mail.end();
});
