// The inputs of public advisories about mail clients, each by its name, and what a client for Workers did wrong: none of it
// is possible here. Every message goes the whole way, to a server that keeps each byte.

import { ProtocolError, TlsError } from "@landline/core";
import { expect, test } from "vitest";
import { smtp } from "../src/index.ts";
import type { Message, SmtpOptions } from "../src/index.ts";
import { parseAddresses } from "../src/message/index.ts";
import { handshake, send } from "../src/wire.ts";
import type { Outgoing } from "../src/wire.ts";
import { scriptedServer } from "./scripted-server.ts";
import type { Script, ScriptedConnection } from "./scripted-server.ts";

const MESSAGE = { from: "a@a.example", to: "b@b.example", subject: "x", text: "x" };
const PASSWORD = "pa55-word";
const EVIL = "\r\nRCPT TO:<evil@z.example>";

/** Sends, and returns what the server saw, and the error. */
async function attempt(
  message: unknown,
  script: Script = {},
  options: Partial<SmtpOptions> = {},
): Promise<{ error: unknown; connections: ScriptedConnection[]; received: string }> {
  const { connect, connections } = scriptedServer(script);
  const mail = smtp({ hostname: "mx.example", connect, tls: "off", ...options });
  const error = await mail.send({ ...MESSAGE, ...(message as Message) }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  await mail.end();
  return { error, connections, received: connections.map(({ received }) => received).join("") };
}

/** Whether each is a `TypeError` before any connection is made. */
async function refused(...messages: unknown[]): Promise<boolean> {
  for (const message of messages) {
    const { error, connections } = await attempt(message);
    if (!(error instanceof TypeError) || connections.length > 0) return false;
  }
  return true;
}

const recipients = (received: string): string[] => received.match(/^RCPT TO:.*$/gm) ?? [];

test("a quoted local part goes to its own domain (GHSA-mm7p-fcc7-pg87)", async () => {
  const { received } = await attempt({ to: '"xclow3n@gmail.com x"@internal.example' });
  expect(recipients(received)).toEqual(
    ['RCPT TO:<"xclow3n@gmail.com x"@internal.example>\r'].map((line) => line.trim()),
  );
});

test("a quoted local part is no parameter (mikel/mail#1646, wneessen/go-mail#495)", async () => {
  const { received } = await attempt({ to: '"foo@psres.example> ORCPT=admin@admin.example"@test.example' });
  expect(recipients(received)).toEqual(['RCPT TO:<"foo@psres.example> ORCPT=admin@admin.example"@test.example>']);
});

test("a comment glues nothing (GHSA-cc9r-2j5m-2m83)", async () => {
  expect(await refused({ to: "user@good-corp.example(x)evil.example" })).toBe(true);
});

test("a domain whose ASCII form surprises (GHSA-wmmp-3585-3rmp)", async () => {
  expect(
    await refused({ to: "a@company\u00AD.example" }, { to: "a@ｇｍａｉｌ.example" }, { to: "a@a\u200bb.example" }),
  ).toBe(true);
});

test("a list of 200,000 addresses is read, and each of them kept once (GHSA-2x7j-588g-ccc2)", async () => {
  const list = Array.from({ length: 200_000 }, (_, index) => `u${index % 150_000}@b.example`);
  expect(parseAddresses(list.join(", "))).toHaveLength(200_000);
  const { received } = await attempt({ to: list.slice(0, 500).concat(list.slice(0, 500)) });
  expect(recipients(received)).toHaveLength(500);
});

test("groups in groups (GHSA-rcmh-qjqh-p98v, CVE-2025-14874)", async () => {
  expect(
    await refused({ to: `${"g: ".repeat(10_000)}a@b.example${";".repeat(10_000)}` }, { to: "g0: g1: a@b.example;;" }),
  ).toBe(true);
});

test("HTML is sent as it is, whatever is in it (GHSA-9h6g-pr28-7cqp)", async () => {
  const html = `<img src="data:image/png;base64,${"A".repeat(300_000)}`;
  const { error, connections } = await attempt({ html }, { capabilities: ["PIPELINING"] });
  expect(error).toBeUndefined();
  expect(connections[0]?.messages[0]?.replaceAll("=\r\n", "")).toContain("A".repeat(300_000));
});

test("the size of an envelope (GHSA-c7w3-x93f-qmm8)", async () => {
  const size = `100${EVIL}`;
  expect(await refused({ envelope: { from: "a@a.example", to: "b@b.example", size } })).toBe(true);
  const { connect, connections } = scriptedServer({ capabilities: ["SIZE 100"] });
  const connection = await handshake({
    address: { hostname: "mx.example", port: 25 },
    tls: "off",
    tlsOptions: {},
    name: "a.example",
    connectTimeout: 5_000,
    connect,
  });
  const outgoing = { envelope: { from: "a@a.example", to: ["b@b.example"] }, smtpUtf8: false, size, body: [] };
  await expect(
    send(connection, outgoing as unknown as Outgoing, { timeout: 5_000, dataTimeout: 5_000 }),
  ).rejects.toBeInstanceOf(TypeError);
  await connection.release();
  expect(connections[0]?.received).not.toContain("evil");
});

test("the name in EHLO (GHSA-vvjj-xcjg-gr5g)", async () => {
  const { connect, connections } = scriptedServer();
  for (const name of [`legit.host${EVIL}`, "legit.host evil", "legit\u0000host"])
    expect(() => smtp({ hostname: "mx.example", connect, name })).toThrow(TypeError);
  expect(connections).toEqual([]);
});

test("CRLF in an address object (CVE-2021-23400)", async () => {
  expect(
    await refused(
      { to: { name: "x", address: "a@b.example\r\nX: y" } },
      { from: { name: "x\r\nX: y", address: "a@b.example" } },
    ),
  ).toBe(true);
});

test("CRLF in a list's comment (GHSA-268h-hp4c-crq3)", async () => {
  expect(
    await refused(
      { list: { unsubscribe: { url: "https://a.example", comment: "x\r\nX: 1" } } },
      { list: { help: "https://a.example\r\nX: 1" } },
    ),
  ).toBe(true);
});

test("CRLF, quotes, controls and lone surrogates in every other place of a header (nodemailer 9.0.4 to 10.0.8)", async () => {
  expect(
    await refused(
      { headers: { "X-A\r\nX-B": "y" } },
      { headers: { "X A": "y" } },
      { headers: { "X-A": "y\r\nX-B: z" } },
      { headers: { "X-A": ["y", "z\u0000"] } },
      { subject: "x\r\nBcc: evil@z.example" },
      { subject: "\ud800" },
      { messageId: "<a@b>\r\nX: y" },
      { attachments: [{ filename: 'a.txt"\r\nX: y', content: "" }] },
      { attachments: [{ filename: "a", content: "", contentType: 'text/plain; name="a"; x\r\nX: y' }] },
      { attachments: [{ filename: "a", content: "", contentType: 'text/plain; name="\\"' }] },
      { attachments: [{ cid: "a>\r\nX: y", content: "" }] },
    ),
  ).toBe(true);
});

test("files and URLs are never read (GHSA-wqvq-jvpq-h66f)", async () => {
  expect(
    await refused(
      { attachments: [{ path: "/etc/passwd" }] },
      { attachments: [{ href: "http://169.254.169.254/" }] },
      { attachments: [{ content: { path: "/etc/passwd" } }] },
      { raw: { path: "/etc/passwd" } },
      { html: { path: "/etc/passwd" } },
      { text: { href: "http://169.254.169.254/" } },
    ),
  ).toBe(true);
});

test("CRLF in the server's name", () => {
  for (const hostname of ["mx.example\r\nHost: evil", "mx.example evil", "mx.example\0"])
    expect(() => smtp({ hostname })).toThrow(TypeError);
  expect(() => smtp("smtp://mx.example%0d%0aHost:evil")).toThrow(TypeError);
});

test.each(["220 go\r\n250-AUTH PLAIN\r\n", "220 go\r\n2", "220 go\r\n250 ok\r\n", "220 go\r\n\u00e9"])(
  "%j to STARTTLS is an injection (CVE-2021-38371, CVE-2026-41319, GHSA-vxj7-4xrp-5vr4)",
  async (answer) => {
    const script: Script = { answer: (command) => (command === "STARTTLS" ? answer : undefined) };
    const { error, connections, received } = await attempt({}, script, {
      tls: "starttls",
      username: "u",
      password: PASSWORD,
    });
    expect(error).toMatchObject({ name: "TlsError", code: "TLS_INJECTION" });
    expect(received).not.toMatch(/AUTH|MAIL/);
    expect(connections[0]?.closed).toBe(true);
  },
);

test.each(["454 4.7.0 later\r\n", "502 what\r\n", "354 go on\r\n", undefined])(
  "STARTTLS that is stripped (%j) ends without a login (CVE-2016-0772)",
  async (answer) => {
    const script: Script =
      answer === undefined
        ? { capabilities: ["AUTH PLAIN LOGIN"] }
        : { answer: (command) => (command === "STARTTLS" ? answer : undefined) };
    const { error, received } = await attempt({}, script, { tls: "starttls", username: "u", password: PASSWORD });
    expect(error).toBeInstanceOf(answer?.startsWith("354") === true ? ProtocolError : TlsError);
    expect(received).not.toMatch(/AUTH|MAIL/);
  },
);

test("CRLF in the arguments of commands (GHSA-v3q9-hj7j-63hq, bpo-43124, CVE-2026-30227)", async () => {
  expect(
    await refused(
      { to: `b@y.example>${EVIL}` },
      { to: `"a${EVIL}"@b.example` },
      { envelope: { from: `a@a.example${EVIL}`, to: "b@b.example" } },
      { dsn: { id: `x${EVIL}` } },
      { to: "a\u007f@b.example" },
    ),
  ).toBe(true);
});

const LINES = [".", "..", ".test", ". ", "a\r\n.\r\nMAIL FROM:<evil@z.example>"];
const SMUGGLED = ["\n.\n", "\n.\r\n", "\r.\r", "\r\n.\r", "\r\r\n.\r\r\n", "\r.\n", "\n.\r"];

test.each([...LINES, ...SMUGGLED])(
  "%j ends no message, wherever it is cut (RUSTSEC-2021-0069, CVE-2023-51764, VU#302671)",
  async (sequence) => {
    const body = `Subject: x\r\n\r\nbefore${sequence}after\r\n${sequence}\r\nend\r\n`;
    for (const capabilities of [["PIPELINING"], ["PIPELINING", "CHUNKING"]]) {
      for (let cut = 0; cut <= sequence.length; cut++) {
        const at = body.indexOf(sequence) + cut;
        const pieces = [body.slice(0, at), body.slice(at)].map((text) => new TextEncoder().encode(text));
        const raw = (async function* source() {
          yield* pieces;
        })();
        const envelope = { from: "a@a.example", to: "b@b.example" };
        const { connect, connections } = scriptedServer({ capabilities: [...capabilities, "8BITMIME"] });
        await using mail = smtp({ hostname: "mx.example", connect, tls: "off" });
        await mail.send({ raw, envelope });
        expect(connections[0]?.messages).toHaveLength(1);
        const [message = ""] = connections[0]?.messages ?? [];
        expect(message.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
        expect(message).toContain("end");
        expect(connections[0]?.commands.filter((command) => command.startsWith("MAIL"))).toHaveLength(1);
      }
    }
  },
);

test('an encoded word, or a second address, in an address (python/cpython#152519, "Splitting the email atom")', async () => {
  expect(
    await refused({ to: "=?utf-8?q?a=40evil.com=3e?=@good.example" }, { to: "<aaa@bbb.example>ccc@ddd.example" }),
  ).toBe(true);
});

test.each([
  ["an endless line", `220 ${"x".repeat(200_000)}`],
  ["endless lines", "220-x\r\n".repeat(30_000)],
])("%s ends at its limit", async (_what, greeting) => {
  const { error, connections } = await attempt({}, { greeting });
  expect(error).toMatchObject({ name: "ProtocolError", code: "PROTOCOL_LIMIT", outcome: "unsent" });
  expect(connections[0]?.closed).toBe(true);
});

test("a reply that nobody asked for is paired with nothing", async () => {
  const script: Script = {
    answer: (command) => (command.startsWith("MAIL") ? "250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n" : undefined),
  };
  const { error, connections } = await attempt({}, { capabilities: [], ...script });
  expect(error).toMatchObject({ name: "ProtocolError", outcome: "unsent" });
  expect(connections[0]?.messages).toEqual([]);
});

test("an answer that comes too late is nobody's", async () => {
  let slow = true;
  const script: Script = { answer: (command) => (slow && command.startsWith("MAIL") ? "" : undefined) };
  const { connect, connections } = scriptedServer({ capabilities: [], ...script });
  const mail = smtp({ hostname: "mx.example", connect, tls: "off", commandTimeout: 30 });
  await expect(mail.send(MESSAGE)).rejects.toMatchObject({ code: "TIMEOUT", outcome: "unsent" });
  slow = false;
  connections[0]?.say("250 for the message before\r\n");
  await mail.send(MESSAGE);
  expect(connections).toHaveLength(2);
  expect(connections[0]?.closed).toBe(true);
  await mail.end();
});

test("354 after every recipient was refused gets no body (RFC 2920 3.1)", async () => {
  const script: Script = { answer: (command) => (command.startsWith("RCPT") ? "550 5.1.1 no\r\n" : undefined) };
  const { error, connections, received } = await attempt(
    { to: "b@b.example, c@b.example" },
    { capabilities: ["PIPELINING"], ...script },
  );
  expect(error).toMatchObject({ code: "550", phase: "rcpt" });
  expect(received).not.toContain("Subject:");
  expect(connections[0]?.closed).toBe(true);
});

test("no secret is in an error or in what is observed", async () => {
  const seen: unknown[] = [];
  const observe: NonNullable<SmtpOptions["observe"]> = (operation) => {
    seen.push(operation);
    return (end: unknown) => void seen.push(end);
  };
  const script: Script = {
    implicitTls: true,
    answer: (command) => (command.startsWith("AUTH") ? `535 5.7.8 ${command} ${PASSWORD}\r\n` : undefined),
  };
  const { error } = await attempt({}, script, { tls: "on", username: "user", password: PASSWORD, observe });
  const told = `${JSON.stringify(seen)} ${String(error)} ${JSON.stringify(error)} ${(error as Error).stack}`;
  expect(seen.length).toBeGreaterThan(0);
  expect(told).toContain("535");
  for (const secret of [PASSWORD, btoa(`\0user\0${PASSWORD}`)]) expect(told).not.toContain(secret);
});

// What the client that Workers had went wrong in.

test("bcc is in no header, and each header has what was given", async () => {
  const { connections } = await attempt({
    bcc: "secret@z.example",
    subject: "ä".repeat(200),
    to: Array.from({ length: 60 }, (_, index) => `recipient${index}@b.example`),
  });
  const [message = ""] = connections[0]?.messages ?? [];
  expect(message).not.toMatch(/bcc|secret/i);
  for (const line of message.split("\r\n")) expect(line.length).toBeLessThanOrEqual(78);
});

test("one recipient of two is refused, and the other one has the mail", async () => {
  const script: Script = { answer: (command) => (command.includes("<no@") ? "550 5.1.1 no\r\n" : undefined) };
  const { error, connections } = await attempt({ to: "no@b.example, yes@b.example" }, script);
  expect(error).toBeUndefined();
  expect(connections[0]?.messages).toHaveLength(1);
});

test("a password that is not Latin-1 logs in, by CRAM-MD5 too", async () => {
  const script: Script = {
    implicitTls: true,
    secureCapabilities: ["AUTH CRAM-MD5"],
    answer: (command) => {
      if (command === "AUTH CRAM-MD5") return `334 ${btoa("<1896.697170952@mx.example>")}\r\n`;
      return command.startsWith("dXNlciA") ? "235 ok\r\n" : undefined;
    },
  };
  expect((await attempt({}, script, { tls: "on", username: "user", password: "пароль" })).error).toBeUndefined();
  const plain = await attempt({}, { implicitTls: true }, { tls: "on", username: "user", password: "пароль" });
  expect(plain.error).toBeUndefined();
});

test("a server that hangs up behind EHLO is an error, not a loop", async () => {
  const { error } = await attempt(
    {},
    { answer: (command) => (command.startsWith("EHLO") ? { after: "end" } : undefined) },
  );
  expect(error).toMatchObject({ name: "ClosedError", outcome: "unsent" });
});
